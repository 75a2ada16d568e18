#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "core/message.h"
#include "core/types.h"

// What the membership wants done. Its driver performs these in order, after the call that gave
// them has returned; one that fails (a full queue, a route that is gone) is simply lost.
namespace distcache::core {

// A membership link that this node asks on, by a number that is never used again.
using PeerSlot = uint64_t;

// The way back to whoever asked on a link of their own: the transport's RouteId.
using RouteTag = uint64_t;

// Connect, and report on_link_up and on_link_down from now on; reconnect by yourself. An address
// that cannot even be tried is an on_link_down with refused = true.
struct OpenMembership {
  PeerSlot slot = 0;
  Address address;
};

struct CloseMembership {  // nothing is reported about it any more
  PeerSlot slot = 0;
};

// Send on our link. The envelope carries self().incarnation and epoch().
struct Say {
  PeerSlot slot = 0;
  Body body;
};

struct Answer {  // reply to a request that came to our listening socket
  RouteTag route = 0;
  Body body;
};

// Keep a data link to the member, and report on_data_up and on_data_down; reconnect by yourself.
struct OpenData {
  MemberId member = 0;
  Address address;
};

// Whatever is in flight on it fails; nothing is reported about it any more.
struct CloseData {
  MemberId member = 0;
};

// Members, their keyspaces or the ways to them changed: make new views, under the new epoch().
struct ViewChanged {};

// For the engine and for the user's event callback.
struct PeerEvent {
  enum class Kind : uint8_t {
    joined,     // entered the view: a process not met before
    updated,    // changed its own record (keyspaces, say)
    suspect,    // its data link is down or probes fail: not yet removed
    recovered,  // its data link is up again before it was removed. While it was down others may
                // have acted for it
    returned,   // the same process is back after this node or that one had removed the other:
                // its entries and ours may be stale
    left,       // removed from the view
    refused,    // this node refuses it, or is refused by it
  };
  Kind kind = Kind::joined;
  MemberId member = 0;
  std::string name;  // the address where the name is not known
  uint64_t incarnation = 0;
  std::string why;
  bool farewell = false;  // of left: in good order, it did not crash
  // Of returned: what it missed was not kept meanwhile (away for too long, or thought to be gone).
  bool forgotten = false;
};

using Action = std::variant<OpenMembership, CloseMembership, Say, Answer, OpenData, CloseData,
                            ViewChanged, PeerEvent>;
using Actions = std::vector<Action>;

}  // namespace distcache::core
