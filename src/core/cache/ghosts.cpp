#include "core/cache/ghosts.h"

#include <algorithm>
#include <cstring>

#include "base/hash.h"
#include "base/int128.h"

namespace distcache::core {
namespace {

// A slot: 18 bits of fingerprint, the kind, 13 bits of clock. 0 is an empty one.
constexpr uint32_t kFingerprintMax = (1u << 18) - 1;
constexpr int kKindShift = 18;
constexpr int kClockShift = 19;
constexpr uint32_t kClockMask = (1u << 13) - 1;

// The span is a small part of the clock's period: before an age could wrap around, the bucket has
// been written over several times.
constexpr size_t kStepsPerSpan = 1024;

uint32_t fingerprint(uint64_t mixed) {
  return std::max(1u, static_cast<uint32_t>(mixed) & kFingerprintMax);
}

}  // namespace

Ghosts::Bucket& Ghosts::bucket_of(uint64_t mixed) const {
  return buckets_[static_cast<size_t>((uint128{mixed} * bucket_count_) >> 64)];
}

uint32_t Ghosts::age(uint32_t slot) const {
  const auto clock = static_cast<uint32_t>(evictions_ / unit_);
  return (clock - (slot >> kClockShift)) & kClockMask;
}

void Ghosts::forget(uint32_t& slot) {
  --counts_[(slot >> kKindShift) & 1];
  slot = 0;
}

bool Ghosts::fit(size_t span) {
  // Buckets three quarters full on average lose little to the uneven ones.
  constexpr size_t kFill = kSlots * 3 / 4;
  const size_t capacity = bucket_count_ * kFill;
  span_ = span;
  if (span <= capacity && span >= capacity / 4) return buckets_ != nullptr;
  clear();
  // Some room, so that a slowly growing number of entries does not clear it over and over.
  const size_t wanted = (span + span / 4) / kFill + 1;
  void* block = allocator_.allocate(wanted * sizeof(Bucket));
  if (block == nullptr) return false;
  std::memset(block, 0, wanted * sizeof(Bucket));
  buckets_ = static_cast<Bucket*>(block);
  bucket_count_ = wanted;
  span_ = span;
  unit_ = std::max<uint64_t>(1, span / kStepsPerSpan);
  return true;
}

void Ghosts::insert(uint64_t key_hash, Kind kind, size_t span) {
  if (!fit(span)) return;
  const uint64_t mixed = mix64(key_hash);
  const uint32_t print = fingerprint(mixed);
  uint32_t* chosen = nullptr;
  for (uint32_t& slot : bucket_of(mixed).slots) {
    if (slot == 0 || (slot & kFingerprintMax) == print) {
      chosen = &slot;
      break;
    }
    if (!chosen || age(slot) > age(*chosen)) chosen = &slot;
  }
  if (*chosen != 0) forget(*chosen);
  const auto clock = static_cast<uint32_t>(evictions_ / unit_) & kClockMask;
  *chosen = print | static_cast<uint32_t>(kind) << kKindShift | clock << kClockShift;
  ++counts_[static_cast<size_t>(kind)];
  ++evictions_;
}

Ghosts::Kind Ghosts::take(uint64_t key_hash) {
  if (!buckets_) return Kind::none;
  const uint64_t mixed = mix64(key_hash);
  const uint32_t print = fingerprint(mixed);
  for (uint32_t& slot : bucket_of(mixed).slots) {
    if ((slot & kFingerprintMax) != print) continue;
    const bool lately = age(slot) * unit_ <= span_;
    const auto kind = static_cast<Kind>((slot >> kKindShift) & 1);
    forget(slot);
    return lately ? kind : Kind::none;
  }
  return Kind::none;
}

void Ghosts::clear() {
  if (buckets_) allocator_.deallocate(buckets_, bucket_count_ * sizeof(Bucket));
  buckets_ = nullptr;
  bucket_count_ = 0;
  counts_ = {};
}

size_t Ghosts::bytes() const {
  return buckets_ ? allocator_.true_size(bucket_count_ * sizeof(Bucket)) : 0;
}

}  // namespace distcache::core
