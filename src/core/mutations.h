#pragma once

#include <cstdint>

// Guards taken out on purpose, one at a time, to show that a test notices. Only test builds of some
// files define DISTCACHE_MUTATIONS (tests/mutations, the simulator); in the library every mutated()
// is the constant false and leaves no code.
namespace distcache::core {

enum class Mutation : uint8_t {
  none,
  // Of the protocol: the simulator finds them.
  no_fence,           // a put or delete does not poison the load in flight
  late_join,          // readers join a call that is on the network already
  drop_completion,    // of several waiters one is never answered
  store_foreign,      // a reply is kept by a node that does not own the key
  no_single_flight,   // a reader of a key that is being loaded starts another load
  no_view_drop,       // what belongs to others by a new view is not dropped
  kept_apart,         // nor what was kept for want of its owner, when two sides meet again
  no_repair,          // an owner that missed writes is never told of them
  false_timeout,      // a write that may be applied is said not to be
  kept_stand_in,      // a stand-in's copy outlives its moment
  kept_unread,        // a put that lay before a stopped process is kept from when that goes on
  stored_fallback,    // a load for want of an owner is kept
  joined_fenced,      // readers join a load that a put or delete has poisoned
  former_owner,       // readers join a call to a member that owns the key no more
  served_foreign,     // a member answers for keys that it does not own
  served_again,       // a frame of calls that comes twice is performed twice
  silent_miss,        // a write does not say that it has missed the owner
  no_heir,            // the next candidate is not told of writes
  lost_grant_holder,  // a load whose holder is gone or late is not given to the next caller
  unconditional,      // a put_if is done over any version
  joined_refresh,     // a refresh waits for a load that began before it
  silent_refresh,     // it is OK while the next candidate and the mirrors do not know of it
  wall_clock,         // the time is that which people set: what the simulator hands to the core
  // Of partition = bounded: the simulator finds them.
  no_cap,       // a node that no majority confirms keeps what it has in full
  minority_ok,  // and answers writes with OK
  // Of mirrors and their leases: the simulator finds them.
  no_lease_end,          // a mirror is served until its value expires
  lease_from_receipt,    // its lease is counted from when it came, not from when it was asked for
  no_sequence_check,     // a recall that was lost is taken for carried out
  no_epoch_check,        // what was said to an earlier process of a member counts for the next one
  version_reversed,      // a recall drops the newer value and leaves the older one
  recall_not_awaited,    // a write is answered before the mirrors are gone
  holders_forgotten,     // the owner does not remember whom it lent a key
  mirror_survives_view,  // mirrors stay when their owner is another one
  forgotten_leases,      // a new owner does not reckon with what its predecessor lent
  recall_overtaken,      // what was asked for before a recall came is kept as a mirror
  // Of the network: no guard is missing, one in a hundred never arrives (stress recalls).
  lost_recalls,
  // Of what a program may do to us, and of our bounds: tests/mutations/guards.txt names the test.
  stale_handle,          // the generation of a handle is not looked at
  parent_handle,         // nor the process that opened it
  torn_pin,              // a pin is not one step: two threads may take one for the other's
  early_end,             // the first to leave a closed object ends it, not the last
  second_answer,         // of a fetch is taken as well
  any_key,               // its length is not looked at
  any_packed_key,        // nor those of many
  any_value,             // nor that of a value
  waiting_event_thread,  // a call that waits is not refused on it
  lost_deadline,         // whoever waits too long is forgotten
  any_waiters,           // waiters.max is not looked at
  any_loads,             // nor loads.max
  any_memory,            // nor bytes.max
  any_chunked_value,     // nor the size of a value that comes in pieces
  any_chunked_values,    // nor how many of them are under way
  own_key,               // a source may wait for the key that it loads
  thrown_through,        // an exception leaves the call of the source
  no_witness,            // only who made a write knows that it missed the owner
  tried_for_ever,        // a member that comes back is not asked again
  kept_source,           // a source that was ended keeps the program's callbacks
  silent_close,          // whoever waits when the engine closes is not told
};

#ifdef DISTCACHE_MUTATIONS
inline Mutation active_mutation = Mutation::none;
inline Mutation second_mutation = Mutation::none;  // a guard that matters once something is lost
inline bool mutated(Mutation mutation) {
  return active_mutation == mutation || second_mutation == mutation;
}
#else
constexpr bool mutated(Mutation) { return false; }
#endif

}  // namespace distcache::core
