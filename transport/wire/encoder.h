#pragma once

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include <msgpack/pack.hpp>

#include "base/limits.h"
#include "base/result.h"
#include "core/cluster/address.h"
#include "transport/wire/schema.h"

namespace distcache::wire {

// Where a packer writes: first nowhere, to learn the size, then into a Buffer of exactly that size.
// Packing twice is cheaper than growing a buffer and copying it (docs/decisions/0002).
struct Sizer {
  size_t bytes = 0;
  void write(const char*, size_t size) { bytes += size; }
};
struct Filler {
  char* at;
  void write(const char* from, size_t size) {
    std::memcpy(at, from, size);
    at += size;
  }
};

// Writes fields as schema.h describes them, and refuses what a decoder would refuse, so that a
// fault stays with its maker. After a false, error() says which field and why.
template <typename Stream>
class Encoder {
 public:
  // Large values go to `parts`, behind what is in it, or are only counted if it is null.
  Encoder(Stream& stream, std::vector<Buffer>* parts) : packer_(stream), parts_(parts) {}

  Error& error() { return error_; }
  size_t parts_used() const { return parts_used_; }

  template <typename... Fields>
  bool record(const char* name, Fields... fields) {
    packer_.pack_array(sizeof...(Fields));
    if ((put(fields) && ...)) return true;
    error_.message.insert(0, std::string(name) + '.');
    return false;
  }

  template <typename T>
  bool put(const Record<T>& field) {
    return describe(*this, field.at);
  }

  // What no field can say of itself.
  bool require(const char* name, bool holds) {
    if (!holds) error_ = {Status::invalid_argument, std::string(name) + ": must not be empty"};
    return holds;
  }

  void array(uint32_t count) { packer_.pack_array(count); }
  void number(uint64_t value) { packer_.pack_uint64(value); }

 private:
  template <typename T>
  bool put(const Number<T>& field) {
    const auto value = static_cast<uint64_t>(field.at);
    if (value < field.min || value > field.max) {
      return fail(field.name, Status::invalid_argument, value, field.min, field.max);
    }
    packer_.pack_uint64(value);
    return true;
  }

  template <typename T>
  bool put(const Code<T>& field) {
    packer_.pack_uint64(static_cast<uint64_t>(field.at));
    return true;
  }

  template <typename T>
  bool put(const Boolean<T>& field) {
    field.at ? packer_.pack_true() : packer_.pack_false();
    return true;
  }

  template <typename T>
  bool put(const Text<T>& field) {
    size_t size = field.at.size();
    if (field.cut && size > field.max) size = whole_characters(field.at, field.max);
    if (!fits(field.name, size, field.min, field.max)) return false;
    packer_.pack_str(static_cast<uint32_t>(size));
    packer_.pack_str_body(field.at.data(), static_cast<uint32_t>(size));
    return true;
  }

  template <typename T>
  bool put(const Binary<T>& field) {
    if (!fits(field.name, field.at.size(), field.min, field.max)) return false;
    put_binary(field.at.data(), field.at.size());
    return true;
  }

  template <typename T>
  bool put(const Value<T>& field) {
    const size_t size = field.at.size();
    if (field.at.is_null() && field.min == 0) {
      packer_.pack_nil();
      return true;
    }
    if (!fits(field.name, size, field.min, limits::kChunkBytesMax)) return false;
    if (size <= limits::kInlineValueBytesMax) {
      put_binary(field.at.data(), size);
      return true;
    }
    packer_.pack_uint64(++parts_used_);
    if (parts_ != nullptr) parts_->push_back(field.at);
    return true;
  }

  template <typename T>
  bool put(const Time<T>& field) {
    if (field.span != Span::plain && field.at == Duration::max()) {
      packer_.pack_nil();
      return true;
    }
    const Duration rounding = Duration::ns(field.span == Span::wish ? 999 : 0);
    const int64_t us = (field.at + rounding).as_us();
    packer_.pack_uint64(static_cast<uint64_t>(std::clamp<int64_t>(us, 0, kTimeUsMax)));
    return true;
  }

  template <typename T>
  bool put(const Location<T>& field) {
    const std::string address = field.at == core::Address{} ? "" : core::format_address(field.at);
    if (!address.empty() && !core::parse_address(address).ok()) {
      error_ = {Status::invalid_argument, std::string(field.name) + ": not an address"};
      return false;
    }
    packer_.pack_str(static_cast<uint32_t>(address.size()));
    packer_.pack_str_body(address.data(), static_cast<uint32_t>(address.size()));
    return true;
  }

  template <typename T>
  bool put(const Optional<T>& field) {
    if (!field.absent) return describe(*this, field.at);
    packer_.pack_nil();
    return true;
  }

  template <typename T, typename Item>
  bool put(const List<T, Item>& field) {
    elements_ += field.at.size();
    if (!fits(field.name, field.at.size(), field.min, field.max)) return false;
    if (!fits("elements of all lists", elements_, 0, kListElementsMax)) return false;
    packer_.pack_array(static_cast<uint32_t>(field.at.size()));
    for (const auto& element : field.at) {
      if (!put(field.item(element))) return false;
    }
    return true;
  }

  void put_binary(const char* bytes, size_t size) {
    packer_.pack_bin(static_cast<uint32_t>(size));
    packer_.pack_bin_body(bytes, static_cast<uint32_t>(size));
  }

  // The longest beginning of at most `max` bytes that does not end inside a UTF-8 sequence.
  static size_t whole_characters(const std::string& text, size_t max) {
    size_t size = max;
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) --size;
    return size;
  }

  bool fits(const char* name, size_t size, size_t min, size_t max) {
    return (size >= min && size <= max) || fail(name, Status::too_large, size, min, max);
  }
  bool fail(const char* name, Status status, uint64_t value, uint64_t min, uint64_t max) {
    if (value < min) status = Status::invalid_argument;
    error_ = {status, std::string(name) + ": " + std::to_string(value) + " is not in " +
                          std::to_string(min) + ".." + std::to_string(max)};
    return false;
  }

  msgpack::packer<Stream> packer_;
  std::vector<Buffer>* parts_;
  size_t parts_used_ = 0;
  size_t elements_ = 0;
  Error error_;
};

}  // namespace distcache::wire
