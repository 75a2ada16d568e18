#include "base/rng.h"

#include <sys/random.h>

namespace distcache {

uint64_t SystemRng::next() {
  uint64_t value = 0;
  // 8 bytes are never returned short once the kernel's pool is up; before that the call blocks.
  while (getrandom(&value, sizeof value, 0) != static_cast<ssize_t>(sizeof value)) {
  }
  return value;
}

}  // namespace distcache
