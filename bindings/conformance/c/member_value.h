#pragma once

#include <string>
#include <string_view>

namespace conformance {

// What a member makes for a key: who it was, and bytes that only the right value has.
struct Making {
  std::string key;
  std::string name;
  std::string language;
  std::string number;  // "1", "2" ... of loads, "p1" ... of puts

  std::string text() const { return key + ' ' + name + ' ' + language + ' ' + number; }
};

std::string value_of(const Making& making);

// False: the bytes are no value of the key.
bool read_value(std::string_view value, std::string_view key, Making& making);

}  // namespace conformance
