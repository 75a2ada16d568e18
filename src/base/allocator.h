#pragma once

#include <cstddef>

namespace distcache {

// Where entries and values get their memory. Any thread. allocate() returns nullptr when there is
// none: callers answer NO_MEMORY, nothing throws. It must outlive every Buffer made from it.
class Allocator {
 public:
  virtual ~Allocator() = default;
  virtual void* allocate(size_t bytes) = 0;
  virtual void deallocate(void* block, size_t bytes) = 0;

  // What a block of that size really costs, the heap's own overhead included: the byte limit of a
  // keyspace counts this and not the length of the value.
  virtual size_t true_size(size_t bytes) const = 0;

  // malloc and free; lives as long as the process.
  static Allocator& system();
};

}  // namespace distcache
