#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "ring/relay.h"

namespace stress {

// Hosts with an address each, between which packets can be lost one way: network namespaces that a
// router in this process's own namespace joins. Where the system allows no namespaces they are
// addresses of the loopback device, and nothing can be cut. Belongs to the main thread, which the
// processes on the hosts die with.
class Network {
 public:
  // Before the first thread starts: leaves the network of the machine. False if that is not
  // allowed.
  static bool leave_the_machine();

  // `own`: what leave_the_machine() told. Throws HarnessFailure.
  Network(size_t hosts, bool own);
  ~Network();
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  bool can_cut() const { return own_; }
  const std::string& address(size_t host) const { return addresses_[host]; }

  // What this thread starts while it lives runs on that host.
  class Inside {
   public:
    Inside(const Network& network, size_t host);
    ~Inside();
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;

   private:
    const Network& network_;
  };

  // From now on packets of one host do not reach the other, and nobody is told.
  void cut(size_t from, size_t to);
  // From now on packets of one host go to the other through a relay that loses and delays them.
  bool can_impair() const { return relay_ != nullptr; }
  void impair(size_t from, size_t to, const Impairment& how);
  void mend();  // all that was cut and impaired

 private:
  void add_host(size_t host);
  void add_rule(const std::string& rule);

  const bool own_;
  int router_ = -1;         // descriptors of namespaces
  std::vector<int> hosts_;  // empty without them
  std::vector<std::string> addresses_;
  std::unique_ptr<Relay> relay_;
  std::vector<std::string> rules_;
};

}  // namespace stress
