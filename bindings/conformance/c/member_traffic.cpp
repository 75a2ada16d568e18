#include "member_traffic.h"

#include <thread>

namespace conformance {
namespace {

struct Seen {
  uint64_t wrong = 0;
  uint64_t failed = 0;
  distcache_status_t first = DISTCACHE_OK;
};

void run(const MemberEngine& engine, uint64_t keys, uint64_t x, uint64_t ops, Seen& seen) {
  std::string value;
  Making making;
  for (uint64_t i = 0; i < ops; ++i) {
    x = x * 6364136223846793005U + 1442695040888963407U;
    const std::string key = "page-" + std::to_string((x >> 33) % keys);
    const distcache_status_t status = engine.get(key, value);
    if (status != DISTCACHE_OK) {
      if (seen.failed++ == 0) seen.first = status;
    } else if (!read_value(value, key, making)) {
      ++seen.wrong;
    }
  }
}

}  // namespace

std::string traffic(const MemberEngine& engine, const Traffic& plan) {
  std::vector<Seen> seen(plan.threads);
  std::vector<std::thread> threads;
  for (uint64_t t = 0; t < plan.threads; ++t) {
    // The first ones do one more where it does not divide.
    const uint64_t ops = plan.ops / plan.threads + (t < plan.ops % plan.threads ? 1 : 0);
    threads.emplace_back(run, std::cref(engine), plan.keys, plan.seed + t, ops, std::ref(seen[t]));
  }
  Seen sum;
  for (uint64_t t = 0; t < plan.threads; ++t) {
    threads[t].join();
    sum.wrong += seen[t].wrong;
    sum.failed += seen[t].failed;
    if (sum.first == DISTCACHE_OK) sum.first = seen[t].first;
  }
  std::string text = "ok ops=" + std::to_string(plan.ops) + " wrong=" + std::to_string(sum.wrong) +
                     " failed=" + std::to_string(sum.failed);
  if (sum.failed > 0) text += std::string(" first=") + distcache_status_name(sum.first);
  return text;
}

}  // namespace conformance
