#pragma once

#include <cstddef>

#include "base/allocator.h"

namespace distcache::sim {

// The heap of one process, counted, so that what a process leaves behind is seen.
class CountingAllocator final : public Allocator {
 public:
  void* allocate(size_t bytes) override {
    void* block = system().allocate(bytes);
    if (block) {
      ++blocks_;
      true_bytes_ += true_size(bytes);
    }
    return block;
  }
  void deallocate(void* block, size_t bytes) override {
    if (block) {
      --blocks_;
      true_bytes_ -= true_size(bytes);
    }
    system().deallocate(block, bytes);
  }
  size_t true_size(size_t bytes) const override { return system().true_size(bytes); }

  size_t blocks() const { return blocks_; }
  size_t true_bytes() const { return true_bytes_; }

 private:
  size_t blocks_ = 0;
  size_t true_bytes_ = 0;
};

}  // namespace distcache::sim
