#pragma once

#include <cstdint>

namespace demo {

// A free TCP port of 127.0.0.1, kept from everybody who does not ask for it by number: a process
// told of it can listen there (with SO_REUSEADDR, as ZeroMQ does), while the system neither hands
// it out for port 0 nor lets an outgoing connection begin there.
class HeldPort {
 public:
  HeldPort();  // throws Failure
  ~HeldPort();
  HeldPort(const HeldPort&) = delete;
  HeldPort& operator=(const HeldPort&) = delete;

  uint16_t number() const { return number_; }

 private:
  int socket_;
  uint16_t number_;
};

}  // namespace demo
