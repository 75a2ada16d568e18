#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace distcache::discovery {

// A password, token or name that `property` keeps in a file, without the white space at its end.
// Read anew for each use, since such files are replaced while the engine runs. The error names
// property, file and reason, and never what the file holds.
Result<std::string> read_small_file(std::string_view property, const std::string& path);

}  // namespace distcache::discovery
