#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "core/load/flight.h"
#include "core/message.h"

// What a member says that was granted a load, as a call of the kind `loaded`: value, ttl and tags
// are those of a put; in the place of the version stand the status of the load, flags and the
// grant; of a failure the value is its text.
namespace distcache::core {

enum LoadedFlag : uint64_t {
  kLoadedRetriable = 1,
  kLoadedDoNotStore = 2,
};

inline Call loaded_call(const LoadAnswer& answer, uint64_t grant) {
  Call call;
  call.kind = CallKind::loaded;
  call.value = answer.status == Status::ok ? answer.value : Buffer::copy_of(answer.message);
  call.ttl = answer.ttl;
  call.tags = answer.tags;
  uint64_t flags = 0;
  if (answer.retriable) flags |= kLoadedRetriable;
  if (answer.do_not_store) flags |= kLoadedDoNotStore;
  call.version = {static_cast<uint64_t>(answer.status), flags, grant};
  return call;
}

// The grant that it names, and the answer. A status that is none of a load counts as a failure.
inline std::pair<uint64_t, LoadAnswer> loaded_answer(const Call& call) {
  LoadAnswer answer;
  const uint64_t status = call.version.epoch;
  const bool known = status <= INT32_MAX && status_known(static_cast<int32_t>(status));
  answer.status = known ? static_cast<Status>(status) : Status::source_failed;
  if (answer.status == Status::ok) {
    answer.value = call.value;
  } else {
    answer.message.assign(call.value.view());
  }
  answer.ttl = call.ttl;
  answer.tags = call.tags;
  answer.retriable = (call.version.owner & kLoadedRetriable) != 0;
  answer.do_not_store = (call.version.owner & kLoadedDoNotStore) != 0;
  return {call.version.counter, std::move(answer)};
}

}  // namespace distcache::core
