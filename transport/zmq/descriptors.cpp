#include "transport/zmq/descriptors.h"

#include <dirent.h>
#include <sys/resource.h>

#include <cerrno>
#include <string>

namespace distcache::zmq {

size_t free_descriptors() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  DIR* folder = opendir("/proc/self/fd");
  if (!folder) return errno == EMFILE || errno == ENFILE ? 0 : limit.rlim_cur;
  size_t open = 0;
  while (const dirent* entry = readdir(folder)) {  // NOLINT(concurrency-mt-unsafe): our own DIR
    if (entry->d_name[0] != '.') ++open;
  }
  closedir(folder);
  --open;  // the folder's own
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
