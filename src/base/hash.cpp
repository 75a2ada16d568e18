#include "base/hash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace distcache {

uint64_t hash64(Bytes bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

}  // namespace distcache
