#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests_folder.h"
#include "transport/wire/codec.h"

// golden/*.json: what every implementation of the protocol reads and writes. A part is hex in
// segments: "94+61*9" is the byte 0x94, then 0x61 nine times.
namespace distcache::testing {

struct Vector {
  std::string name;
  bool membership = false;
  std::string reject;   // of golden/rejected.json: the reason
  std::string same_as;  // of golden/compatible.json: the vector that it means the same as
  wire::Parts parts;
};

inline std::filesystem::path golden_path(const std::string& file) {
  return tests_folder() / "unit/transport/wire/golden" / file;
}

inline std::string from_hex(const std::string& text) {
  std::string bytes;
  std::istringstream segments(text);
  for (std::string segment; std::getline(segments, segment, '+');) {
    const size_t star = segment.find('*');
    const size_t times = star == std::string::npos ? 1 : std::stoul(segment.substr(star + 1));
    std::string unit;
    for (size_t i = 0; i + 1 < std::min(star, segment.size()); i += 2) {
      unit += static_cast<char>(std::stoi(segment.substr(i, 2), nullptr, 16));
    }
    for (size_t i = 0; i < times; ++i) bytes += unit;
  }
  return bytes;
}

inline std::string to_hex(Bytes bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  constexpr size_t kRunMin = 16;  // shorter ones are easier to read as they are
  std::string text;
  bool joined = true;
  for (size_t at = 0; at < bytes.size();) {
    const size_t end = std::min(bytes.find_first_not_of(bytes[at], at), bytes.size());
    const bool run = end - at >= kRunMin;
    if (!text.empty() && (run || !joined)) text += '+';
    text += kDigits[static_cast<unsigned char>(bytes[at]) >> 4];
    text += kDigits[static_cast<unsigned char>(bytes[at]) & 15];
    if (run) text += '*' + std::to_string(end - at);
    joined = !run;
    at += run ? end - at : 1;
  }
  return text;
}

inline std::vector<Vector> read_vectors(const std::string& file) {
  std::ifstream in(golden_path(file));
  if (!in) throw std::runtime_error("cannot read " + golden_path(file).string());
  std::vector<Vector> vectors;
  const auto json = nlohmann::json::parse(in);
  for (const auto& entry : json.at("vectors")) {
    Vector vector;
    vector.name = entry.at("name");
    vector.membership = entry.at("plane") == "membership";
    vector.reject = entry.value("reject", "");
    vector.same_as = entry.value("same_as", "");
    for (const auto& part : entry.at("parts")) {
      vector.parts.push_back(Buffer::copy_of(from_hex(part.get<std::string>())));
    }
    vectors.push_back(std::move(vector));
  }
  return vectors;
}

}  // namespace distcache::testing
