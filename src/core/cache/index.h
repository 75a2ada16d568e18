#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "base/allocator.h"
#include "base/hash.h"
#include "core/cache/bucket_table.h"

namespace distcache::core {

// Where a scan of an index stands: it survives changes and resizing between its slices. Entries
// that are there all the time are visited exactly once; those that come and go, at most once.
struct ScanCursor {
  uint64_t position = 0;  // the next salted hash
  bool done = false;
};

// From key to entry. Salted by its seed, so that nobody can choose keys that collide. A hit costs
// two dependent cache misses: bucket, entry. It grows by half at 80 % load, shrinks below 20 %, and
// moves to the new table piecemeal: two buckets per maintain(), hence at most 14 entries at once.
// Owns its tables, not the entries. One thread at a time.
class Index {
 public:
  Index(Allocator& allocator, uint64_t seed) : allocator_(allocator), seed_(seed) {}
  ~Index() { clear(); }
  Index(const Index&) = delete;
  Index& operator=(const Index&) = delete;

  size_t size() const { return table_.size() + old_.size(); }
  size_t bytes() const;
  static size_t bytes_min(const Allocator& allocator);  // of an index with one entry

  Entry* find(const Key& key) const;
  Entry* find_hash(uint64_t key_hash) const;  // one whose key has this hash
  // Room for one more entry; false: out of memory, nothing changed.
  [[nodiscard]] bool reserve();
  void insert(Entry& entry);  // after reserve(); its key is not there
  void erase(const Entry& entry);
  void replace(const Entry& old, Entry& fresh);
  void clear();
  // A bounded piece of the work that growing and shrinking leave behind; to be called after each
  // change. A table to shrink into is only made if it fits into `spare_bytes`.
  void maintain(size_t spare_bytes);

  // Visits the entries of one bucket, and sets the cursor behind it. The visitor may erase what it
  // is given, and nothing else.
  using Visit = std::function<void(Entry& entry)>;
  void visit(ScanCursor& cursor, const Visit& visit) const;

 private:
  uint64_t salted(uint64_t key_hash) const { return mix64(key_hash ^ seed_); }
  bool start_move(size_t buckets);
  void move_bucket();
  void end_move();

  Allocator& allocator_;
  uint64_t seed_;
  BucketTable table_;
  BucketTable old_;       // while moving
  size_t next_move_ = 0;  // of the old buckets
};

}  // namespace distcache::core
