#pragma once

#include <cstdint>

#include "core/cache/ghosts.h"
#include "core/cache/policy.h"
#include "core/cache/policy_queue.h"

namespace distcache::core {

// S3-FIFO (Yang, Zhang, Qiu, Yue, Rashmi, SOSP 2023): new entries pass through a small queue, those
// used again move to the main one, what is asked for again soon after it was evicted goes there at
// once. A hit writes two bits and moves nothing; a scan washes out the small queue only.
//
// The small queue's share is not the fixed tenth of the paper, which collapses in caches of less
// than a thousand entries: it follows the ghosts as in ARC (Megiddo and Modha, FAST 2003). What
// comes back after it left the small queue enlarges it, what left the main queue shrinks it.
// Shares are of bytes, so that a scan of large values cannot push out many small ones.
// Integer arithmetic throughout: the same requests evict the same entries on every machine.
// One thread at a time.
class S3Fifo final : public EvictionPolicy {
 public:
  explicit S3Fifo(Allocator& allocator) : allocator_(allocator), ghosts_(allocator) {}

  void on_insert(Entry& entry) override;
  void on_hit(Entry& entry) override;
  void on_replace(Entry& old, Entry& fresh) override;
  void on_remove(Entry& entry) override;
  Entry* victim() override;
  void clear() override;  // keeps the share that it has learned
  size_t bytes() const override;

 private:
  static constexpr uint64_t kWhole = uint64_t{1} << 24;  // a share of 1

  PolicyQueue& queue_of(const Entry& entry);
  size_t size() const { return small_.size() + main_.size(); }
  void adapt(Ghosts::Kind kind);
  bool small_is_over() const;
  Entry* evict(PolicyQueue& queue, Ghosts::Kind kind);

  Allocator& allocator_;
  PolicyQueue small_;
  PolicyQueue main_;
  Ghosts ghosts_;
  uint64_t small_share_ = kWhole / 10;
};

}  // namespace distcache::core
