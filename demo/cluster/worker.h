#pragma once

#include "demo/options.h"

namespace demo {

// One of the processes that form the cluster: a cache, and threads that replay their share of the
// requests. Does what the parent says, one word a line, until it says no more:
//
//   open PORT PEERS     open the cache                                  -> opened | failed WHY
//   join                wait until all members are seen                 -> joined
//   plain MS            ask the database itself, for that long          -> plain ASKED MICROSECONDS
//   replay              until nobody's share is left                    -> replayed
//   close               leave the cluster                               -> closed
//
// Returns the exit code of the process.
int run_worker(const Options& options);

}  // namespace demo
