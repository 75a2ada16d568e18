#include "api/error.h"

#include <memory>
#include <new>

#include "api/text.h"

namespace distcache::api {
namespace {

// Made when the library is loaded and never destroyed: a host may look at it from an exit handler.
distcache_error_t& no_memory_error() {
  alignas(distcache_error_t) static unsigned char memory[sizeof(distcache_error_t)];
  static auto* error = new (memory) distcache_error_t{Status::no_memory, true, "out of memory", {}};
  return *error;
}
[[maybe_unused]] const distcache_error_t& made_at_load = no_memory_error();

}  // namespace

distcache_error_t* make_error(Status status, bool retriable, std::string_view message,
                              const std::vector<std::string>& peers) noexcept {
  try {
    if (status == Status::no_memory) return &no_memory_error();
    auto error = std::make_unique<distcache_error_t>();
    error->status = status;
    error->retriable = retriable;
    error->message = clean_text(message.empty() ? status_name(status) : message);
    for (const std::string& peer : peers) error->peers.push_back(clean_text(peer));
    return error.release();
  } catch (...) {
    return &no_memory_error();
  }
}

}  // namespace distcache::api

using distcache::Status;

distcache_status_t distcache_error_status(const distcache_error_t* error) {
  return static_cast<distcache_status_t>(error ? error->status : Status::ok);
}

const char* distcache_error_message(const distcache_error_t* error) {
  return error ? error->message.c_str() : "";
}

int32_t distcache_error_retriable(const distcache_error_t* error) {
  return error && error->retriable ? 1 : 0;
}

const char* distcache_error_peer(const distcache_error_t* error, size_t nth) {
  return error && nth < error->peers.size() ? error->peers[nth].c_str() : nullptr;
}

void distcache_error_release(distcache_error_t* error) {
  if (error != &distcache::api::no_memory_error()) delete error;
}
