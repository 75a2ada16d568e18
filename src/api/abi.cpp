#include "distcache/abi.h"

#include <algorithm>
#include <array>
#include <string_view>

uint32_t distcache_version(void) { return DISTCACHE_VERSION; }

const char* distcache_version_string(void) { return DISTCACHE_VERSION_STRING; }

uint32_t distcache_abi(void) { return DISTCACHE_ABI; }

namespace {

// What the build has switched on (cmake/features.cmake).
constexpr std::array<std::string_view, DISTCACHE_FEATURE_COUNT> kFeatures = {
    DISTCACHE_FEATURE_NAMES};

}  // namespace

int32_t distcache_has_feature(const char* name) {
  if (name == nullptr) return 0;
  return std::find(kFeatures.begin(), kFeatures.end(), name) != kFeatures.end() ? 1 : 0;
}
