// distcache-properties: prints CONFIGURATION.md, or with --json what the bindings read, from the
// table in the code. ./dev docs compares the page with it.
#include <cstring>
#include <iostream>
#include <string>

#include "core/config/properties_json.h"
#include "core/config/property.h"

namespace {

using distcache::core::Choice;
using distcache::core::Property;
using distcache::core::PropertyScope;
using distcache::core::PropertyType;

constexpr const char* kIntroduction = R"(# Configuration

Made by `./dev docs --update` from the table in `src/core/config`; do not edit.

Every setting is a name and a text. In C, `distcache_config_set(config, "bind.port", "3320", &err)`
for the engine and `distcache_keyspace_def_set(def, "bytes.max", "64MiB", &err)` for a keyspace. A
value is checked when it is set; whether all fit together is checked by open, whose error names
every fault.

A **duration** is a number with `ms`, `s`, `m`, `h` or `d` behind it, or a plain number of
milliseconds; a **size** takes `KiB`, `MiB`, `GiB`, `TiB`, or is a plain number of bytes; a **list**
is separated by commas. Settings marked *later* exist so that names stay what they are; this version
accepts nothing but their default. ~~Struck~~ choices come later too.
)";

std::string number(const Property& property, int64_t value) {
  constexpr int64_t kKiB = 1024;
  if (property.type == PropertyType::size) {
    for (const auto& [unit, factor] : {std::pair{"TiB", kKiB * kKiB * kKiB * kKiB},
                                       {"GiB", kKiB * kKiB * kKiB},
                                       {"MiB", kKiB * kKiB},
                                       {"KiB", kKiB}}) {
      if (value >= factor && value % factor == 0) return std::to_string(value / factor) + unit;
    }
  }
  if (property.type == PropertyType::duration) {
    for (const auto& [unit, factor] :
         {std::pair{"d", int64_t{86'400'000}}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}}) {
      if (value >= factor && value % factor == 0) return std::to_string(value / factor) + unit;
    }
    return std::to_string(value) + (value == 0 ? "" : "ms");
  }
  return std::to_string(value);
}

std::string values_of(const Property& property) {
  switch (property.type) {
    case PropertyType::integer:
    case PropertyType::duration:
    case PropertyType::size:
    case PropertyType::percent: {
      std::string text = number(property, property.min) + " to " + number(property, property.max);
      if (property.type == PropertyType::percent) text += " %";
      if (!property.word.empty()) text += ", `" + std::string(property.word) + "`";
      return text;
    }
    case PropertyType::choice: {
      std::string text;
      for (const Choice& choice : property.choices) {
        const std::string name = "`" + std::string(choice.name) + "`";
        text += (text.empty() ? "" : ", ") + (choice.available ? name : "~~" + name + "~~");
      }
      return text;
    }
    case PropertyType::string:
      return std::string(property.min > 0 ? "1" : "0") + " to " + std::to_string(property.max) +
             " bytes";
    case PropertyType::ip:
      return "numeric address";
    case PropertyType::host:
      return "name or address";
    case PropertyType::addresses:
      return "list of `host:port`";
    case PropertyType::list:
      return "list";
  }
  return {};
}

void print_table(std::ostream& out, PropertyScope scope) {
  out << "\n| name | default | values | meaning |\n| --- | --- | --- | --- |\n";
  for (const Property& property : distcache::core::properties(scope)) {
    const std::string fallback = property.required ? "**required**"
                                 : property.fallback.empty()
                                     ? "empty"
                                     : "`" + std::string(property.fallback) + "`";
    out << "| `" << property.name << "` | " << fallback << " | " << values_of(property) << " | "
        << (property.available ? "" : "*later* · ") << property.text << " |\n";
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::strcmp(argv[1], "--json") == 0) {
    std::cout << distcache::core::properties_json() << '\n';
    return 0;
  }
  if (argc != 1) {
    std::cerr << "usage: distcache-properties [--json]\n";
    return 2;
  }
  std::cout
      << kIntroduction << "\n## Of an engine\n\n"
      << "`distcache_config_from_environment` also reads each from a variable: `bind.port` is "
         "`DISTCACHE_BIND_PORT`.\n";
  print_table(std::cout, PropertyScope::engine);
  std::cout << "\n## Of a keyspace\n";
  print_table(std::cout, PropertyScope::keyspace);
  return 0;
}
