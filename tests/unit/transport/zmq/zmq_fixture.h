#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <string>
#include <utility>

#include "base/clock.h"
#include "transport/recorder.h"
#include "transport/zmq/zmq_transport.h"

namespace distcache::testing {

// One transport over loopback with the sink that listens to it.
struct Node {
  explicit Node(bool echoes = false, ZmqTransport::Options options = {})
      : transport(std::make_unique<ZmqTransport>(clock, options)),
        sink(echoes ? transport.get() : nullptr) {}

  BoundPorts bind(const BindOptions& options = {}) {
    Result<BoundPorts> ports = transport->bind(options);
    EXPECT_TRUE(ports.ok()) << ports.error().message;
    return ports ? *ports : BoundPorts{};
  }
  LinkId connect(uint16_t port, Plane plane = Plane::data, const std::string& host = "127.0.0.1") {
    Result<LinkId> link = transport->connect(plane, host, port);
    EXPECT_TRUE(link.ok());
    return link ? *link : 0;
  }
  void poll(Duration timeout = Duration::ms(5)) {
    transport->poll(timeout, sink);
    sink.echo_again();
  }

  SystemClock clock;
  std::unique_ptr<ZmqTransport> transport;
  Recorder sink;
};

// Runs the nodes until the condition holds. Far longer than anything here takes, so that only a
// fault ends it otherwise, under any sanitizer.
template <typename Condition>
bool poll_until(std::initializer_list<Node*> nodes, Condition condition) {
  const SystemClock clock;
  const Instant deadline = clock.now() + Duration::seconds(30);
  while (!condition()) {
    if (clock.now() > deadline) return false;
    for (Node* node : nodes) node->poll();
  }
  return true;
}

inline size_t count_entries(const char* path) {
  const std::filesystem::directory_iterator folder(path);
  return static_cast<size_t>(std::distance(begin(folder), end(folder)));
}

inline size_t open_descriptors() { return count_entries("/proc/self/fd"); }
inline size_t running_threads() { return count_entries("/proc/self/task"); }

}  // namespace distcache::testing
