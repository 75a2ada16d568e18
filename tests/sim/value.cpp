#include "value.h"

#include <cstring>

#include "base/hash.h"

namespace distcache::sim {
namespace {

struct Head {
  uint32_t kind, keyspace, key, size;
  uint64_t id, content;
};
static_assert(sizeof(Head) == ValueTag::kBytes);

// The filling of a value in words of 8 bytes.
class Filling {
 public:
  explicit Filling(const Head& head)
      : state_(mix64(head.id) ^ mix64(~head.content) ^ head.size ^ uint64_t{head.kind} << 32) {}
  uint64_t next() { return state_ = state_ * 0x5851f42d4c957f2dULL + 0x14057b7ef767814fULL; }

 private:
  uint64_t state_;
};

}  // namespace

Buffer make_value(const ValueTag& tag, size_t size, Allocator& allocator) {
  Buffer value = Buffer::uninitialized(size, allocator);
  const Head head{static_cast<uint32_t>(tag.kind), tag.key.keyspace, tag.key.key,
                  static_cast<uint32_t>(size),     tag.id,           tag.content};
  char* to = value.mutable_data();
  std::memcpy(to, &head, sizeof head);
  Filling filling(head);
  for (size_t at = sizeof head; at < size; at += 8) {
    const uint64_t word = filling.next();
    std::memcpy(to + at, &word, std::min<size_t>(8, size - at));
  }
  return value;
}

std::optional<ValueTag> read_value(Bytes bytes) {
  Head head;
  if (bytes.size() < sizeof head) return std::nullopt;
  std::memcpy(&head, bytes.data(), sizeof head);
  if (head.size != bytes.size()) return std::nullopt;
  Filling filling(head);
  for (size_t at = sizeof head; at < bytes.size(); at += 8) {
    const uint64_t word = filling.next();
    if (std::memcmp(bytes.data() + at, &word, std::min<size_t>(8, bytes.size() - at)) != 0) {
      return std::nullopt;
    }
  }
  return ValueTag{
      static_cast<ValueTag::Kind>(head.kind), {head.keyspace, head.key}, head.id, head.content};
}

}  // namespace distcache::sim
