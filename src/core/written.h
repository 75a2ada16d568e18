#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/types.h"

// What an owner tells the next candidate of a write: not the key, but its hash, as eight bytes in
// the place of the key, the lowest one first.
namespace distcache::core {

inline std::string written_record(uint64_t key_hash) {
  std::string bytes;
  for (unsigned shift = 0; shift < 64; shift += 8) {
    bytes.push_back(static_cast<char>(key_hash >> shift & 0xff));
  }
  return bytes;
}

inline std::optional<uint64_t> written_hash(const std::string& record) {
  if (record.size() != sizeof(uint64_t)) return std::nullopt;
  uint64_t hash = 0;
  for (auto byte = record.rbegin(); byte != record.rend(); ++byte) {
    hash = hash << 8 | static_cast<uint8_t>(*byte);
  }
  return hash;
}

}  // namespace distcache::core
