#pragma once

#include <memory>
#include <string>
#include <vector>

#include "harness/child.h"

namespace cluster {

// A real DNS server (dnsmasq) on a port of 127.0.0.1 that stays the same, with whatever records the
// test wants at the time. Belongs to one thread.
class DnsServer {
 public:
  // Why there can be no server on this machine; "" if there can. Fails the test under CI.
  static std::string missing();

  DnsServer();

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  // Kills the server, if one runs, and starts one that answers with these records: dnsmasq's
  // options, for names that end in .test. Names that none of them has do not exist.
  void serve(const std::vector<std::string>& records);
  void kill() { process_.reset(); }
  // Until the server that runs has been asked `count` more times.
  void await_questions(size_t count);

 private:
  uint16_t port_ = 0;
  std::unique_ptr<Child> process_;
};

// A port that is free on all of 127.0.0.0/8 now, for TCP and UDP.
uint16_t free_port();

}  // namespace cluster
