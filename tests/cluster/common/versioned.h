#pragma once

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "common/pattern.h"

namespace cluster {

// A value that tells which version of which key it is, and whether a put or a load made it.
struct Versioned {
  bool from_put = false;
  uint32_t key = 0;
  uint64_t version = 0;
};

// Its size and all that is behind its head depend on what it tells.
inline std::string value_of(const Versioned& tag) {
  const std::string head = (tag.from_put ? "put/" : "load/") + std::to_string(tag.key) + '/' +
                           std::to_string(tag.version) + '/';
  return head + pattern(fingerprint(head) % 500, head);
}

// Nothing if a single byte differs from what value_of() made.
inline std::optional<Versioned> read_value(const std::string& bytes) {
  Versioned tag;
  tag.from_put = bytes.starts_with("put/");
  const size_t head = bytes.find('/');
  if (head == std::string::npos) return std::nullopt;
  char* end = nullptr;
  tag.key = static_cast<uint32_t>(std::strtoul(bytes.c_str() + head + 1, &end, 10));
  if (*end != '/') return std::nullopt;
  tag.version = std::strtoull(end + 1, &end, 10);
  if (bytes != value_of(tag)) return std::nullopt;
  return tag;
}

}  // namespace cluster
