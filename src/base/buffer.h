#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "base/allocator.h"

namespace distcache {

using Bytes = std::string_view;  // borrowed bytes of any value

// Immutable, reference-counted bytes: the value of an entry, shared without a copy between the
// store, results and frames on their way to a peer. Copying a Buffer is one atomic increment.
// Handles are not thread-safe, the bytes and the count are: each thread holds its own handle.
class Buffer {
 public:
  Buffer() = default;  // null: no bytes at all, not the same as an empty value
  Buffer(const Buffer& other) noexcept : block_(other.block_) { retain(); }
  Buffer(Buffer&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  Buffer& operator=(Buffer other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~Buffer() { release(); }

  // A null Buffer when the allocator has nothing left.
  static Buffer copy_of(Bytes bytes, Allocator& allocator = Allocator::system());
  // Room for `size` bytes that the caller fills through mutable_data() before it shares the handle.
  static Buffer uninitialized(size_t size, Allocator& allocator = Allocator::system());
  // What a Buffer of that size costs its allocator.
  static size_t true_size(size_t size, const Allocator& allocator);

  bool is_null() const { return block_ == nullptr; }
  size_t size() const { return block_ ? block_->size : 0; }
  const char* data() const { return block_ ? reinterpret_cast<const char*>(block_ + 1) : nullptr; }
  char* mutable_data() { return block_ ? reinterpret_cast<char*>(block_ + 1) : nullptr; }
  Bytes view() const { return {data(), size()}; }

  // The reference of this handle as a plain pointer, for C callbacks (zmq's free function, views
  // of the C API). Exactly one adopt() ends each detach().
  void* detach() && { return std::exchange(block_, nullptr); }
  static Buffer adopt(void* detached) {
    Buffer buffer;
    buffer.block_ = static_cast<Block*>(detached);
    return buffer;
  }

 private:
  struct Block {
    std::atomic<uint32_t> references;
    uint32_t reserved;
    size_t size;
    Allocator* allocator;
  };

  void retain() noexcept {
    if (block_) block_->references.fetch_add(1, std::memory_order_relaxed);
  }
  void release() noexcept;

  Block* block_ = nullptr;
};

}  // namespace distcache
