#include "demo/temporary_folder.h"

#include <stdlib.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "demo/failure.h"

namespace demo {

TemporaryFolder::TemporaryFolder() {
  const char* set = std::getenv("TMPDIR");
  const std::filesystem::path parent = set && *set ? set : "/tmp";
  std::string pattern = parent / "distcache-demo-XXXXXX";
  if (!mkdtemp(pattern.data())) {
    throw Failure("no folder can be made in " + parent.string() + ": " + std::strerror(errno) +
                  "; set TMPDIR to a place with 300 MB of room");
  }
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace demo
