#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/allocator.h"

namespace distcache::core {

// Remembers which keys were evicted lately, and from which of two queues, without keeping them: 4
// bytes each in buckets of one cache line, as fingerprint and age. A memory of the last `span`
// evictions or so, with one false memory in 10^4. Allocates on the first insert, and forgets all
// when it has to be resized. When memory fails it remembers nothing.
// One thread at a time.
class Ghosts {
 public:
  enum class Kind : uint8_t { small = 0, main = 1, none = 2 };

  explicit Ghosts(Allocator& allocator) : allocator_(allocator) {}
  ~Ghosts() { clear(); }
  Ghosts(const Ghosts&) = delete;
  Ghosts& operator=(const Ghosts&) = delete;

  // `span`: how many evictions to remember, from now on.
  void insert(uint64_t key_hash, Kind kind, size_t span);
  Kind take(uint64_t key_hash);  // forgets it
  size_t count(Kind kind) const { return counts_[static_cast<size_t>(kind)]; }
  void clear();
  size_t bytes() const;

 private:
  static constexpr size_t kSlots = 16;
  struct Bucket {
    std::array<uint32_t, kSlots> slots;
  };

  bool fit(size_t span);
  Bucket& bucket_of(uint64_t mixed) const;
  uint32_t age(uint32_t slot) const;
  void forget(uint32_t& slot);

  Allocator& allocator_;
  Bucket* buckets_ = nullptr;
  size_t bucket_count_ = 0;
  size_t span_ = 0;
  uint64_t evictions_ = 0;
  uint64_t unit_ = 1;  // evictions per step of the clock that ages are told by
  std::array<size_t, 2> counts_{};
};

}  // namespace distcache::core
