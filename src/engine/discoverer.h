#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "core/cluster/discovery_schedule.h"
#include "core/cluster/provider.h"

namespace distcache::engine {

// The DISCOVERY thread: asks a provider where other members may be, from start() to end(), and
// hands on every whole answer. What it hands on are hints; a failure hands on nothing, so that the
// last good list stays in use.
//
// Lifecycle: start(), end(), join(). A provider that hangs costs its thread and nothing else: the
// thread is left to itself, and takes this node's registration back when the provider returns.
class Discoverer {
 public:
  struct Options {
    core::Address self;  // of the membership port, as others are to reach it
    core::DiscoverySchedule::Options schedule;
    Duration answer_max = Duration::seconds(30);  // an answer that takes longer is a failure
    bool loopback_only = false;                   // other addresses are dropped: plain traffic
  };
  // Must not block or throw; on the DISCOVERY thread, or on that of give_up().
  using Found = std::function<void(std::vector<core::Address>)>;

  // `clock`, `rng`, `log` and whatever `found` needs must outlive join(), or what it was given.
  Discoverer(std::shared_ptr<core::Provider> provider, Options options, const Clock& clock,
             Rng& rng, Log& log, Found found);
  ~Discoverer();
  Discoverer(const Discoverer&) = delete;
  Discoverer& operator=(const Discoverer&) = delete;

  // Throws std::system_error where the system has no more threads.
  void start();
  // Nobody waits for the first answer any longer: unless there was one, an empty list is handed on.
  // Also done when the attempts are spent. Any thread.
  void give_up();
  // Why the provider will never work as it is configured, if it said so. Any thread.
  std::optional<Error> refusal() const;
  void end();  // nothing more is handed on; never waits
  // After end(), not from its own thread: waits until the node has been deregistered, the provider
  // closed and the thread is gone. False: the provider hangs. The thread is detached, and holds
  // `kept` until it has returned.
  bool join(Duration timeout, std::shared_ptr<void> kept);

 private:
  struct State;

  // Shared with the thread, which may outlive this object.
  const std::shared_ptr<State> state_;
  std::thread thread_;
};

}  // namespace distcache::engine
