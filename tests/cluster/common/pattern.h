#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace cluster {

// Mixes 8 bytes into a running hash (the finaliser of splitmix64).
inline uint64_t mix(uint64_t state, uint64_t word) {
  uint64_t mixed = (state ^ word) + 0x9e3779b97f4a7c15U;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9U;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebU;
  return mixed ^ (mixed >> 31);
}

// What two processes compare in place of large values.
inline uint64_t fingerprint(std::string_view bytes) {
  uint64_t state = bytes.size();
  while (!bytes.empty()) {
    uint64_t word = 0;
    const size_t part = bytes.size() < sizeof word ? bytes.size() : sizeof word;
    std::memcpy(&word, bytes.data(), part);
    state = mix(state, word);
    bytes.remove_prefix(part);
  }
  return state;
}

// `size` bytes that both sides can make from a name.
inline std::string pattern(size_t size, std::string_view name) {
  std::string bytes(size, '\0');
  uint64_t state = fingerprint(name);
  for (size_t at = 0; at < size; at += sizeof state) {
    state = mix(state, at);
    std::memcpy(bytes.data() + at, &state, size - at < sizeof state ? size - at : sizeof state);
  }
  return bytes;
}

}  // namespace cluster
