#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "distcache/error.h"

// Immutable once made; owned by whoever received it.
struct distcache_error {
  distcache::Status status = distcache::Status::internal;
  bool retriable = false;
  std::string message;
  std::vector<std::string> peers;
};

namespace distcache::api {

// Never NULL and never throws: where there is no memory for an error, the answer is a NO_MEMORY
// error that lives as long as the process.
distcache_error_t* make_error(Status status, bool retriable, std::string_view message,
                              const std::vector<std::string>& peers = {}) noexcept;

}  // namespace distcache::api
