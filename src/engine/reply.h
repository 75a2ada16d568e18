#pragma once

#include <utility>

#include "core/message.h"
#include "core/types.h"

namespace distcache::engine {

// What another member is told of an outcome.
inline core::Reply reply_of(uint64_t id, uint64_t view_id, core::Outcome outcome) {
  core::Reply reply;
  reply.id = id;
  reply.status = outcome.status;
  if (outcome.stale) reply.flags |= core::kReplyStale;
  if (outcome.retriable) reply.flags |= core::kReplyRetriable;
  reply.origin = outcome.origin;
  reply.view_id = view_id;
  if (outcome.status == Status::ok) reply.value = std::move(outcome.value);
  reply.version = outcome.version;
  reply.age = outcome.age;
  reply.ttl = outcome.ttl;
  if (outcome.lease > Duration()) {
    reply.flags |= core::kReplyHot;
    reply.lease = outcome.lease;
  }
  reply.message = std::move(outcome.message);
  reply.unconfirmed = std::move(outcome.unconfirmed);
  return reply;
}

}  // namespace distcache::engine
