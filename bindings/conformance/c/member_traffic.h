#pragma once

#include <cstdint>
#include <string>

#include "member_engine.h"

namespace conformance {

struct Traffic {
  uint64_t ops;
  uint64_t keys;
  uint64_t seed;
  uint64_t threads;
};

// Gets random keys and checks every value; the answer to the command.
std::string traffic(const MemberEngine& engine, const Traffic& plan);

}  // namespace conformance
