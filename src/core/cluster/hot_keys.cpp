#include "core/cluster/hot_keys.h"

namespace distcache::core {
namespace {

constexpr int64_t kHalvingsMax = 32;  // nothing is left of a count behind that

}  // namespace

uint32_t HotKeys::note(uint64_t key_hash, Instant now) {
  if (now >= halve_at_) decay(now);
  Counter* smallest = counters_.data();
  for (Counter& counter : counters_) {
    if (counter.key_hash == key_hash && counter.count > 0) {
      return ++counter.count - counter.error;
    }
    if (counter.count < smallest->count) smallest = &counter;
  }
  smallest->key_hash = key_hash;
  smallest->error = smallest->count++;
  return smallest->count - smallest->error;
}

void HotKeys::decay(Instant now) {
  const int64_t passed = (now - halve_at_).as_ns() / kHalfLife.as_ns();
  const int64_t halvings = passed < kHalvingsMax - 1 ? passed + 1 : kHalvingsMax - 1;
  for (Counter& counter : counters_) {
    // Rounded apart, so that the difference does not grow.
    counter.error =
        static_cast<uint32_t>((uint64_t{counter.error} + (1U << halvings) - 1) >> halvings);
    counter.count >>= halvings;
    if (counter.count < counter.error) counter.count = counter.error;
  }
  halve_at_ = now + kHalfLife;
}

}  // namespace distcache::core
