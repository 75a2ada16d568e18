#pragma once

#include <string>
#include <vector>

#include "demo/options.h"

namespace demo {

// The parent: makes the database, starts the cluster, lets it replay, kills one of it, counts.
// Returns the exit code; throws Failure and Interrupted, with everything stopped and removed.
int run_demo(const Options& options, const std::vector<std::string>& arguments);

}  // namespace demo
