#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/message.h"
#include "transport/wire/codec.h"

// Messages that the tests of the wire share.
namespace distcache::testing {

// Field by field, without the help of the schema that is under test. Values are compared by their
// bytes; a value that is absent differs from an empty one.
bool same(const core::Message& a, const core::Message& b);

// One message of each kind and shape, by the name that its vector has in golden/messages.json.
struct NamedMessage {
  std::string name;
  std::string description;
  core::Message message;
};
std::vector<NamedMessage> golden_messages();

bool of_membership(const core::Message& message);
inline wire::DecodeLimits limits_for(bool membership) {
  return membership ? wire::DecodeLimits::membership_plane() : wire::DecodeLimits::data_plane();
}
inline Buffer bytes(size_t size, char fill) { return Buffer::copy_of(std::string(size, fill)); }

}  // namespace distcache::testing
