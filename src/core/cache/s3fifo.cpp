#include "core/cache/s3fifo.h"

#include <algorithm>

namespace distcache::core {
namespace {

// policy_state: two bits count hits, one says which queue.
constexpr uint8_t kHitsMax = 3;
constexpr uint8_t kHitsMask = 3;
constexpr uint8_t kInMain = 4;

constexpr uint8_t kHitsToPromote = 2;  // while in the small queue

// How many entries one eviction may give another round. Without it a store whose entries have all
// been hit would walk through all of them, several times, under its lock.
constexpr size_t kRoundsMax = 256;

}  // namespace

PolicyQueue& S3Fifo::queue_of(const Entry& entry) {
  return entry.policy_state & kInMain ? main_ : small_;
}

void S3Fifo::on_insert(Entry& entry) {
  const Ghosts::Kind ghost = ghosts_.take(entry.key_hash());
  if (ghost != Ghosts::Kind::none) adapt(ghost);
  entry.policy_state = ghost == Ghosts::Kind::none ? 0 : kInMain;
  queue_of(entry).push(entry);
}

void S3Fifo::on_hit(Entry& entry) {
  // No store when nothing changes: a hot entry's line stays shared between cores.
  if ((entry.policy_state & kHitsMask) < kHitsMax) ++entry.policy_state;
}

void S3Fifo::on_replace(Entry& old, Entry& fresh) {
  fresh.policy_state = old.policy_state;
  queue_of(old).replace(old, fresh);
  on_hit(fresh);
}

void S3Fifo::on_remove(Entry& entry) { queue_of(entry).remove(entry); }

void S3Fifo::adapt(Ghosts::Kind kind) {
  // Half of ARC's step, measured; scaled by how much rarer this kind of ghost is than the other.
  const bool small = kind == Ghosts::Kind::small;
  const uint64_t own = ghosts_.count(kind) + 1;
  const uint64_t other = ghosts_.count(small ? Ghosts::Kind::main : Ghosts::Kind::small);
  const uint64_t unit = kWhole / 2 / std::max<size_t>(1, size());
  const uint64_t step = std::max<uint64_t>(1, unit * std::max(own, other) / own);
  constexpr uint64_t kShareMax = kWhole / 10 * 9;
  small_share_ = small ? std::min(kShareMax, small_share_ + step)
                       : small_share_ - std::min(small_share_, step);
}

bool S3Fifo::small_is_over() const {
  if (small_.empty() || main_.empty()) return main_.empty();
  // Costs in units of 16 bytes, so that the products fit up to 16 TiB.
  const uint64_t small = small_.cost() / 16;
  const uint64_t all = (small_.cost() + main_.cost()) / 16;
  return small * kWhole >= all * small_share_;
}

Entry* S3Fifo::evict(PolicyQueue& queue, Ghosts::Kind kind) {
  const size_t span = size();
  Entry& entry = queue.oldest();
  queue.remove(entry);
  ghosts_.insert(entry.key_hash(), kind, span);
  return &entry;
}

Entry* S3Fifo::victim() {
  if (size() == 0) return nullptr;
  for (size_t rounds = 0;; ++rounds) {
    const bool from_small = small_is_over();
    PolicyQueue& queue = from_small ? small_ : main_;
    Entry& oldest = queue.oldest();
    const uint8_t hits = oldest.policy_state & kHitsMask;
    const bool spare = from_small ? hits >= kHitsToPromote : hits > 0;
    if (!spare || rounds == kRoundsMax) {
      return evict(queue, from_small ? Ghosts::Kind::small : Ghosts::Kind::main);
    }
    queue.remove(oldest);
    oldest.policy_state = static_cast<uint8_t>(kInMain | (from_small ? 0 : hits - 1));
    main_.push(oldest);
  }
}

void S3Fifo::clear() {
  small_.clear();
  main_.clear();
  ghosts_.clear();
}

size_t S3Fifo::bytes() const { return allocator_.true_size(sizeof *this) + ghosts_.bytes(); }

}  // namespace distcache::core
