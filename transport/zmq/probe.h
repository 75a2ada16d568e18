#pragma once

#include <utility>

#include "base/time.h"
#include "transport/zmq/endpoint.h"

namespace distcache::zmq {

// Tries a TCP connection to see whether a process listens there. libzmq tells that a connection
// failed but not why, and "refused" is the only proof that a process is gone. Never blocks.
class Probe {
 public:
  enum class Result {
    pending,
    refused,       // the machine answered: nobody listens
    inconclusive,  // somebody accepted, or no answer, or no descriptor for the question
  };

  // Not started: result() is inconclusive.
  Probe() = default;
  explicit Probe(const SocketAddress& address);
  Probe(Probe&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)), result_(other.result_) {}
  Probe& operator=(Probe&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    std::swap(result_, other.result_);
    return *this;
  }
  ~Probe() { finish(result_); }

  // Looks again, without waiting.
  Result check();
  // To poll for writing while pending; else -1.
  int descriptor() const { return descriptor_; }

 private:
  void finish(Result result);
  void finish_with(int error);

  int descriptor_ = -1;
  Result result_ = Result::inconclusive;
};

}  // namespace distcache::zmq
