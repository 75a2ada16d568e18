#pragma once

#include <cstdint>
#include <string>

#include "member_engine.h"

namespace conformance {

// Answers to the commands bench_hit and bench_get: nanoseconds and allocations per get.
std::string bench_hit(const MemberEngine& engine, uint64_t ops);
std::string bench_get(const MemberEngine& engine, uint64_t ops, const std::string& key);

}  // namespace conformance
