#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace demo {

std::string grouped(uint64_t number);         // 1,234,567
std::string percent(double share);            // 0.9912 -> 99.1 %
std::string fixed(double value, int digits);  // 12.30
std::string duration(double ns);              // 870 ns, 12.3 µs, 1.20 ms, 3.4 s; always UTF-8
std::string size(uint64_t bytes);             // 104.3 MiB

// How many columns UTF-8 text takes, where each character takes one.
size_t width_of(std::string_view text);

}  // namespace demo
