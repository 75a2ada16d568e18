#pragma once

#include <cstdint>

// Faults put in on purpose, one at a time, so that the simulator can show that it finds them. Only
// the simulator compiles core with DISTCACHE_MUTATIONS; in the library every mutated() is the
// constant false and leaves no code.
namespace distcache::core {

enum class Mutation : uint8_t {
  none,
  no_fence,          // a put or delete does not poison the load in flight
  late_join,         // readers join a call that is on the network already
  drop_completion,   // of several waiters one is never answered
  store_foreign,     // a reply is kept by a node that does not own the key
  no_single_flight,  // a reader of a key that is being loaded starts another load
  no_view_drop,      // what belongs to others by a new view is not dropped
  no_repair,         // an owner that missed writes is never told of them
  false_timeout,     // a write that may be applied is said not to be
};

#ifdef DISTCACHE_MUTATIONS
inline Mutation active_mutation = Mutation::none;
inline bool mutated(Mutation mutation) { return active_mutation == mutation; }
#else
constexpr bool mutated(Mutation) { return false; }
#endif

}  // namespace distcache::core
