#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "base/time.h"
#include "core/message.h"

namespace distcache::core {

// Where the addresses of other members come from. Ours implement it (src/discovery), and so does
// the adapter of a user's own callbacks.
//
// Lifecycle: initialize (again after a failure), register_node (again after a failure), discover
// again and again while the engine runs, deregister_node, close. Each may block and none may throw.
// Thread: one at a time, the engine's discovery thread, never the I/O thread; only cancel() comes
// from another one. An Error is logged and tried again; the last good list stays in use meanwhile.
// INVALID_CONFIG of initialize or register_node says that trying again is of no use: open fails.
class Provider {
 public:
  virtual ~Provider() = default;

  virtual std::string_view id() const = 0;  // "static": for logs and the admin pages

  // Called once, before initialize. `changed` may be called on any thread, also after close: a new
  // answer waits, so discover is to be called soon.
  virtual void on_change(std::function<void()> /*changed: kept*/) {}  // NOLINT(performance-*)

  // Called once, before initialize: where to say what is worth a line and no failure of a call.
  virtual void log_to(Log& log) { static_cast<void>(log); }

  virtual Result<void> initialize() = 0;
  // Makes this node findable under the address of its membership port, with its real port.
  virtual Result<void> register_node(const Address& self) = 0;
  // Every membership address that is known now, in any order, at most limits::kMembersMax. It may
  // name this node. An empty list is an answer: there is nobody else.
  virtual Result<std::vector<Address>> discover() = 0;
  // How long the answer just given holds. Asked for again then, within the engine's bounds.
  virtual Duration valid_for() const { return Duration::max(); }
  virtual Result<void> deregister_node() = 0;  // only after a register_node that succeeded
  virtual void close() = 0;                    // idempotent; also without an initialize

  // Any thread, at any time, also after close: the engine ends. A call that is in progress should
  // fail soon; of those that follow, deregister_node still does what it can.
  virtual void cancel() {}
};

}  // namespace distcache::core
