#pragma once

#include <chrono>

namespace conformance {

// How long a condition may take to come true before the run is given up: generous, since it is only
// met when something is broken.
constexpr std::chrono::seconds kPatience{120};

}  // namespace conformance
