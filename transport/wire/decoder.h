#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "core/cluster/address.h"
#include "transport/wire/reader.h"
#include "transport/wire/schema.h"

namespace distcache::wire {

// Reads fields as schema.h describes them. After a false, reject() and path() say why and where;
// what was read so far is worthless.
class Decoder {
 public:
  Decoder(const std::vector<Buffer>& parts, Allocator& allocator)
      : parts_(parts), allocator_(allocator), reader_(parts.front().view()) {}

  Reject reject() const { return reject_; }
  const std::string& path() const { return path_; }

  template <typename... Fields>
  bool record(const char* name, Fields... fields) {
    if (read_record(name, fields...)) return true;
    path_.insert(0, std::string(name) + '.');
    return false;
  }

  bool require(const char* name, bool holds) { return holds || fail(name, Reject::length); }

  // The four elements that stand around everything: see codec.cpp.
  bool open(uint32_t& elements) { return reader_.array(elements) || fail_read("message"); }
  bool head(const char* name, uint64_t& value) { return reader_.number(value) || fail_read(name); }
  bool close(uint32_t surplus) {
    if (!skip("message", surplus)) return false;
    if (!reader_.at_end()) return fail("message", Reject::trailing_bytes);
    return next_part_ == parts_.size() || fail("parts", Reject::part_order);
  }
  bool fail(const char* name, Reject reason) {
    reject_ = reason;
    path_ = name;
    return false;
  }

 private:
  template <typename... Fields>
  bool read_record(const char* name, const Fields&... fields) {
    uint32_t count = 0;
    if (!reader_.array(count)) return fail_read("head");
    if (count < sizeof...(Fields)) return fail("head", Reject::missing_field);
    return (get(fields) && ...) && skip(name, count - sizeof...(Fields));
  }

  template <typename T>
  bool get(const Number<T>& field) {
    uint64_t value = 0;
    if (!reader_.number(value)) return fail_read(field.name);
    if (value < field.min || value > field.max) return fail(field.name, Reject::number_range);
    field.at = static_cast<T>(value);
    return true;
  }

  template <typename T>
  bool get(const Code<T>& field) {
    uint64_t value = 0;
    if (!reader_.number(value)) return fail_read(field.name);
    field.at = field.known(value) ? static_cast<T>(value) : field.otherwise;
    return true;
  }

  bool get(const Boolean<bool>& field) {
    return reader_.boolean(field.at) || fail_read(field.name);
  }

  bool get(const Text<std::string>& field) {
    Bytes bytes;
    if (!reader_.text(bytes)) return fail_read(field.name);
    return keep(field.name, bytes, field.min, field.max, field.at);
  }

  bool get(const Binary<std::string>& field) {
    Bytes bytes;
    if (!reader_.binary(bytes)) return fail_read(field.name);
    return keep(field.name, bytes, field.min, field.max, field.at);
  }

  bool get(const Value<Buffer>& field);
  bool get(const Time<Duration>& field);
  bool get(const Location<core::Address>& field);

  template <typename T>
  bool get(const Record<T>& field) {
    return describe(*this, field.at);
  }

  template <typename T>
  bool get(const Optional<T>& field) {
    return reader_.next_is_nil() ? reader_.nil() : describe(*this, field.at);
  }

  template <typename T, typename Item>
  bool get(const List<T, Item>& field) {
    uint32_t count = 0;
    if (!reader_.array(count)) return fail_read(field.name);
    elements_ += count;
    if (count < field.min || count > field.max || elements_ > kListElementsMax) {
      return fail(field.name, Reject::count);
    }
    // Before room is made for them: so many cannot follow.
    if (count > reader_.left() / field.item_bytes) return fail(field.name, Reject::truncated);
    field.at.reserve(count);
    for (uint32_t i = 0; i < count; ++i) {
      if (!get(field.item(field.at.emplace_back()))) return false;
    }
    return true;
  }

  bool keep(const char* name, Bytes bytes, size_t min, size_t max, std::string& at) {
    if (bytes.size() < min || bytes.size() > max) return fail(name, Reject::length);
    at.assign(bytes);
    return true;
  }

  // What a later version has appended.
  bool skip(const char* name, size_t surplus) {
    for (; surplus > 0; --surplus) {
      if (!reader_.skip(kSurplusDepthMax)) return fail_read(name);
    }
    return true;
  }
  bool fail_read(const char* name) { return fail(name, reader_.reject()); }

  const std::vector<Buffer>& parts_;
  Allocator& allocator_;
  Reader reader_;
  size_t next_part_ = 1;
  size_t elements_ = 0;
  Reject reject_ = Reject::none;
  std::string path_;
};

}  // namespace distcache::wire
