#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/cluster/address.h"
#include "core/config/settings.h"

// Any settings as a program, its environment or an admin hands them in. Byte 0 chooses the scope;
// then come lines: a byte that chooses the property (or none of them: then the line is NAME=VALUE),
// and the value. Every value is read as an address too.
using namespace distcache;

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

// What a program prints or logs as it is.
bool presentable(std::string_view message) {
  return !message.empty() && message.size() < 64 * 1024 &&
         std::none_of(message.begin(), message.end(), [](char c) {
           return (static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7f;
         });
}

void check_address(std::string_view text) {
  const auto address = core::parse_address(Bytes(text));
  if (!address.ok()) {
    demand(presentable(address.error().message));
    return;
  }
  const auto again = core::parse_address(Bytes(core::format_address(*address)));
  demand(again.ok() && *again == *address);
}

template <typename Set>
void set_line(Set& settings, core::PropertyScope scope, std::string_view line) {
  const auto table = core::properties(scope);
  const size_t chosen = static_cast<unsigned char>(line[0]) % (table.size() + 1);
  const size_t equals = line.find('=');
  std::string_view name = line.substr(1, equals == line.npos ? line.npos : equals - 1);
  std::string_view value = equals == line.npos ? std::string_view() : line.substr(equals + 1);
  if (chosen < table.size()) {
    name = table[chosen].name;
    value = line.substr(1);
  }
  const std::string before = settings.get(name) ? settings.get(name) : "";
  const auto set = settings.set(name, value);
  if (set.ok()) {
    demand(settings.is_set(name) && settings.get(name) == value);
  } else {
    demand(presentable(set.error().message));
    demand(before == (settings.get(name) ? settings.get(name) : ""));
  }
  check_address(value);
}

template <typename Set>
void set_lines(Set& settings, core::PropertyScope scope, std::string_view text) {
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    if (end > 0) set_line(settings, scope, text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] & 1) {
    core::EngineSettings settings;
    set_lines(settings, core::PropertyScope::engine, text);
    const auto config = settings.validate();
    demand(config.ok() || presentable(config.error().message));
  } else {
    core::KeyspaceSettings settings;
    set_lines(settings, core::PropertyScope::keyspace, text);
    const auto config = settings.validate(core::EngineConfig{});
    demand(config.ok() || presentable(config.error().message));
  }
  return 0;
}
