#pragma once

#include <cstddef>
#include <cstdint>

#include "base/buffer.h"
#include "transport/wire/reject.h"

namespace distcache::wire {

// A cursor over msgpack bytes that nobody vouches for. It allocates nothing, never reads past the
// end, never throws, and knows only the six types of the protocol: nil, bool, unsigned integer,
// str, bin, array. Each function either consumes one item and returns true, or keeps the first
// reason in reject() and returns false; what follows a false is unspecified, so callers stop.
class Reader {
 public:
  explicit Reader(Bytes bytes)
      : at_(reinterpret_cast<const uint8_t*>(bytes.data())), end_(at_ + bytes.size()) {}

  Reject reject() const { return reject_; }
  size_t left() const { return static_cast<size_t>(end_ - at_); }
  bool at_end() const { return at_ == end_; }

  // What comes next, without consuming it.
  bool next_is_nil() const { return at_ != end_ && *at_ == kNil; }
  bool next_is_bin() const { return at_ != end_ && *at_ >= kBin8 && *at_ <= kBin32; }

  bool nil();
  bool boolean(bool& value);
  bool number(uint64_t& value);
  bool text(Bytes& value) { return bytes(kFixStr, kFixStrMask, kStr8, value); }
  bool binary(Bytes& value) { return bytes(0, 0, kBin8, value); }
  // The elements follow. At least one byte each is left, so a count alone can never be a bomb.
  bool array(uint32_t& count);
  // Any one item with all that is in it, at most `depth` arrays deep.
  bool skip(int depth);

 private:
  // https://github.com/msgpack/msgpack/blob/master/spec.md
  enum Format : uint8_t {
    kFixArray = 0x90,
    kFixArrayMask = 0xf0,
    kFixStr = 0xa0,
    kFixStrMask = 0xe0,
    kNil = 0xc0,
    kFalse = 0xc2,
    kTrue = 0xc3,
    kBin8 = 0xc4,
    kBin32 = 0xc6,
    kUint8 = 0xcc,
    kUint64 = 0xcf,
    kStr8 = 0xd9,
    kStr32 = 0xdb,
    kArray16 = 0xdc,
    kArray32 = 0xdd,
  };

  bool fail(Reject reason) {
    reject_ = reason;
    return false;
  }
  bool fail_type() { return fail(left() == 0 ? Reject::truncated : type_reject(*at_)); }
  static Reject type_reject(uint8_t format);
  bool big_endian(size_t width, uint64_t& value);
  bool take(uint64_t size, Bytes& value);
  bool bytes(uint8_t fix, uint8_t fix_mask, uint8_t first, Bytes& value);

  const uint8_t* at_;
  const uint8_t* end_;
  Reject reject_ = Reject::none;
};

inline bool Reader::big_endian(size_t width, uint64_t& value) {
  if (left() < width) return fail(Reject::truncated);
  value = 0;
  for (size_t i = 0; i < width; ++i) value = value << 8 | at_[i];
  at_ += width;
  return true;
}

inline bool Reader::take(uint64_t size, Bytes& value) {
  if (left() < size) return fail(Reject::truncated);
  value = Bytes(reinterpret_cast<const char*>(at_), static_cast<size_t>(size));
  at_ += size;
  return true;
}

inline bool Reader::nil() {
  if (!next_is_nil()) return fail_type();
  ++at_;
  return true;
}

inline bool Reader::boolean(bool& value) {
  if (left() == 0 || (*at_ != kFalse && *at_ != kTrue)) return fail_type();
  value = *at_++ == kTrue;
  return true;
}

inline bool Reader::number(uint64_t& value) {
  if (left() == 0) return fail(Reject::truncated);
  const uint8_t format = *at_;
  if (format < 0x80) {
    ++at_;
    value = format;
    return true;
  }
  if (format < kUint8 || format > kUint64) return fail_type();
  ++at_;
  switch (format - kUint8) {  // a width that the compiler knows is one load
    case 0:
      return big_endian(1, value);
    case 1:
      return big_endian(2, value);
    case 2:
      return big_endian(4, value);
    default:
      return big_endian(8, value);
  }
}

// str and bin differ in their format bytes only: a short form (fix) that bin lacks, then three in a
// row with lengths of one, two and four bytes.
inline bool Reader::bytes(uint8_t fix, uint8_t fix_mask, uint8_t first, Bytes& value) {
  if (left() == 0) return fail(Reject::truncated);
  const uint8_t format = *at_;
  if (fix_mask != 0 && (format & fix_mask) == fix) {
    ++at_;
    return take(format & static_cast<uint8_t>(~fix_mask), value);
  }
  if (format < first || format > first + 2) return fail_type();
  ++at_;
  uint64_t size = 0;
  return big_endian(size_t{1} << (format - first), size) && take(size, value);
}

inline bool Reader::array(uint32_t& count) {
  if (left() == 0) return fail(Reject::truncated);
  const uint8_t format = *at_;
  uint64_t declared = 0;
  if ((format & kFixArrayMask) == kFixArray) {
    ++at_;
    declared = format & static_cast<uint8_t>(~kFixArrayMask);
  } else if (format == kArray16 || format == kArray32) {
    ++at_;
    if (!big_endian(format == kArray16 ? 2 : 4, declared)) return false;
  } else {
    return fail_type();
  }
  if (declared > left()) return fail(Reject::truncated);
  count = static_cast<uint32_t>(declared);
  return true;
}

}  // namespace distcache::wire
