#include "core/config/value.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "core/cluster/address.h"
#include "core/config/hosts.h"
#include "core/config/tables.h"

namespace distcache::core {
namespace {

constexpr size_t kQuotedBytesMax = 80;
constexpr size_t kListItemsMax = 4096;

struct Unit {
  std::string_view name;
  int64_t factor;
};
constexpr std::array kDurations = {Unit{"ms", 1}, Unit{"s", kSecondMs}, Unit{"m", 60 * kSecondMs},
                                   Unit{"h", kHourMs}, Unit{"d", kDayMs}};
constexpr std::array kSizes = {Unit{"KiB", 1024}, Unit{"MiB", kMiB}, Unit{"GiB", 1024 * kMiB},
                               Unit{"TiB", 1024 * 1024 * kMiB}};

std::string_view trim(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool is_plain(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < ' ' || byte == 0x7f;
  });
}

Error fault(const Property& property, std::string_view value, const std::string& sentence) {
  return value_fault(property.name, value, sentence);
}

// A number with one of the units behind it, or with none. Null for anything else. What is too large
// for 64 bits comes back as the largest number, which is over every bound.
std::optional<int64_t> parse_number(std::string_view text, std::span<const Unit> units) {
  int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (stop == text.data()) return std::nullopt;
  const std::string_view unit = trim({stop, static_cast<size_t>(end - stop)});
  int64_t factor = unit.empty() ? 1 : 0;
  for (const Unit& known : units) {
    if (known.name == unit) factor = known.factor;
  }
  if (factor == 0) return std::nullopt;
  if (error == std::errc::result_out_of_range || __builtin_mul_overflow(number, factor, &number)) {
    return text.front() == '-' ? INT64_MIN : INT64_MAX;
  }
  return number;
}

std::string_view sentence_of_number(PropertyType type) {
  switch (type) {
    case PropertyType::duration:
      return "not a duration: 250ms, 30s, 5m, 2h, 1d, or a number of ms";
    case PropertyType::size:
      return "not a size: 512KiB, 64MiB, 1GiB, 1TiB, or a number of bytes";
    case PropertyType::percent:
      return "not a whole number of percent";
    default:
      return "not a whole number";
  }
}

Result<Value> parse_numeric(const Property& property, std::string_view text) {
  if (!property.word.empty() && text == property.word) return Value{.number = property.word_value};
  std::span<const Unit> units;
  if (property.type == PropertyType::duration) units = kDurations;
  if (property.type == PropertyType::size) units = kSizes;
  const std::optional<int64_t> number = parse_number(text, units);
  if (!number) {
    std::string sentence(sentence_of_number(property.type));
    if (!property.word.empty()) sentence += ", or " + std::string(property.word);
    return fault(property, text, sentence);
  }
  const Value value{.number = *number};
  if (!property.word.empty() && *number == property.word_value) return value;
  const std::string_view unit = unit_of(property);
  const std::string with_unit = unit.empty() ? "" : " " + std::string(unit);
  if (*number < property.min) {
    return fault(property, text, "under the smallest, " + std::to_string(property.min) + with_unit);
  }
  if (*number > property.max) {
    return fault(property, text, "over the largest, " + std::to_string(property.max) + with_unit);
  }
  return value;
}

Result<Value> parse_choice(const Property& property, std::string_view text) {
  std::string names;
  for (size_t i = 0; i < property.choices.size(); ++i) {
    const Choice& choice = property.choices[i];
    if (choice.name == text) {
      if (!choice.available) return fault(property, text, "not available in this version");
      return Value{.number = static_cast<int64_t>(i), .text = std::string(text)};
    }
    if (choice.available) names += (names.empty() ? "" : ", ") + std::string(choice.name);
  }
  return fault(property, text, "not one of " + names);
}

Result<Value> parse_string(const Property& property, std::string_view text) {
  if (!is_plain(text)) return fault(property, text, "has a control character");
  const auto bytes = static_cast<int64_t>(text.size());
  if (bytes < property.min) return fault(property, text, "must not be empty");
  if (bytes > property.max) {
    return fault(property, text, "longer than " + std::to_string(property.max) + " bytes");
  }
  return Value{.text = std::string(text)};
}

Result<Value> parse_ip(const Property& property, std::string_view text) {
  Value value{.text = std::string(text)};
  if (!is_plain(text) || !is_ip(value.text)) {
    return fault(property, text, "not a numeric address, as 127.0.0.1 or ::1");
  }
  return value;
}

Result<Value> parse_host(const Property& property, std::string_view text) {
  Value value{.text = std::string(text)};
  if (text.empty() || (is_plain(text) && is_ip(value.text))) return value;
  const Result<Address> address = parse_address(text, kDiscoveryPort);
  if (!address.ok() || address->host != text) {
    return fault(property, text, "not a host name or a numeric address without a port");
  }
  return value;
}

Result<Value> parse_list(const Property& property, std::string_view text) {
  Value value;
  for (std::string_view rest = text; !trim(rest).empty();) {
    const size_t comma = std::min(rest.find(','), rest.size());
    const std::string_view item = trim(rest.substr(0, comma));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    if (item.empty()) continue;  // a comma too many
    if (!is_plain(item)) return fault(property, item, "has a control character");
    if (value.items.size() == kListItemsMax) {
      return fault(property, text, "more than " + std::to_string(kListItemsMax) + " items");
    }
    if (property.type == PropertyType::addresses) {
      const Result<Address> address = parse_address(item, kDiscoveryPort);
      if (!address.ok()) return fault(property, item, address.error().message);
      if (address->port == 0) return fault(property, item, "nobody can be reached at port 0");
    }
    value.items.emplace_back(item);
  }
  return value;
}

}  // namespace

Error value_fault(std::string_view property, std::string_view value, const std::string& sentence) {
  std::string quoted(value.substr(0, kQuotedBytesMax));
  for (char& c : quoted) {
    if (c < ' ' || c > '~') c = '?';  // it may come from anywhere and goes into one line of text
  }
  if (value.size() > kQuotedBytesMax) quoted += "...";
  return {Status::invalid_config, std::string(property) + " = " + quoted + ": " + sentence};
}

Result<Value> parse_value(const Property& property, std::string_view text) {
  switch (property.type) {
    case PropertyType::integer:
    case PropertyType::duration:
    case PropertyType::size:
    case PropertyType::percent:
      return parse_numeric(property, trim(text));
    case PropertyType::choice:
      return parse_choice(property, trim(text));
    case PropertyType::string:
      return parse_string(property, text);
    case PropertyType::ip:
      return parse_ip(property, trim(text));
    case PropertyType::host:
      return parse_host(property, trim(text));
    case PropertyType::addresses:
    case PropertyType::list:
      return parse_list(property, text);
  }
  return fault(property, text, "of an unknown type");
}

}  // namespace distcache::core
