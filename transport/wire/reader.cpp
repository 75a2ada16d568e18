#include "transport/wire/reader.h"

namespace distcache::wire {

Reject Reader::type_reject(uint8_t format) {
  const bool of_the_protocol = format < 0x80 || (format >= kFixArray && format <= kNil) ||
                               (format >= kFalse && format <= kBin32) ||
                               (format >= kUint8 && format <= kUint64) ||
                               (format >= kStr8 && format <= kArray32);
  return of_the_protocol ? Reject::wrong_type : Reject::forbidden_type;
}

bool Reader::skip(int depth) {
  if (left() == 0) return fail(Reject::truncated);
  const uint8_t format = *at_;
  if (format < 0x80 || (format >= kUint8 && format <= kUint64)) {
    uint64_t ignored = 0;
    return number(ignored);
  }
  if ((format & kFixStrMask) == kFixStr || (format >= kStr8 && format <= kStr32)) {
    Bytes ignored;
    return text(ignored);
  }
  if ((format & kFixArrayMask) == kFixArray || format == kArray16 || format == kArray32) {
    uint32_t count = 0;
    if (depth == 0) return fail(Reject::depth);
    if (!array(count)) return false;
    for (uint32_t i = 0; i < count; ++i) {
      if (!skip(depth - 1)) return false;
    }
    return true;
  }
  if (next_is_bin()) {
    Bytes ignored;
    return binary(ignored);
  }
  if (format == kFalse || format == kTrue) {
    bool ignored = false;
    return boolean(ignored);
  }
  return nil();
}

}  // namespace distcache::wire
