#pragma once

#include <cstddef>
#include <cstdint>

#include "base/allocator.h"

// What a piece of code asks of the heap, through operator new and through an Allocator.
namespace distcache::testing {

// Counts on its own thread for as long as it lives; one at a time. Under a sanitizer, which has an
// operator new of its own, it counts through the sanitizer's hook and cannot fail anything.
class AllocationProbe {
 public:
  AllocationProbe();
  ~AllocationProbe();
  AllocationProbe(const AllocationProbe&) = delete;
  AllocationProbe& operator=(const AllocationProbe&) = delete;

  static bool can_fail();

  // The n-th allocation from now on throws bad_alloc (n > 0), and only that one.
  void fail_at(uint64_t n);

  uint64_t count() const;  // allocations
  size_t bytes() const;    // asked for, all in all: no peak can be higher
  size_t largest() const;  // one request
};

// The probe's view of an Allocator.
class ProbedAllocator final : public Allocator {
 public:
  void* allocate(size_t bytes) override;
  void deallocate(void* block, size_t bytes) override;
  size_t true_size(size_t bytes) const override { return system().true_size(bytes); }
};

}  // namespace distcache::testing
