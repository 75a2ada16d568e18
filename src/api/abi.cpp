#include "distcache/abi.h"

uint32_t distcache_version(void) { return DISTCACHE_VERSION; }

const char* distcache_version_string(void) { return DISTCACHE_VERSION_STRING; }

uint32_t distcache_abi(void) { return DISTCACHE_ABI; }

// Optional parts come with later versions: this one has none of them, whatever the name.
int32_t distcache_has_feature(const char*) { return 0; }
