#include "demo/report/format.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace demo {

std::string grouped(uint64_t number) {
  std::string digits = std::to_string(number);
  for (size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, 1, ',');
  return digits;
}

std::string fixed(double value, int digits) {
  std::array<char, 64> text;
  std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return text.data();
}

std::string percent(double share) { return fixed(100 * share, 1) + " %"; }

std::string duration(double ns) {
  // Three digits that mean something, whatever the unit.
  const auto shown = [](double value, const char* unit) {
    return fixed(value, value < 10 ? 2 : value < 100 ? 1 : 0) + " " + unit;
  };
  if (ns < 999.5) return fixed(ns, 0) + " ns";
  if (ns < 999.5e3) return shown(ns / 1e3, "µs");
  if (ns < 999.5e6) return shown(ns / 1e6, "ms");
  return shown(ns / 1e9, "s");
}

std::string size(uint64_t bytes) {
  constexpr std::array<const char*, 4> kUnits = {"B", "KiB", "MiB", "GiB"};
  auto value = static_cast<double>(bytes);
  size_t unit = 0;
  for (; value >= 1024 && unit + 1 < kUnits.size(); ++unit) value /= 1024;
  return fixed(value, unit == 0 ? 0 : 1) + " " + kUnits[unit];
}

size_t width_of(std::string_view text) {
  // Every byte begins a character but those that go on with one.
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

}  // namespace demo
