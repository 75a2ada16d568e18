#pragma once

#include "api/arguments.h"
#include "api/handles.h"

namespace distcache::api {

// What a read asks of memory, owner and source, or of this node's memory alone.
enum class Reach : uint8_t { get, peek };

// One read, arguments checked: its status, and the outcome where it is ok. Allocates nothing on a
// hit.
inline Status read(Call& call, Reach reach, distcache_keyspace_t* keyspace, const uint8_t* key,
                   size_t key_len, const distcache_options_t* options, core::Outcome& outcome) {
  const auto open = keyspaces.pin(keyspace);
  if (!open) return call.refuse(open.state(), "keyspace");
  core::Key checked;
  if (const Status bad = check_key(call, key, key_len, checked); bad != Status::ok) return bad;
  if (reach == Reach::peek) {
    outcome = open->engine().peek(open->keyspace, checked);
  } else {
    engine::OperationOptions chosen;
    bool no_wait = false;
    const Status bad = check_options(call, options, chosen, &no_wait);
    if (bad != Status::ok) return bad;
    outcome = no_wait ? open->engine().get_held(open->keyspace, checked)
                      : open->engine().get(open->keyspace, checked, chosen);
  }
  return outcome.status == Status::ok ? Status::ok : call.answer(outcome);
}

}  // namespace distcache::api
