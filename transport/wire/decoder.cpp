#include "transport/wire/decoder.h"

namespace distcache::wire {

bool Decoder::get(const Value<Buffer>& field) {
  if (field.min == 0 && reader_.next_is_nil()) return reader_.nil();
  size_t size = 0;
  if (reader_.next_is_bin()) {
    Bytes bytes;
    if (!reader_.binary(bytes)) return fail_read(field.name);
    size = bytes.size();
    field.at = Buffer::copy_of(bytes, allocator_);
    if (field.at.is_null()) return fail(field.name, Reject::no_memory);
  } else {
    uint64_t part = 0;
    if (!reader_.number(part)) return fail_read(field.name);
    // In order of appearance: one comparison finds parts that are missing, skipped or named twice.
    if (part != next_part_ || part >= parts_.size()) return fail(field.name, Reject::part_order);
    ++next_part_;
    field.at = parts_[static_cast<size_t>(part)];
    if (field.at.is_null()) return fail(field.name, Reject::length);
    size = field.at.size();
  }
  if (size < field.min || size > limits::kChunkBytesMax) return fail(field.name, Reject::length);
  return true;
}

bool Decoder::get(const Time<Duration>& field) {
  if (field.span != Span::plain && reader_.next_is_nil()) {
    field.at = Duration::max();
    return reader_.nil();
  }
  uint64_t us = 0;
  if (!reader_.number(us)) return fail_read(field.name);
  if (us > static_cast<uint64_t>(kTimeUsMax)) return fail(field.name, Reject::number_range);
  field.at = Duration::us(static_cast<int64_t>(us));
  return true;
}

bool Decoder::get(const Location<core::Address>& field) {
  Bytes text;
  if (!reader_.text(text)) return fail_read(field.name);
  if (text.empty()) return true;
  if (text.size() > limits::kAddressBytesMax) return fail(field.name, Reject::length);
  auto address = core::parse_address(text);
  if (!address.ok()) return fail(field.name, Reject::bad_address);
  field.at = std::move(*address);
  return true;
}

}  // namespace distcache::wire
