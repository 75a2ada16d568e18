#include "memory.h"

#include <cstdlib>
#include <new>
#include <utility>

namespace bench {
namespace {

thread_local size_t* counting = nullptr;

// Stands before each block and keeps its alignment.
struct alignas(std::max_align_t) Header {
  size_t* counter;
  size_t bytes;
};

}  // namespace

CountMemory::CountMemory(size_t& bytes) : before_(std::exchange(counting, &bytes)) {}
CountMemory::~CountMemory() { counting = before_; }

}  // namespace bench

void* operator new(size_t bytes) {
  auto* header = static_cast<bench::Header*>(std::malloc(sizeof(bench::Header) + bytes));
  if (header == nullptr) throw std::bad_alloc();
  *header = {bench::counting, bytes};
  if (header->counter) *header->counter += bytes;
  return header + 1;
}

void operator delete(void* block) noexcept {
  if (block == nullptr) return;
  auto* header = static_cast<bench::Header*>(block) - 1;
  if (header->counter) *header->counter -= header->bytes;
  std::free(header);
}

void operator delete(void* block, size_t /*bytes*/) noexcept { operator delete(block); }
