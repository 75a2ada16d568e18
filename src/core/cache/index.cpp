#include "core/cache/index.h"

#include <algorithm>
#include <cassert>

namespace distcache::core {
namespace {

constexpr size_t kBucketsMin = 4;
constexpr size_t kMovesPerCall = 2;

// Entries above which a table grows, below which it shrinks, and above which, when memory for a
// larger one is refused, it takes no more: near its capacity every look would be a long one.
size_t grow_above(size_t capacity) { return capacity * 4 / 5; }
size_t shrink_below(size_t capacity) { return capacity / 5; }
size_t full_above(size_t capacity) { return capacity * 15 / 16; }

}  // namespace

size_t Index::bytes() const {
  size_t total = 0;
  for (const BucketTable* table : {&table_, &old_}) {
    if (table->allocated()) total += BucketTable::bytes_of(table->buckets(), allocator_);
  }
  return total;
}

size_t Index::bytes_min(const Allocator& allocator) {
  return BucketTable::bytes_of(kBucketsMin, allocator);
}

Entry* Index::find(const Key& key) const {
  const uint64_t hash = salted(key.hash);
  Entry* entry = table_.find(hash, key);
  return entry || old_.size() == 0 ? entry : old_.find(hash, key);
}

Entry* Index::find_hash(uint64_t key_hash) const {
  const uint64_t hash = salted(key_hash);
  Entry* entry = table_.find_hash(hash, key_hash);
  return entry || old_.size() == 0 ? entry : old_.find_hash(hash, key_hash);
}

bool Index::start_move(size_t buckets) {
  BucketTable fresh;
  if (!fresh.allocate(buckets, allocator_)) return false;
  old_ = std::move(table_);
  table_ = std::move(fresh);
  next_move_ = 0;
  end_move();
  return true;
}

void Index::move_bucket() {
  const auto entries = old_.entries_in(next_move_++);
  // Their hashes are needed, each a cache miss of its own: ask for all of them at once.
  for (const Entry* entry : entries) __builtin_prefetch(entry);
  for (Entry* entry : entries) {
    if (!entry) continue;
    const uint64_t hash = salted(entry->key_hash());
    old_.erase(hash, *entry);
    table_.insert(hash, *entry);
  }
  end_move();
}

void Index::end_move() {
  if (old_.size() == 0) old_.release(allocator_);
}

bool Index::reserve() {
  const size_t wanted = size() + 1;
  if (wanted <= grow_above(table_.capacity())) return true;
  // Cannot happen while each change is followed by maintain(): a move ends long before.
  while (old_.size() != 0) move_bucket();
  end_move();
  const size_t buckets = std::max(kBucketsMin, table_.buckets() + table_.buckets() / 2);
  return start_move(buckets) || wanted <= full_above(table_.capacity());
}

void Index::insert(Entry& entry) { table_.insert(salted(entry.key_hash()), entry); }

void Index::erase(const Entry& entry) {
  const uint64_t hash = salted(entry.key_hash());
  const bool erased = table_.erase(hash, entry) || old_.erase(hash, entry);
  assert(erased);
  static_cast<void>(erased);
}

void Index::replace(const Entry& old, Entry& fresh) {
  const uint64_t hash = salted(old.key_hash());
  const bool replaced = table_.replace(hash, old, fresh) || old_.replace(hash, old, fresh);
  assert(replaced);
  static_cast<void>(replaced);
}

void Index::clear() {
  table_.release(allocator_);
  old_.release(allocator_);
}

void Index::maintain(size_t spare_bytes) {
  for (size_t moves = 0; moves < kMovesPerCall && old_.size() != 0; ++moves) move_bucket();
  end_move();
  if (old_.allocated() || table_.buckets() <= kBucketsMin) return;
  if (size() >= shrink_below(table_.capacity())) return;
  const size_t buckets = std::max(kBucketsMin, size() * 2 / BucketTable::kSlots);
  if (BucketTable::bytes_of(buckets, allocator_) <= spare_bytes) {
    // Refused memory only delays it.
    static_cast<void>(start_move(buckets));
  }
}

void Index::visit(ScanCursor& cursor, const Visit& visit) const {
  if (!table_.allocated()) {
    cursor.done = true;
    return;
  }
  const uint64_t first = cursor.position;
  const size_t bucket = table_.bucket_of(first);
  const uint64_t last = table_.last_hash_of(bucket);
  const auto hash_of = [this](const Entry& entry) { return salted(entry.key_hash()); };
  const auto in_range = [&](Entry& entry) {
    const uint64_t hash = hash_of(entry);
    if (first <= hash && hash <= last) visit(entry);
  };
  if (old_.allocated()) {  // its buckets for the same hashes
    const size_t old_last = old_.bucket_of(last);
    for (size_t at = old_.bucket_of(first); at <= old_last; ++at) {
      old_.visit(at, hash_of, in_range);
    }
  }
  table_.visit(bucket, hash_of, in_range);
  cursor.done = last == UINT64_MAX;
  cursor.position = last + 1;
}

}  // namespace distcache::core
