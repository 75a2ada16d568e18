#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/allocator.h"
#include "base/buffer.h"
#include "base/time.h"
#include "core/cache/wheel.h"
#include "core/types.h"

namespace distcache::core {

enum EntryFlag : uint8_t {
  kEntryProvisional = 1,  // loaded under a view that is not confirmed yet
  kEntryNegative = 2,     // the source said "not found": no value
  kEntryMirror = 4,       // lent by its owner, until it expires here
  kEntryConfirmed = 8,    // partition = bounded: served while a majority confirms its owner
};

// What a put hands over.
struct NewEntry {
  Buffer value;  // may be null, of a negative entry
  Version version;
  Instant stored_at;
  Instant expires_at = Instant::never();
  uint8_t flags = 0;
  std::span<const std::string> tags{};  // at most limits::kTagsMax of limits::kTagBytesMax
};

// The room that every entry has for its store's policy. The built-in ones link it into queues.
struct PolicyHook {
  PolicyHook* prev = nullptr;
  PolicyHook* next = nullptr;
};

// Key, value and what is known of them: one block of header, key and tags, the value being a Buffer
// that readers share. Made and destroyed by a Store, whose readers see it as const; it does not
// change but for its hooks: a put replaces it by another one.
class Entry : public PolicyHook, public WheelHook {
 public:
  // Null when the allocator has nothing left; `fresh` is then unchanged. The key has 1 to
  // limits::kKeyBytesMax bytes.
  static Entry* create(const Key& key, NewEntry& fresh, Allocator& allocator);
  static void destroy(Entry& entry, Allocator& allocator);

  // True bytes of entry and value, rounded up to 16. 0: more than an entry can count, 64 GiB.
  static size_t cost_of(const Key& key, const NewEntry& fresh, const Allocator& allocator);

  Bytes key() const { return {reinterpret_cast<const char*>(this + 1), key_size_}; }
  uint64_t key_hash() const { return key_hash_; }
  const Buffer& value() const { return value_; }
  const Version& version() const { return version_; }
  Instant stored_at() const { return stored_at_; }
  Instant expires_at() const { return due_at; }  // never() = none
  bool expired(Instant now) const { return now >= due_at; }
  uint8_t flags() const { return flags_ & static_cast<uint8_t>(~kTagged); }
  std::vector<Bytes> tags() const;  // borrowed
  bool has_tag(Bytes tag) const;
  size_t cost() const { return size_t{cost_units_} * kCostUnit; }

  // The policy's own byte beside its hook.
  uint8_t policy_state = 0;

 private:
  static constexpr size_t kCostUnit = 16;
  static constexpr uint8_t kTagged = 0x80;  // tags follow the key

  Entry(const Key& key, NewEntry& fresh, size_t cost, bool tagged);
  ~Entry() = default;
  static size_t block_size(size_t key_size, std::span<const std::string> tags);
  size_t own_block_size() const;
  char* payload() { return reinterpret_cast<char*>(this + 1); }

  uint8_t flags_;
  uint16_t key_size_;
  uint32_t cost_units_;
  uint64_t key_hash_;
  Buffer value_;
  Instant stored_at_;
  Version version_;
};

}  // namespace distcache::core
