#include "core/config/properties_json.h"

#include <nlohmann/json.hpp>

#include "core/config/property.h"
#include "core/config/value.h"

namespace distcache::core {
namespace {

using Json = nlohmann::ordered_json;

bool is_numeric(PropertyType type) {
  return type == PropertyType::integer || type == PropertyType::duration ||
         type == PropertyType::size || type == PropertyType::percent;
}

Json row(PropertyScope scope, const Property& property) {
  Json out;
  out["name"] = property.name;
  out["scope"] = scope_name(scope);
  out["type"] = type_name(property.type);
  if (property.type == PropertyType::addresses) out["items"] = "address";
  if (property.type == PropertyType::list) out["items"] = "string";
  out["unit"] = unit_of(property);
  out["required"] = property.required;
  if (!property.required) out["default"] = property.fallback;
  if (is_numeric(property.type)) {
    if (!property.required) out["default_value"] = parse_value(property, property.fallback)->number;
    out["min"] = property.min;
    out["max"] = property.max;
  } else if (property.type == PropertyType::string) {
    out["min_bytes"] = property.min;
    out["max_bytes"] = property.max;
  }
  if (!property.word.empty()) {
    out["word"] = property.word;
    if (is_numeric(property.type)) out["word_value"] = property.word_value;
  }
  for (const Choice& choice : property.choices) {
    out["choices"].push_back({{"name", choice.name}, {"available", choice.available}});
  }
  out["available"] = property.available;
  if (scope == PropertyScope::engine) out["environment"] = environment_name(property);
  out["text"] = property.text;
  return out;
}

}  // namespace

const std::string& properties_json() {
  static const std::string text = [] {
    Json rows = Json::array();
    for (const PropertyScope scope : {PropertyScope::engine, PropertyScope::keyspace}) {
      for (const Property& property : properties(scope)) rows.push_back(row(scope, property));
    }
    return Json{{"properties", std::move(rows)}}.dump(2);
  }();
  return text;
}

}  // namespace distcache::core
