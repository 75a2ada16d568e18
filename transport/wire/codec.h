#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/allocator.h"
#include "base/buffer.h"
#include "base/limits.h"
#include "base/result.h"
#include "core/message.h"
#include "transport/wire/reject.h"

// Messages to bytes and back; docs/wire.md is the format. Pure functions: any thread, no state.
namespace distcache::wire {

// What a transport carries: the header, then the values that travel as parts of their own.
using Parts = std::vector<Buffer>;

// What a plane lets through; the kinds of the other plane are refused.
struct DecodeLimits {
  bool membership = false;
  size_t frame_bytes = limits::kFrameBytesMax;  // of the header; other parts: kChunkBytesMax
  size_t parts = limits::kMessagePartsMax;

  static constexpr DecodeLimits data_plane() { return {}; }
  static constexpr DecodeLimits membership_plane() {
    return {true, limits::kMembershipFrameBytesMax, 1};
  }
};

// The header is new, values above kInlineValueBytesMax are shared as parts, not copied. TOO_LARGE
// or INVALID_ARGUMENT (the message names the field) for what decode() would refuse: such a value
// has to go through Splitter, such a batch has to be divided. INTERNAL: a protocol version that
// this build does not speak. NO_MEMORY. Never throws.
Result<Parts> encode(const core::Message& message, Allocator& allocator = Allocator::system());

// What a call or reply adds to a batch: for those who fill one up to kBatchBytesMax and
// kMessagePartsMax. The errors of encode(), so that one bad item does not spoil its batch.
struct Footprint {
  size_t header_bytes = 0;
  size_t parts = 0;
};
Result<Footprint> footprint(const core::Call& call);
Result<Footprint> footprint(const core::Reply& reply);

// Never throws, whatever the bytes. It allocates at most 2 x the bytes of the header + 1.5 MiB, and
// nothing for elements whose bytes are not there. `allocator` provides the values that stood in the
// header; those in parts of their own are shared. On an error *why is the reason to count by:
// UNSUPPORTED for an unknown kind or version, NO_MEMORY, else INVALID_ARGUMENT.
// A call's `kind` may be one that this build does not know: answer that call with UNSUPPORTED.
Result<core::Message> decode(const Parts& parts, const DecodeLimits& limits, Reject* why = nullptr,
                             Allocator& allocator = Allocator::system());

}  // namespace distcache::wire
