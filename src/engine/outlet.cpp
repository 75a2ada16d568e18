#include "engine/outlet.h"

#include <utility>

#include "transport/wire/codec.h"

namespace distcache::engine {

void Outlet::give(core::Batch batch, uint64_t id, bool of_reply, Buffer large) {
  batch_ = std::move(batch);
  batch_made_ = false;
  if (!large.is_null()) pieces_.emplace(id, of_reply, std::move(large));
}

void Outlet::clear() {
  pieces_.reset();
  batch_.reset();
  batch_made_ = false;
  unsent_.clear();
}

bool Outlet::make_frame(const core::Envelope& envelope, Allocator& allocator) {
  core::Body body;
  if (pieces_ && !pieces_->done()) {
    distcache::Result<core::Chunk> piece = pieces_->next(allocator);
    if (!piece.ok()) return false;
    body = std::move(*piece);
  } else {
    body = std::move(*batch_);
    batch_made_ = true;
  }
  distcache::Result<Parts> parts = wire::encode({envelope, std::move(body)}, allocator);
  if (!parts.ok()) return false;
  unsent_ = std::move(*parts);
  return true;
}

}  // namespace distcache::engine
