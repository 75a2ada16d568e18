#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/allocator.h"
#include "core/cache/entry.h"

namespace distcache::core {

// A fixed array of buckets, each one cache line: seven entries and a byte of each one's hash. An
// entry lies in the bucket that its hash names, or in the next ones when that is full; each bucket
// counts those that had to pass it, so that looking ends early and erasing moves nothing (the
// scheme of folly's F14). The bucket grows with the hash: hash order is bucket order, which is what
// lets a scan go on in a table of another size.
// `hash` is the index's salted one everywhere. Owns its array, not the entries. One thread at a
// time.
class BucketTable {
 public:
  static constexpr size_t kSlots = 7;

  BucketTable() = default;
  BucketTable(const BucketTable&) = delete;
  BucketTable& operator=(const BucketTable&) = delete;
  BucketTable(BucketTable&& other) noexcept { *this = std::move(other); }
  BucketTable& operator=(BucketTable&& other) noexcept;
  ~BucketTable() = default;  // release() first: the table does not know its allocator

  static size_t bytes_of(size_t buckets, const Allocator& allocator);
  bool allocate(size_t buckets, Allocator& allocator);
  void release(Allocator& allocator);

  bool allocated() const { return buckets_ != nullptr; }
  size_t buckets() const { return bucket_count_; }
  size_t capacity() const { return bucket_count_ * kSlots; }
  size_t size() const { return size_; }

  Entry* find(uint64_t hash, const Key& key) const;
  // One whose key has this hash; `hash` is the salted one.
  Entry* find_hash(uint64_t hash, uint64_t key_hash) const;
  void insert(uint64_t hash, Entry& entry);  // there is room
  bool erase(uint64_t hash, const Entry& entry);
  bool replace(uint64_t hash, const Entry& old, Entry& fresh);

  // The entries that lie in a bucket, wherever they belong.
  std::array<Entry*, kSlots> entries_in(size_t bucket) const { return buckets_[bucket].entries; }
  // The entries that belong to a bucket, wherever they lie. The visitor may erase what it is given.
  template <typename HashOf, typename Visit>
  void visit(size_t bucket, HashOf hash_of, Visit visit) const {
    size_t at = bucket;
    for (size_t tries = 0; tries < bucket_count_; ++tries, at = after(at)) {
      const bool further = buckets_[at].passed != 0;  // before the visitor erases what it counts
      for (Entry* entry : entries_in(at)) {
        if (entry && bucket_of(hash_of(*entry)) == bucket) visit(*entry);
      }
      if (!further) break;
    }
  }

  size_t bucket_of(uint64_t hash) const;
  uint64_t last_hash_of(size_t bucket) const;

 private:
  struct alignas(64) Bucket {
    std::array<uint8_t, kSlots> tags;  // 0: empty
    uint8_t passed;                    // entries that lie further on; stays when it reaches 255
    std::array<Entry*, kSlots> entries;
  };
  struct Place {
    size_t bucket = 0;
    size_t slot = kSlots;  // kSlots: nowhere
  };

  template <typename Fits>
  Entry* find_if(uint64_t hash, Fits fits) const;
  static uint64_t match(const Bucket& bucket, uint8_t tag);
  size_t after(size_t bucket) const { return bucket + 1 == bucket_count_ ? 0 : bucket + 1; }
  Place place_of(uint64_t hash, const Entry& entry) const;

  Bucket* buckets_ = nullptr;
  size_t bucket_count_ = 0;
  size_t size_ = 0;
  void* block_ = nullptr;  // what was allocated: buckets_ is aligned inside it
};

}  // namespace distcache::core
