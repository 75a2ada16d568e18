#pragma once

#include <cstddef>
#include <cstdint>

#include "base/allocator.h"

namespace distcache::core {

// Counts what is live by its true size, and fails when it is told to.
class TestAllocator final : public Allocator {
 public:
  void* allocate(size_t bytes) override {
    ++allocations;
    if (fail_from != 0 && allocations >= fail_from && (fail_always || allocations == fail_from)) {
      return nullptr;
    }
    live_bytes += true_size(bytes);
    ++live_blocks;
    return system().allocate(bytes);
  }
  void deallocate(void* block, size_t bytes) override {
    live_bytes -= true_size(bytes);
    --live_blocks;
    system().deallocate(block, bytes);
  }
  size_t true_size(size_t bytes) const override { return system().true_size(bytes); }

  size_t live_bytes = 0;
  size_t live_blocks = 0;
  uint64_t allocations = 0;
  uint64_t fail_from = 0;  // the number of the allocation that fails; 0: none
  bool fail_always = false;
};

}  // namespace distcache::core
