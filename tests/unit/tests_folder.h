#pragma once

#include <cstdlib>
#include <filesystem>

namespace distcache::testing {

// The folder tests/ of the source tree, where the data of tests lies. ctest says where that is:
// __FILE__ does not, once a compiler cache has made it relative.
inline std::filesystem::path tests_folder() {
  const char* folder = std::getenv("DISTCACHE_TESTS");
  return folder ? folder : "tests";
}

}  // namespace distcache::testing
