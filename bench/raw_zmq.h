#pragma once

#include <cstddef>
#include <cstdint>

namespace bench {

// The other side of `remote`: a DEALER that keeps `in_flight` requests of 24 B at a ROUTER in
// another process, which answers 1 KiB to each. No codec, no cache: what ZeroMQ itself costs.
class RawServer {  // runs until the process ends
 public:
  static void serve(uint16_t port);
};

class RawClient {
 public:
  explicit RawClient(uint16_t port);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  // Requests answered per second.
  double rate(size_t in_flight, double seconds);

 private:
  void* context_;
  void* socket_;
};

}  // namespace bench
