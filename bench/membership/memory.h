#pragma once

#include <cstddef>

namespace bench {

// While one of these lives, what this thread allocates is added to a number, and taken from it
// when it is freed, whenever that is. Replaces operator new of the whole program.
class CountMemory {
 public:
  explicit CountMemory(size_t& bytes);
  ~CountMemory();
  CountMemory(const CountMemory&) = delete;
  CountMemory& operator=(const CountMemory&) = delete;

 private:
  size_t* before_;
};

}  // namespace bench
