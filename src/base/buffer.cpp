#include "base/buffer.h"

#include <cstring>
#include <new>

namespace distcache {

Buffer Buffer::copy_of(Bytes bytes, Allocator& allocator) {
  Buffer buffer = uninitialized(bytes.size(), allocator);
  if (!buffer.is_null() && !bytes.empty()) {
    std::memcpy(buffer.mutable_data(), bytes.data(), bytes.size());
  }
  return buffer;
}

Buffer Buffer::uninitialized(size_t size, Allocator& allocator) {
  Buffer buffer;
  void* memory = allocator.allocate(sizeof(Block) + size);
  if (memory == nullptr) return buffer;
  buffer.block_ = new (memory) Block{{1}, 0, size, &allocator};
  return buffer;
}

size_t Buffer::true_size(size_t size, const Allocator& allocator) {
  return allocator.true_size(sizeof(Block) + size);
}

void Buffer::release() noexcept {
  if (!block_) return;
  if (block_->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  Allocator* allocator = block_->allocator;
  const size_t bytes = sizeof(Block) + block_->size;
  block_->~Block();
  allocator->deallocate(block_, bytes);
}

}  // namespace distcache
