#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/allocator.h"
#include "base/buffer.h"
#include "base/limits.h"
#include "base/result.h"
#include "base/time.h"
#include "core/message.h"

// Values that are larger than one frame may be. There is exactly one way to cut a value: pieces of
// kChunkBytesMax in order, the last one with the rest. So a receiver knows the only piece that can
// come next, and nobody can make it keep a million tiny ones.
namespace distcache::wire {

inline constexpr Duration kReassemblyAgeMax = Duration::seconds(30);

// The sender's side. Holds a reference to the value and copies one piece at a time, so that a value
// is not in memory twice while it waits to be sent. One thread at a time.
class Splitter {
 public:
  // `value` must be larger than kChunkBytesMax.
  Splitter(uint64_t id, bool of_reply, Buffer value)
      : id_(id), of_reply_(of_reply), value_(std::move(value)) {}

  bool done() const { return offset_ == value_.size(); }
  // The next piece; not after done(). NO_MEMORY leaves the position where it was.
  Result<core::Chunk> next(Allocator& allocator = Allocator::system());

 private:
  uint64_t id_;
  bool of_reply_;
  Buffer value_;
  size_t offset_ = 0;
};

// Why a piece was not kept.
enum class ChunkReject : uint8_t {
  none = 0,
  too_small,    // the whole value is no larger than one frame: it needs no pieces
  too_large,    // the whole value is larger than this node takes
  gap,          // not the piece that comes next; without a first piece before it, too
  overlap,      // begins inside a piece that is there
  duplicate,    // is there already: ignored, the value goes on
  wrong_total,  // another total than the first piece said
  wrong_size,   // a piece of another length than its place in the value gives it
  too_many,     // kReassembliesMax values of this peer are under way
  expired,      // not finished within kReassemblyAgeMax
  unfinished,   // its call or reply came before its last piece
  no_memory,
};
inline constexpr size_t kChunkRejects = 12;  // for arrays of counters

// The receiver's side, one per peer and plane. Pure: is given `now`, tells next_deadline(). Keeps
// the pieces as they came and makes the value when it is taken, so that no memory is spent on bytes
// that were only announced. A fault drops the value that it belongs to (a duplicate does not).
// Bounded: kReassembliesMax values, of at most `value_bytes_max` each, for kReassemblyAgeMax. One
// thread at a time.
class Reassembler {
 public:
  explicit Reassembler(size_t value_bytes_max) : value_bytes_max_(value_bytes_max) {}

  // For values that begin from now on.
  void set_value_bytes_max(size_t value_bytes_max) { value_bytes_max_ = value_bytes_max; }

  // Never throws.
  ChunkReject add(core::Chunk chunk, Instant now);

  // The whole value of this call or reply, which is then forgotten here: asked for each call or
  // reply that came without a value. Null if there was none, or if it was not finished (it never
  // will be: the pieces travel before their message). NO_MEMORY if it could not be put together.
  Result<Buffer> take(uint64_t id, bool of_reply, Allocator& allocator = Allocator::system());

  // The same for a call or reply that nobody waits for any more.
  void drop(uint64_t id, bool of_reply);

  // Drops what is too old and says how many values that were. Instant::never() = nothing waits.
  size_t expire(Instant now);
  Instant next_deadline() const;

  void clear() { values_.clear(); }  // the link went down: what is unfinished stays so
  size_t bytes_held() const;
  uint64_t bytes_announced() const;  // of all values under way, once they are whole
  uint64_t rejected(ChunkReject why) const { return rejected_[static_cast<size_t>(why)]; }

 private:
  struct Unfinished {
    uint64_t id = 0;
    bool of_reply = false;
    uint64_t total = 0;
    uint64_t received = 0;
    Instant begun;
    std::vector<Buffer> pieces;
  };
  using Values = std::vector<Unfinished>;  // few: searched one by one

  Values::iterator find(uint64_t id, bool of_reply);
  ChunkReject add_throwing(core::Chunk& chunk, Instant now);
  ChunkReject begin(const core::Chunk& chunk, Instant now);
  ChunkReject place(const Unfinished& value, const core::Chunk& chunk) const;

  size_t value_bytes_max_;
  Values values_;
  std::array<uint64_t, kChunkRejects> rejected_{};
};

}  // namespace distcache::wire
