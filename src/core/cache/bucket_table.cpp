#include "core/cache/bucket_table.h"

#include <bit>
#include <cassert>
#include <cstddef>
#include <cstring>
#include <utility>

#include "base/int128.h"

namespace distcache::core {
namespace {

constexpr uint8_t kPassedMax = 255;

// The bucket comes from the top bits, so this byte tells apart the entries of one bucket.
uint8_t tag_of(uint64_t hash) {
  const auto tag = static_cast<uint8_t>(hash);
  return tag == 0 ? 1 : tag;
}

size_t slot_of(uint64_t match) { return static_cast<size_t>(std::countr_zero(match)) / 8; }

size_t block_bytes(size_t buckets) { return (buckets + 1) * 64; }

}  // namespace

BucketTable& BucketTable::operator=(BucketTable&& other) noexcept {
  assert(!block_);
  buckets_ = std::exchange(other.buckets_, nullptr);
  bucket_count_ = std::exchange(other.bucket_count_, 0);
  size_ = std::exchange(other.size_, 0);
  block_ = std::exchange(other.block_, nullptr);
  return *this;
}

size_t BucketTable::bytes_of(size_t buckets, const Allocator& allocator) {
  return allocator.true_size(block_bytes(buckets));
}

bool BucketTable::allocate(size_t buckets, Allocator& allocator) {
  static_assert(sizeof(Bucket) == 64);
  assert(!block_);
  void* block = allocator.allocate(block_bytes(buckets));
  if (block == nullptr) return false;
  const auto address = reinterpret_cast<uintptr_t>(block);
  const uintptr_t aligned = (address + 63) / 64 * 64;
  block_ = block;
  buckets_ = reinterpret_cast<Bucket*>(static_cast<char*>(block) + (aligned - address));
  std::memset(static_cast<void*>(buckets_), 0, buckets * sizeof(Bucket));
  bucket_count_ = buckets;
  return true;
}

void BucketTable::release(Allocator& allocator) {
  if (block_) allocator.deallocate(block_, block_bytes(bucket_count_));
  buckets_ = nullptr;
  block_ = nullptr;
  bucket_count_ = size_ = 0;
}

size_t BucketTable::bucket_of(uint64_t hash) const {
  return static_cast<size_t>((uint128{hash} * bucket_count_) >> 64);
}

uint64_t BucketTable::last_hash_of(size_t bucket) const {
  return static_cast<uint64_t>(((uint128{bucket + 1} << 64) - 1) / bucket_count_);
}

// The top bit of byte i is set if tag i is equal: all seven compared at once, as one number.
uint64_t BucketTable::match(const Bucket& bucket, uint8_t tag) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  constexpr uint64_t kLow = 0x7f7f7f7f7f7f7f7f;
  constexpr uint64_t kTagTops = 0x0080808080808080;
  uint64_t word = 0;
  static_assert(offsetof(Bucket, tags) == 0 && offsetof(Bucket, passed) == kSlots);
  std::memcpy(&word, &bucket, sizeof word);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  const uint64_t differs = word ^ (kOnes * tag);
  return ~(((differs & kLow) + kLow) | differs) & kTagTops;
}

template <typename Fits>
Entry* BucketTable::find_if(uint64_t hash, Fits fits) const {
  if (size_ == 0) return nullptr;
  const uint8_t tag = tag_of(hash);
  size_t at = bucket_of(hash);
  for (size_t tries = 0; tries < bucket_count_; ++tries, at = after(at)) {
    const Bucket& bucket = buckets_[at];
    for (uint64_t found = match(bucket, tag); found != 0; found &= found - 1) {
      Entry* entry = bucket.entries[slot_of(found)];
      if (fits(*entry)) return entry;
    }
    if (bucket.passed == 0) break;
  }
  return nullptr;
}

Entry* BucketTable::find(uint64_t hash, const Key& key) const {
  return find_if(hash, [&key](const Entry& entry) {
    return entry.key_hash() == key.hash && entry.key() == key.bytes;
  });
}

Entry* BucketTable::find_hash(uint64_t hash, uint64_t key_hash) const {
  return find_if(hash, [key_hash](const Entry& entry) { return entry.key_hash() == key_hash; });
}

void BucketTable::insert(uint64_t hash, Entry& entry) {
  assert(size_ < capacity());
  size_t at = bucket_of(hash);
  uint64_t empty = 0;
  while ((empty = match(buckets_[at], 0)) == 0) {
    if (buckets_[at].passed < kPassedMax) ++buckets_[at].passed;
    at = after(at);
  }
  const size_t slot = slot_of(empty);
  buckets_[at].tags[slot] = tag_of(hash);
  buckets_[at].entries[slot] = &entry;
  ++size_;
}

BucketTable::Place BucketTable::place_of(uint64_t hash, const Entry& entry) const {
  if (size_ == 0) return {};
  size_t at = bucket_of(hash);
  for (size_t tries = 0; tries < bucket_count_; ++tries, at = after(at)) {
    for (size_t slot = 0; slot < kSlots; ++slot) {
      if (buckets_[at].entries[slot] == &entry) return {at, slot};
    }
    if (buckets_[at].passed == 0) break;
  }
  return {};
}

bool BucketTable::erase(uint64_t hash, const Entry& entry) {
  const Place place = place_of(hash, entry);
  if (place.slot == kSlots) return false;
  buckets_[place.bucket].tags[place.slot] = 0;
  buckets_[place.bucket].entries[place.slot] = nullptr;
  for (size_t at = bucket_of(hash); at != place.bucket; at = after(at)) {
    if (buckets_[at].passed < kPassedMax) --buckets_[at].passed;
  }
  --size_;
  return true;
}

bool BucketTable::replace(uint64_t hash, const Entry& old, Entry& fresh) {
  const Place place = place_of(hash, old);
  if (place.slot == kSlots) return false;
  buckets_[place.bucket].entries[place.slot] = &fresh;
  return true;
}

}  // namespace distcache::core
