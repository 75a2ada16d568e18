#pragma once

#include <optional>

#include "base/allocator.h"
#include "core/message.h"
#include "transport/transport.h"
#include "transport/wire/chunks.h"

namespace distcache::engine {

// What leaves on one link or route: one batch at a time, behind the pieces of a value that no frame
// has room for. Where the transport's queue is full it waits here, as references: of bytes made for
// the network it keeps one frame at most, however large the value and however slow the reader.
//
// Belongs to the thread that owns the transport.
class Outlet {
 public:
  enum class Result {
    idle,  // nothing waits: the next batch may be given
    full,  // the transport is: try again later
    gone,  // the destination cannot be reached; nothing is kept
    lost,  // the batch could not be made for want of memory; nothing is kept
  };

  bool idle() const { return !batch_; }
  // Only when idle. `large`, unless null, is the value of the call or reply with this id.
  void give(core::Batch batch, uint64_t id, bool of_reply, Buffer large);
  void clear();

  // Sends what it can. Counts the frames in `sent`.
  template <typename Send>
  Result pump(const core::Envelope& envelope, Allocator& allocator, uint64_t& sent, Send&& send) {
    while (!unsent_.empty() || batch_) {
      if (unsent_.empty() && !make_frame(envelope, allocator)) return end(Result::lost);
      switch (send(unsent_)) {
        case SendResult::sent:
          ++sent;
          unsent_.clear();
          if (batch_made_) clear();
          break;
        case SendResult::full:
          return Result::full;
        case SendResult::unreachable:
          return end(Result::gone);
        case SendResult::too_large:
          return end(Result::lost);
      }
    }
    return Result::idle;
  }

 private:
  bool make_frame(const core::Envelope& envelope, Allocator& allocator);
  Result end(Result result) {
    clear();
    return result;
  }

  std::optional<wire::Splitter> pieces_;  // ahead of the batch
  std::optional<core::Batch> batch_;
  bool batch_made_ = false;  // unsent_ is the batch itself
  Parts unsent_;             // the next frame, made and not taken yet
};

}  // namespace distcache::engine
