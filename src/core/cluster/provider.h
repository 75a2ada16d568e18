#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/message.h"

namespace distcache::core {

// Where the addresses of other members come from. Ours implement it (src/discovery), and so does
// the adapter of a user's own callbacks.
//
// Lifecycle: initialize, register_node, discover again and again while the engine runs,
// deregister_node, close; after a failure of initialize only close. Each may block and none may
// throw. Thread: one at a time, the engine's discovery thread, never the I/O thread. An Error is
// logged and tried again; the last good list stays in use meanwhile.
class Provider {
 public:
  virtual ~Provider() = default;

  virtual std::string_view id() const = 0;  // "static": for logs and the admin pages

  virtual Result<void> initialize() = 0;
  // Makes this node findable under the address of its membership port, with its real port.
  virtual Result<void> register_node(const Address& self) = 0;
  // Every membership address that is known now, in any order, at most limits::kMembersMax. It may
  // name this node. An empty list is an answer: there is nobody else.
  virtual Result<std::vector<Address>> discover() = 0;
  virtual Result<void> deregister_node() = 0;  // only after a register_node that succeeded
  virtual void close() = 0;                    // idempotent
};

}  // namespace distcache::core
