#pragma once

#include <string>
#include <string_view>

namespace distcache::api {

// The text as C programs can take it: what is not UTF-8, and NUL, becomes U+FFFD.
std::string clean_text(std::string_view text);

}  // namespace distcache::api
