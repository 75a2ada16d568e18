#include "base/allocator.h"

#include <cstdlib>

namespace distcache {
namespace {

// glibc keeps an 8-byte size word before each block and rounds blocks to 16, with 32 at least.
constexpr size_t kHeapWord = 8;
constexpr size_t kHeapGrain = 16;
constexpr size_t kHeapSmallest = 32;

class SystemAllocator final : public Allocator {
 public:
  void* allocate(size_t bytes) override { return std::malloc(bytes); }
  void deallocate(void* block, size_t) override { std::free(block); }
  size_t true_size(size_t bytes) const override {
    const size_t rounded = (bytes + kHeapWord + kHeapGrain - 1) / kHeapGrain * kHeapGrain;
    return rounded < kHeapSmallest ? kHeapSmallest : rounded;
  }
};

}  // namespace

Allocator& Allocator::system() {
  // Never destroyed: values may outlive main() in a host that leaks them.
  static auto* instance = new SystemAllocator;
  return *instance;
}

}  // namespace distcache
