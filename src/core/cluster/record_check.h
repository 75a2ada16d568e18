#pragma once

#include <optional>
#include <string>

#include "core/message.h"

namespace distcache::core {

// The highest incarnation that a record may have: a newer one must still fit above it.
inline constexpr uint64_t kIncarnationMax = UINT64_MAX - 1;

// What is wrong with a record that a member gives of itself, as a sentence; nothing if it may be
// kept. The decoder has bounded its size already.
std::optional<std::string> fault_of(const Member& record);

// Whether a listening socket could be there at all.
bool usable(const Address& address);

// About how many bytes the record takes in a message, without its keyspaces.
size_t told_bytes(const Member& record);

// Whether two records of one incarnation say the same of the member: a higher revision alone only
// says that it lives.
bool same_content(const Member& a, const Member& b);

// Whether two addresses name one socket in one spelling; keys do not count.
bool same_place(const Address& a, const Address& b);

}  // namespace distcache::core
