#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>

namespace stress {

// What a process holds at the moment, as /proc tells it.
struct Footprint {
  size_t threads = 0;
  size_t descriptors = 0;
  double resident_mb = 0;

  // pid 0: this process. All zero for one that has ended.
  static Footprint of(pid_t pid = 0);
};

// The names of this process's threads, for the text of a fault.
std::string thread_names();

}  // namespace stress
