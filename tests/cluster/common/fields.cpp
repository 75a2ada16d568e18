#include "common/fields.h"

#include <cctype>
#include <cstdlib>

namespace cluster {
namespace {

constexpr char kHex[] = "0123456789abcdef";

bool stands_for_itself(unsigned char byte) {
  return std::isalnum(byte) != 0 ||
         std::string_view("._:/#-").find(static_cast<char>(byte)) != std::string_view::npos;
}

std::vector<std::string> split(std::string_view text, char at) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const size_t end = text.find(at);
    parts.emplace_back(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return parts;
}

}  // namespace

std::string to_word(std::string_view bytes) {
  std::string word;
  for (const char character : bytes) {
    const auto byte = static_cast<unsigned char>(character);
    if (stands_for_itself(byte)) {
      word += character;
    } else {
      word += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return word;
}

std::string from_word(std::string_view word) {
  std::string bytes;
  for (size_t i = 0; i < word.size(); ++i) {
    if (word[i] != '%' || i + 2 >= word.size()) {
      bytes += word[i];
      continue;
    }
    bytes +=
        static_cast<char>(std::strtoul(std::string(word.substr(i + 1, 2)).c_str(), nullptr, 16));
    i += 2;
  }
  return bytes;
}

std::string Fields::text(const std::string& name, const std::string& absent) const {
  const auto at = values_.find(name);
  return at == values_.end() ? absent : at->second;
}

int64_t Fields::number(const std::string& name, int64_t absent) const {
  const auto at = values_.find(name);
  return at == values_.end() ? absent : std::strtoll(at->second.c_str(), nullptr, 10);
}

// Every item ends with a comma, so that a list of one empty item differs from an empty list.
std::vector<std::string> Fields::list(const std::string& name) const {
  std::vector<std::string> items = split(text(name), ',');
  for (std::string& item : items) item = from_word(item);
  return items;
}

void Fields::set_list(const std::string& name, const std::vector<std::string>& items) {
  std::string& joined = values_[name];
  joined.clear();
  for (const std::string& item : items) joined += to_word(item) + ',';
}

std::string Fields::line() const {
  std::string line;
  for (const auto& [name, value] : values_) {
    if (!line.empty()) line += ' ';
    line += to_word(name) + '=' + to_word(value);
  }
  return line;
}

Fields Fields::parse(std::string_view line) {
  Fields fields;
  for (const std::string& pair : split(line, ' ')) {
    const size_t equals = pair.find('=');
    if (equals == std::string::npos) continue;
    fields.values_[from_word(std::string_view(pair).substr(0, equals))] =
        from_word(std::string_view(pair).substr(equals + 1));
  }
  return fields;
}

}  // namespace cluster
