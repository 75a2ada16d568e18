#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace conformance {

// Ordered, since engines are opened and keyspaces added as the file lists them.
using Json = nlohmann::ordered_json;

uint64_t fnv1a(std::string_view bytes);

// The notations of docs/conformance.md for keys and values.
std::string bytes_of(const Json& notation);

// A value as the output shows it: short text as it is, anything else by length and hash.
std::string shown(std::string_view value);

// Throws unless the object has no members but those `known`: a misspelt one must not pass unseen.
void expect_members(const Json& object, std::initializer_list<std::string_view> known);

}  // namespace conformance
