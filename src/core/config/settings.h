#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/config/engine_config.h"
#include "core/config/keyspace_config.h"
#include "core/config/property.h"
#include "core/config/value.h"

namespace distcache::core {

// Values of the properties of one scope as they are set one after the other, and the refusals that
// have not been made good. Belongs to one thread at a time; copies are independent.
class Settings {
 public:
  // Parses and checks this one value; the last value set wins. INVALID_CONFIG names property, value
  // and limit, of an unknown name the nearest known one. A refusal is remembered until the same
  // property is set successfully, so that a caller who overlooks it cannot open on a default.
  Result<void> set(std::string_view name, std::string_view value);

  // As it was set, else the default; null for an unknown name. Valid until it is set again.
  const char* get(std::string_view name) const;
  bool is_set(std::string_view name) const { return values_.contains(name); }

 protected:
  explicit Settings(PropertyScope scope) : scope_(scope) {}

  // What validation starts from: refusals, and required properties that are missing.
  std::vector<std::string> open_faults() const;
  // The value of each property, in the order of the table.
  void for_each(const std::function<void(const Property&, const Value&)>& visit) const;

 private:
  struct Set {
    std::string text;
    Value value;
  };

  Result<Value> check(std::string_view name, std::string_view text) const;

  PropertyScope scope_;
  std::map<std::string, Set, std::less<>> values_;
  std::map<std::string, std::string, std::less<>> refused_;  // name -> why
};

class EngineSettings : public Settings {
 public:
  EngineSettings() : Settings(PropertyScope::engine) {}

  // Sets every property for which `lookup` knows a value under its environment name. The error
  // names all that were refused; the others are set.
  Result<void> set_from(const std::function<const char*(const std::string& name)>& lookup);

  // All values together. The error has a line for every fault; its status is INSECURE where plain
  // traffic that nobody asked for is the only one.
  Result<EngineConfig> validate() const;
};

class KeyspaceSettings : public Settings {
 public:
  KeyspaceSettings() : Settings(PropertyScope::keyspace) {}

  // All values together, with those of the engine where the keyspace has none of its own.
  Result<KeyspaceConfig> validate(const EngineConfig& engine) const;
};

// 1 to 255 bytes without control characters. INVALID_ARGUMENT says what is wrong.
Result<void> check_keyspace_name(std::string_view name);

}  // namespace distcache::core
