#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/child.h"
#include "harness/loopback.h"

namespace cluster {

// A real nats-server on a port of its own. It dies with this object, and with this process.
class NatsServer {
 public:
  // `options`: of the command line, besides address and port.
  explicit NatsServer(std::vector<std::string> options = {});

  // Why there is none to be had; nothing if there is.
  static std::optional<std::string> missing();

  std::string address() const { return own_loopback_address() + ':' + std::to_string(port_); }
  std::string url() const { return "nats://" + address(); }
  void set_options(std::vector<std::string> options) { options_ = std::move(options); }

  void start();  // until it is ready; always on the same port
  void kill();   // SIGKILL

 private:
  const int port_;
  std::vector<std::string> options_;
  std::unique_ptr<Child> child_;
};

}  // namespace cluster
