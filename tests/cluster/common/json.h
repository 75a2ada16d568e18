#pragma once

#include <string>

namespace cluster {

// The value of a name in flat JSON: all that is needed of what the library explains and tells.
inline std::string json_value(const std::string& json, const std::string& name) {
  const std::string quoted = '"' + name + "\":";
  const size_t at = json.find(quoted);
  if (at == std::string::npos) return {};
  size_t begin = at + quoted.size();
  const char ends = json[begin] == '"' ? '"' : ',';
  if (ends == '"') ++begin;
  return json.substr(begin, json.find_first_of(ends == '"' ? "\"" : ",}", begin) - begin);
}

}  // namespace cluster
