#include "core/config/property.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "core/config/tables.h"

namespace distcache::core {
namespace {

// Levenshtein's distance, one row at a time.
size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i + 1);
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

}  // namespace

std::span<const Property> properties(PropertyScope scope) {
  return scope == PropertyScope::engine ? engine_properties() : keyspace_properties();
}

const Property* find_property(PropertyScope scope, std::string_view name) {
  for (const Property& property : properties(scope)) {
    if (property.name == name) return &property;
  }
  return nullptr;
}

std::string_view nearest_property(PropertyScope scope, std::string_view name) {
  // A name of any length may come in: what is far longer than ours is close to none.
  if (name.size() > 64) return {};
  std::string_view nearest;
  size_t best = name.size() / 3 + 1;
  for (const Property& property : properties(scope)) {
    const size_t distance = edit_distance(name, property.name);
    if (distance > best || (distance == best && !nearest.empty())) continue;
    best = distance;
    nearest = property.name;
  }
  return nearest;
}

std::string_view scope_name(PropertyScope scope) {
  return scope == PropertyScope::engine ? "engine" : "keyspace";
}

std::string_view type_name(PropertyType type) {
  switch (type) {
    case PropertyType::integer:
      return "integer";
    case PropertyType::duration:
      return "duration";
    case PropertyType::size:
      return "size";
    case PropertyType::percent:
      return "percent";
    case PropertyType::choice:
      return "choice";
    case PropertyType::string:
      return "string";
    case PropertyType::ip:
    case PropertyType::host:
      return "address";
    case PropertyType::addresses:
    case PropertyType::list:
      return "list";
  }
  return "";
}

std::string_view unit_of(const Property& property) {
  switch (property.type) {
    case PropertyType::duration:
      return "ms";
    case PropertyType::size:
      return "bytes";
    case PropertyType::percent:
      return "%";
    default:
      return "";
  }
}

std::string environment_name(const Property& property) {
  std::string name = "DISTCACHE_";
  for (const char c : property.name) {
    const bool lower = c >= 'a' && c <= 'z';
    name += c == '.' ? '_' : lower ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return name;
}

}  // namespace distcache::core
