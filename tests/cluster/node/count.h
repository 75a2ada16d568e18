#pragma once

#include "node/engine.h"

namespace cluster {

// Every thread counts on at one key, all at the same time: it reads the number that is there and
// puts the next one over the version that it has read, until it has done so `rounds` times. Fields:
// keyspace, key, threads, rounds. The answer lists what was `put`, and how many puts were UNKNOWN
// (`unsure`), found another version (`mismatches`), or failed with something else (`failures`).
Fields count(Engine& engine, const Fields& command);

}  // namespace cluster
