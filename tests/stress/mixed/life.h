#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "mixed/shared.h"

namespace stress {

// One process from its start to its end, and what it told.
struct Life {
  size_t node = 0;
  int64_t ended_ns = INT64_MAX;  // killed, or it began to leave
  bool was_killed = false;
  std::unique_ptr<Shared<cluster::Records>> records = std::make_unique<Shared<cluster::Records>>();
};

// Calls were lost or slow, or the source was spoiled, between two moments.
struct Trouble {
  int64_t begin_ns = 0, end_ns = INT64_MAX;
};

// All that is judged.
struct Story {
  std::vector<Life> lives;
  std::vector<Trouble> paths, source;
  bool bounded = false;  // partition = bounded
};

}  // namespace stress
