#include "transport/zmq/descriptors.h"

#include <sys/resource.h>

#include <filesystem>
#include <iterator>
#include <string>
#include <system_error>

namespace distcache::zmq {

size_t free_descriptors() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  std::error_code error;
  const std::filesystem::directory_iterator folder("/proc/self/fd", error);
  if (error == std::errc::too_many_files_open) return 0;
  if (error) return limit.rlim_cur;
  const auto listed = static_cast<size_t>(std::distance(begin(folder), end(folder)));
  const size_t open = listed - 1;  // without the folder's own
  return limit.rlim_cur > open ? limit.rlim_cur - open : 0;
}

Result<void> require_descriptors(size_t needed) {
  const size_t available = free_descriptors();
  if (available >= needed) return {};
  return Error{Status::no_descriptors, "only " + std::to_string(available) +
                                           " file descriptors are free, " + std::to_string(needed) +
                                           " are needed: raise the limit (ulimit -n)"};
}

}  // namespace distcache::zmq
