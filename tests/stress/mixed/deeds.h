#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "mixed/life.h"

namespace stress {

// A record, and which process it is of.
struct Seen {
  const cluster::Record* record;
  size_t life;
  const cluster::Record* operator->() const { return record; }
};

// What was done to the keys of a story.
struct Deeds {
  struct OfKey {
    std::vector<Seen> reads, loads, refreshes;
    std::map<uint64_t, Seen> writes;  // by version
  };
  explicit Deeds(const Story& story);

  std::map<uint32_t, OfKey> keys;
  int64_t begin_ns = INT64_MAX;
  bool complete = true;  // all had room
};

bool may_be_applied(const cluster::Record& write);

}  // namespace stress
