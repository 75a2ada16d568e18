#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace distcache::wire {

// Why bytes of a peer were refused: what a receiver counts by. docs/wire.md says what it does then.
enum class Reject : uint8_t {
  none = 0,
  truncated,        // the bytes end before the value does
  wrong_type,       // another msgpack type than the schema's
  forbidden_type,   // float, map, ext or 0xc1: never part of this protocol
  number_range,     // an integer outside its range
  length,           // a string, key or value shorter or longer than allowed
  count,            // a list shorter or longer than allowed
  depth,            // nested deeper than any message is
  missing_field,    // a struct with fewer elements than version 1 has
  trailing_bytes,   // bytes after the message
  part_order,       // a part is named twice, out of turn, not at all, or does not exist
  frame_too_large,  // a part longer than its plane allows
  too_many_parts,
  bad_address,   // not "host:port" nor "host:port#public-key"
  unknown_kind,  // a message of a later version: skip it and go on
  wrong_plane,   // a kind that does not travel on this plane
  version,       // a protocol version that this build does not speak
  no_memory,     // ours, not the peer's fault
};
inline constexpr size_t kRejects = 18;  // for arrays of counters

std::string_view reject_name(Reject reject);  // "wrong_type"

}  // namespace distcache::wire
