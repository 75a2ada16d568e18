#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cluster {

// Names and values of one command or one answer: what the harness and a node say to each other, as
// one line of text. Values are any bytes; a name that is absent reads as "" and 0.
class Fields {
 public:
  struct Entry {
    Entry(std::string the_name, std::string the_value)
        : name(std::move(the_name)), value(std::move(the_value)) {}
    Entry(std::string the_name, const char* the_value)
        : name(std::move(the_name)), value(the_value) {}
    template <std::integral Number>
    Entry(std::string the_name, Number number)
        : name(std::move(the_name)), value(std::to_string(number)) {}
    std::string name;
    std::string value;
  };

  Fields() = default;
  Fields(std::initializer_list<Entry> entries) {
    for (const Entry& entry : entries) set(entry);
  }

  void set(Entry entry) { values_[std::move(entry.name)] = std::move(entry.value); }
  bool has(const std::string& name) const { return values_.contains(name); }
  std::string text(const std::string& name, const std::string& absent = {}) const;
  int64_t number(const std::string& name, int64_t absent = 0) const;
  std::vector<std::string> list(const std::string& name) const;
  void set_list(const std::string& name, const std::vector<std::string>& items);
  const std::map<std::string, std::string>& values() const { return values_; }

  std::string line() const;  // without a newline
  static Fields parse(std::string_view line);

 private:
  std::map<std::string, std::string> values_;
};

// Bytes as a word without spaces, commas and control characters, and back.
std::string to_word(std::string_view bytes);
std::string from_word(std::string_view word);

}  // namespace cluster
