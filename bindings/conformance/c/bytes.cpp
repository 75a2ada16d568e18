#include "bytes.h"

#include <algorithm>
#include <cstdio>
#include <stdexcept>

namespace conformance {
namespace {

constexpr size_t kShownBytesMax = 64;

std::string from_hex(const std::string& digits) {
  if (digits.size() % 2 != 0) throw std::runtime_error("an odd number of hex digits");
  std::string bytes;
  for (size_t i = 0; i < digits.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

bool is_plain(char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; }

}  // namespace

uint64_t fnv1a(std::string_view bytes) {
  uint64_t hash = 14695981039346656037U;
  for (const char byte : bytes) {
    hash = (hash ^ static_cast<unsigned char>(byte)) * 1099511628211U;
  }
  return hash;
}

std::string bytes_of(const Json& notation) {
  if (notation.is_string()) return notation.get<std::string>();
  std::string bytes;
  if (notation.contains("hex")) {
    expect_members(notation, {"hex"});
    return from_hex(notation["hex"]);
  }
  if (notation.contains("repeat")) {
    expect_members(notation, {"repeat", "times"});
    const std::string unit = from_hex(notation["repeat"]);
    const size_t times = notation.at("times");
    bytes.reserve(unit.size() * times);
    for (size_t i = 0; i < times; ++i) bytes += unit;
    return bytes;
  }
  expect_members(notation, {"ramp"});
  bytes.resize(notation.at("ramp").get<size_t>());
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i % 256);
  return bytes;
}

std::string shown(std::string_view value) {
  if (value.size() <= kShownBytesMax && std::all_of(value.begin(), value.end(), is_plain)) {
    return '"' + std::string(value) + '"';
  }
  char text[64];
  std::snprintf(text, sizeof text, "[%zu bytes %016llx]", value.size(),
                static_cast<unsigned long long>(fnv1a(value)));
  return text;
}

void expect_members(const Json& object, std::initializer_list<std::string_view> known) {
  for (const auto& [name, value] : object.items()) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    throw std::runtime_error("unknown member '" + name + "'");
  }
}

}  // namespace conformance
