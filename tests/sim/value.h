#pragma once

#include <cstdint>
#include <optional>

#include "base/allocator.h"
#include "base/buffer.h"

namespace distcache::sim {

// A key of the run, by its numbers.
struct KeyId {
  uint32_t keyspace = 0;
  uint32_t key = 0;

  friend auto operator<=>(const KeyId&, const KeyId&) = default;
};

// What the bytes of every value say: each load and each put makes a value of its own, so that
// whoever reads it can be told exactly where it came from.
struct ValueTag {
  enum class Kind : uint32_t { load = 1, put = 2 };
  Kind kind = Kind::load;
  KeyId key;
  uint64_t id = 0;       // of the load or the put
  uint64_t content = 0;  // what the source held

  static constexpr size_t kBytes = 32;  // the smallest value
};

// `size` >= ValueTag::kBytes; what is behind the tag depends on every bit of it.
Buffer make_value(const ValueTag& tag, size_t size, Allocator& allocator);
// Nothing if a single byte differs from what make_value wrote.
std::optional<ValueTag> read_value(Bytes bytes);

}  // namespace distcache::sim
