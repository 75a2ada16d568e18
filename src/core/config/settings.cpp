#include "core/config/settings.h"

#include <algorithm>

#include "base/limits.h"

namespace distcache::core {

Result<void> Settings::set(std::string_view name, std::string_view value) {
  Result<Value> checked = check(name, value);
  if (!checked.ok()) {
    // Bounded however often it goes wrong: what is no property of ours shares one place.
    const bool known = find_property(scope_, name) != nullptr;
    refused_.insert_or_assign(std::string(known ? name : ""), checked.error().message);
    return checked.error();
  }
  values_.insert_or_assign(std::string(name), Set{std::string(value), std::move(*checked)});
  if (const auto at = refused_.find(name); at != refused_.end()) refused_.erase(at);
  return {};
}

Result<Value> Settings::check(std::string_view name, std::string_view text) const {
  const Property* property = find_property(scope_, name);
  if (!property) {
    const PropertyScope other =
        scope_ == PropertyScope::engine ? PropertyScope::keyspace : PropertyScope::engine;
    const std::string_view nearest = nearest_property(scope_, name);
    std::string sentence = "there is no such " + std::string(scope_name(scope_)) + " property";
    if (find_property(other, name)) {
      sentence += "; it is a " + std::string(scope_name(other)) + " property";
    } else if (!nearest.empty()) {
      sentence += "; did you mean " + std::string(nearest) + "?";
    }
    // The name is as foreign as the value: it is quoted by the same rules.
    return value_fault("property", name, sentence);
  }
  Result<Value> value = parse_value(*property, text);
  if (property->available) return value;
  const Result<Value> fallback = parse_value(*property, property->fallback);
  if (value.ok() && *value == *fallback) return value;
  return value_fault(name, text, "not available in this version");
}

const char* Settings::get(std::string_view name) const {
  if (const auto at = values_.find(name); at != values_.end()) return at->second.text.c_str();
  const Property* property = find_property(scope_, name);
  if (!property) return nullptr;
  return property->fallback.data() ? property->fallback.data() : "";
}

std::vector<std::string> Settings::open_faults() const {
  std::vector<std::string> faults;
  for (const auto& [name, why] : refused_) faults.push_back(why);
  for (const Property& property : properties(scope_)) {
    if (!property.required || is_set(property.name) || refused_.contains(property.name)) continue;
    faults.push_back(std::string(property.name) + ": missing, and it has no default");
  }
  return faults;
}

void Settings::for_each(const std::function<void(const Property&, const Value&)>& visit) const {
  for (const Property& property : properties(scope_)) {
    const auto at = values_.find(property.name);
    if (at != values_.end()) {
      visit(property, at->second.value);
    } else if (!property.required) {
      visit(property, parse_value(property, property.fallback).value());
    }
  }
}

Result<void> check_keyspace_name(std::string_view name) {
  const auto control = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < ' ' || byte == 0x7f;
  };
  if (name.empty()) return Error{Status::invalid_argument, "the name of a keyspace is empty"};
  if (name.size() > limits::kKeyspaceNameBytesMax) {
    return Error{Status::invalid_argument, "the name of a keyspace is longer than 255 bytes"};
  }
  if (std::any_of(name.begin(), name.end(), control)) {
    return Error{Status::invalid_argument, "the name of a keyspace has a control character"};
  }
  return {};
}

}  // namespace distcache::core
