#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/config/property.h"

namespace distcache::core {

// A value as its property reads it: a number (of ms, bytes, percent, or the index of a choice), a
// text, or the items of a list. Two spellings of one value are equal.
struct Value {
  int64_t number = 0;
  std::string text = {};  // of strings, addresses and choices
  std::vector<std::string> items = {};

  friend bool operator==(const Value&, const Value&) = default;
};

// Reads and checks one value by its property, without asking whether it is available.
// INVALID_CONFIG names the property, the value and the limit.
Result<Value> parse_value(const Property& property, std::string_view text);

// "property = value: sentence", the value cut and without control characters.
Error value_fault(std::string_view property, std::string_view value, const std::string& sentence);

}  // namespace distcache::core
