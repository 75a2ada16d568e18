#include "member_value.h"

#include <sstream>

#include "bytes.h"

namespace conformance {

std::string value_of(const Making& making) {
  std::string value = making.text();
  const uint64_t hash = fnv1a(value);
  const size_t filling = hash % 2048 + (hash % 64 == 0 ? 100'000 : 0);
  value += '\n';
  value.reserve(value.size() + filling);
  uint64_t x = hash | 1;
  for (size_t i = 0; i < filling; ++i) {
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    value += static_cast<char>(x >> 56);
  }
  return value;
}

bool read_value(std::string_view value, std::string_view key, Making& making) {
  const size_t end = value.find('\n');
  if (end == std::string_view::npos) return false;
  std::istringstream text{std::string(value.substr(0, end))};
  text >> making.key >> making.name >> making.language >> making.number;
  return making.key == key && value_of(making) == value;
}

}  // namespace conformance
