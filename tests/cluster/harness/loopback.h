#pragma once

#include <unistd.h>

#include <string>

namespace cluster {

// A loopback address of this process's own (127.x.y.z), so that servers of tests which run at the
// same time cannot take each other's ports.
inline std::string own_loopback_address() {
  const auto pid = static_cast<unsigned>(getpid());  // at most 22 bits
  return "127." + std::to_string(64 + ((pid >> 16) & 63)) + '.' + std::to_string((pid >> 8) & 255) +
         '.' + std::to_string(pid & 255);
}

}  // namespace cluster
