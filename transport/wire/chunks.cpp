#include "transport/wire/chunks.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "core/mutations.h"

namespace distcache::wire {
namespace {

using core::mutated;
using core::Mutation;

constexpr uint64_t kPieceBytes = limits::kChunkBytesMax;

uint64_t piece_bytes(uint64_t offset, uint64_t total) {
  return std::min(kPieceBytes, total - offset);
}

}  // namespace

Result<core::Chunk> Splitter::next(Allocator& allocator) {
  const auto size = static_cast<size_t>(piece_bytes(offset_, value_.size()));
  core::Chunk chunk;
  chunk.id = id_;
  chunk.of_reply = of_reply_;
  chunk.offset = offset_;
  chunk.total = value_.size();
  chunk.bytes = Buffer::copy_of(value_.view().substr(offset_, size), allocator);
  if (chunk.bytes.is_null()) return Error{Status::no_memory, "no memory"};
  offset_ += size;
  return chunk;
}

Reassembler::Values::iterator Reassembler::find(uint64_t id, bool of_reply) {
  return std::find_if(values_.begin(), values_.end(), [&](const Unfinished& value) {
    return value.id == id && value.of_reply == of_reply;
  });
}

ChunkReject Reassembler::add(core::Chunk chunk, Instant now) {
  expire(now);
  ChunkReject fault = ChunkReject::no_memory;
  try {
    fault = add_throwing(chunk, now);
  } catch (const std::bad_alloc&) {
    // Counted below like any other reason to drop the value.
  }
  if (fault == ChunkReject::none) return fault;
  if (fault != ChunkReject::duplicate) drop(chunk.id, chunk.of_reply);
  ++rejected_[static_cast<size_t>(fault)];
  return fault;
}

ChunkReject Reassembler::add_throwing(core::Chunk& chunk, Instant now) {
  auto value = find(chunk.id, chunk.of_reply);
  if (value == values_.end()) {
    const ChunkReject refused = begin(chunk, now);
    if (refused != ChunkReject::none) return refused;
    value = values_.end() - 1;
  }
  const ChunkReject fault = place(*value, chunk);
  if (fault != ChunkReject::none) return fault;
  const size_t size = chunk.bytes.size();
  value->pieces.push_back(std::move(chunk.bytes));
  value->received += size;
  return ChunkReject::none;
}

ChunkReject Reassembler::begin(const core::Chunk& chunk, Instant now) {
  if (chunk.offset != 0) return ChunkReject::gap;
  if (chunk.total <= kPieceBytes) return ChunkReject::too_small;
  const bool fits = chunk.total <= value_bytes_max_ || mutated(Mutation::any_chunked_value);
  if (!fits) return ChunkReject::too_large;
  const bool full = values_.size() >= limits::kReassembliesMax;
  if (full && !mutated(Mutation::any_chunked_values)) return ChunkReject::too_many;
  Unfinished value;
  value.id = chunk.id;
  value.of_reply = chunk.of_reply;
  value.total = chunk.total;
  value.begun = now;
  values_.push_back(std::move(value));
  return ChunkReject::none;
}

ChunkReject Reassembler::place(const Unfinished& value, const core::Chunk& chunk) const {
  if (chunk.total != value.total) return ChunkReject::wrong_total;
  if (chunk.offset > value.received) return ChunkReject::gap;
  if (chunk.offset < value.received) {
    const bool whole = chunk.offset % kPieceBytes == 0 &&
                       chunk.bytes.size() == piece_bytes(chunk.offset, chunk.total);
    return whole ? ChunkReject::duplicate : ChunkReject::overlap;
  }
  // All pieces are there already: nothing can come next.
  if (chunk.offset == chunk.total) return ChunkReject::overlap;
  return chunk.bytes.size() == piece_bytes(chunk.offset, chunk.total) ? ChunkReject::none
                                                                      : ChunkReject::wrong_size;
}

Result<Buffer> Reassembler::take(uint64_t id, bool of_reply, Allocator& allocator) {
  const auto found = find(id, of_reply);
  if (found == values_.end()) return Buffer();
  Unfinished value = std::move(*found);
  values_.erase(found);
  if (value.received != value.total) {
    ++rejected_[static_cast<size_t>(ChunkReject::unfinished)];
    return Buffer();
  }
  Buffer whole = Buffer::uninitialized(static_cast<size_t>(value.total), allocator);
  if (whole.is_null()) return Error{Status::no_memory, "no memory"};
  char* at = whole.mutable_data();
  for (Buffer& piece : value.pieces) {
    std::memcpy(at, piece.data(), piece.size());
    at += piece.size();
    piece = Buffer();  // now, so that the value is not in memory twice at the end
  }
  return whole;
}

void Reassembler::drop(uint64_t id, bool of_reply) {
  const auto value = find(id, of_reply);
  if (value != values_.end()) values_.erase(value);
}

size_t Reassembler::expire(Instant now) {
  const size_t expired = std::erase_if(
      values_, [&](const Unfinished& value) { return now - value.begun >= kReassemblyAgeMax; });
  rejected_[static_cast<size_t>(ChunkReject::expired)] += expired;
  return expired;
}

Instant Reassembler::next_deadline() const {
  Instant earliest = Instant::never();
  for (const Unfinished& value : values_) {
    earliest = std::min(earliest, value.begun + kReassemblyAgeMax);
  }
  return earliest;
}

size_t Reassembler::bytes_held() const {
  uint64_t bytes = 0;
  for (const Unfinished& value : values_) bytes += value.received;
  return static_cast<size_t>(bytes);
}

uint64_t Reassembler::bytes_announced() const {
  uint64_t bytes = 0;
  for (const Unfinished& value : values_) bytes += value.total;
  return bytes;
}

}  // namespace distcache::wire
