#include "core/cache/entry.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <new>

#include "base/limits.h"

namespace distcache::core {
namespace {

// Tags lie behind the key: their total length, then each as its length and its bytes.
using TagLength = uint16_t;
static_assert(limits::kTagsMax * (limits::kTagBytesMax + sizeof(TagLength)) <= UINT16_MAX);
static_assert(limits::kKeyBytesMax <= UINT16_MAX);

size_t packed_size(std::span<const std::string> tags) {
  size_t total = 0;
  for (const std::string& tag : tags) total += sizeof(TagLength) + tag.size();
  return total;
}

char* put_length(char* at, size_t length) {
  const auto value = static_cast<TagLength>(length);
  std::memcpy(at, &value, sizeof value);
  return at + sizeof value;
}

TagLength get_length(const char* at) {
  TagLength value = 0;
  std::memcpy(&value, at, sizeof value);
  return value;
}

template <typename Visit>
void each_tag(const char* packed, Visit visit) {
  const char* at = packed + sizeof(TagLength);
  const char* end = at + get_length(packed);
  while (at != end) {
    const Bytes tag(at + sizeof(TagLength), get_length(at));
    visit(tag);
    at = tag.data() + tag.size();
  }
}

}  // namespace

// The header is paid by every entry: whoever makes it larger should know.
static_assert(sizeof(Entry) <= 96);

Entry::Entry(const Key& key, NewEntry& fresh, size_t cost, bool tagged)
    : flags_(tagged ? fresh.flags | kTagged : fresh.flags),
      key_size_(static_cast<uint16_t>(key.bytes.size())),
      cost_units_(static_cast<uint32_t>(cost / kCostUnit)),
      key_hash_(key.hash),
      value_(std::move(fresh.value)),
      stored_at_(fresh.stored_at),
      version_(fresh.version) {
  due_at = fresh.expires_at;
}

size_t Entry::block_size(size_t key_size, std::span<const std::string> tags) {
  return sizeof(Entry) + key_size + (tags.empty() ? 0 : sizeof(TagLength) + packed_size(tags));
}

size_t Entry::own_block_size() const {
  const size_t untagged = sizeof(Entry) + key_size_;
  if (!(flags_ & kTagged)) return untagged;
  return untagged + sizeof(TagLength) + get_length(key().data() + key_size_);
}

size_t Entry::cost_of(const Key& key, const NewEntry& fresh, const Allocator& allocator) {
  size_t cost = allocator.true_size(block_size(key.bytes.size(), fresh.tags));
  if (!fresh.value.is_null()) cost += Buffer::true_size(fresh.value.size(), allocator);
  const size_t units = (cost + kCostUnit - 1) / kCostUnit;
  return units > UINT32_MAX ? 0 : units * kCostUnit;
}

Entry* Entry::create(const Key& key, NewEntry& fresh, Allocator& allocator) {
  assert(!key.bytes.empty() && key.bytes.size() <= limits::kKeyBytesMax);
  assert(fresh.tags.size() <= limits::kTagsMax);
  void* block = allocator.allocate(block_size(key.bytes.size(), fresh.tags));
  if (block == nullptr) return nullptr;
  const size_t cost = cost_of(key, fresh, allocator);
  auto* entry = new (block) Entry(key, fresh, cost, !fresh.tags.empty());
  char* at = entry->payload();
  std::memcpy(at, key.bytes.data(), key.bytes.size());
  if (fresh.tags.empty()) return entry;
  at = put_length(at + key.bytes.size(), packed_size(fresh.tags));
  for (const std::string& tag : fresh.tags) {
    assert(tag.size() <= limits::kTagBytesMax);
    at = put_length(at, tag.size());
    at = std::copy(tag.begin(), tag.end(), at);
  }
  return entry;
}

void Entry::destroy(Entry& entry, Allocator& allocator) {
  const size_t bytes = entry.own_block_size();
  entry.~Entry();
  allocator.deallocate(&entry, bytes);
}

std::vector<Bytes> Entry::tags() const {
  std::vector<Bytes> all;
  if (flags_ & kTagged) each_tag(key().data() + key_size_, [&](Bytes own) { all.push_back(own); });
  return all;
}

bool Entry::has_tag(Bytes tag) const {
  bool found = false;
  if (flags_ & kTagged) {
    each_tag(key().data() + key_size_, [&](Bytes own) { found = found || own == tag; });
  }
  return found;
}

}  // namespace distcache::core
