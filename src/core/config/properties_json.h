#pragma once

#include <string>

namespace distcache::core {

// Both tables as one JSON object, {"properties": [...]}, in the order of the documentation. Made on
// the first call, lives as long as the process. Any thread.
const std::string& properties_json();

}  // namespace distcache::core
