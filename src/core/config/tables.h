#pragma once

#include <array>
#include <concepts>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "core/cluster/address.h"
#include "core/config/engine_config.h"
#include "core/config/keyspace_config.h"
#include "core/config/property.h"
#include "core/config/value.h"

// What the two tables are written with. Included by them and by property.cpp only.
namespace distcache::core {

std::span<const Property> engine_properties();
std::span<const Property> keyspace_properties();

inline constexpr int64_t kSecondMs = 1'000;
inline constexpr int64_t kHourMs = 3'600 * kSecondMs;
inline constexpr int64_t kDayMs = 24 * kHourMs;
inline constexpr int64_t kMiB = 1024 * 1024;

inline constexpr uint16_t kDiscoveryPort = 3322;  // of an address that names none

inline constexpr std::array<Choice, 2> kSwitch = {Choice{"off"}, Choice{"on"}};

template <typename Member>
struct MemberOf;
template <typename Config, typename Field>
struct MemberOf<Field Config::*> {
  using ConfigType = Config;
  using FieldType = Field;
};

// Puts a value that was parsed by its property into a field, by the type of the field. An enum
// takes the index of the choice, so its enumerators stand in the order of the choices.
template <typename Field>
void put_into(Field& field, const Value& value) {
  if constexpr (std::is_same_v<Field, Duration>) {
    field = Duration::ms(value.number);
  } else if constexpr (std::is_same_v<Field, std::string>) {
    field = value.text;
  } else if constexpr (std::is_same_v<Field, std::vector<std::string>>) {
    field = value.items;
  } else if constexpr (std::is_same_v<Field, std::vector<Address>>) {
    field.clear();
    for (const std::string& item : value.items) {
      field.push_back(parse_address(item, kDiscoveryPort).value());
    }
  } else {
    static_assert(std::is_enum_v<Field> || std::is_integral_v<Field>);
    field = static_cast<Field>(value.number);
  }
}

template <auto Member>
void into(typename MemberOf<decltype(Member)>::ConfigType& config, const Value& value) {
  put_into(config.*Member, value);
}

// The same for a field of a part of the configuration.
template <auto Part, auto Member>
void into(typename MemberOf<decltype(Part)>::ConfigType& config, const Value& value) {
  put_into(config.*Part.*Member, value);
}

}  // namespace distcache::core
