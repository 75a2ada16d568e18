#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace distcache::core {

struct EngineConfig;
struct KeyspaceConfig;
struct Value;

enum class PropertyScope : uint8_t { engine, keyspace };

enum class PropertyType : uint8_t {
  integer,
  duration,  // ms
  size,      // bytes
  percent,
  choice,
  string,
  ip,         // a numeric address
  host,       // a name or a numeric address, without a port
  addresses,  // a list of host:port or host:port#public-key
  list,       // of strings
};

struct Choice {
  std::string_view name = {};
  bool available = true;
};

// One row of the table: everything that parsing, error texts, documentation and bindings know of a
// setting. All views are of literals, so data() of each ends with NUL.
struct Property {
  std::string_view name = {};
  PropertyType type = PropertyType::string;
  std::string_view fallback = {};  // the default, as one would write it: what runs if none is set
  int64_t min = 0;                 // of numbers; of strings: their bytes
  int64_t max = 0;
  std::string_view word = {};  // may stand for word_value, which need not lie within the bounds
  int64_t word_value = 0;
  std::span<const Choice> choices = {};  // the value is the index
  bool required = false;
  bool available = true;  // false: nothing but the default is accepted
  // Puts the value where the engine finds it; null where nothing depends on it yet.
  void (*engine)(EngineConfig&, const Value&) = nullptr;
  void (*keyspace)(KeyspaceConfig&, const Value&) = nullptr;
  std::string_view text = {};
};

// The tables, in the order of the documentation.
std::span<const Property> properties(PropertyScope scope);

const Property* find_property(PropertyScope scope, std::string_view name);

// The known name that is closest to a mistyped one; empty if none is close.
std::string_view nearest_property(PropertyScope scope, std::string_view name);

std::string_view scope_name(PropertyScope scope);    // "engine"
std::string_view type_name(PropertyType type);       // "duration"
std::string_view unit_of(const Property& property);  // "ms", or "" where there is none

// The environment variable of an engine property: "bind.port" is DISTCACHE_BIND_PORT.
std::string environment_name(const Property& property);

}  // namespace distcache::core
