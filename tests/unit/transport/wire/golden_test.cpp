#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <set>

#include "transport/wire/golden_file.h"
#include "transport/wire/golden_messages.h"
#include "transport/wire/schema.h"

namespace distcache::testing {

std::vector<NamedMessage> golden_messages() {
  std::vector<NamedMessage> all = golden_membership();
  for (auto more : {golden_calls(), golden_replies()}) {
    all.insert(all.end(), more.begin(), more.end());
  }
  return all;
}

namespace {

using wire::decode;
using wire::encode;
using wire::Reject;

// DISTCACHE_UPDATE_GOLDEN=1 writes the file anew. Only for vectors that are added: one that changes
// breaks every release that is out there.
void update_golden() {
  nlohmann::ordered_json file;
  file["about"] =
      "Every message of the protocol: docs/wire.md. Decoding the parts gives the message "
      "that the name stands for, encoding it gives the parts. A part is hex in "
      "segments: 94+61*9 is the byte 0x94, then 0x61 nine times.";
  for (const NamedMessage& named : golden_messages()) {
    nlohmann::ordered_json vector;
    vector["name"] = named.name;
    vector["description"] = named.description;
    vector["plane"] = of_membership(named.message) ? "membership" : "data";
    vector["parts"] = nlohmann::json::array();
    const auto parts = encode(named.message);
    ASSERT_TRUE(parts.ok()) << named.name << ": " << parts.error().message;
    for (const Buffer& part : *parts) vector["parts"].push_back(to_hex(part.view()));
    file["vectors"].push_back(vector);
  }
  std::ofstream(golden_path("messages.json")) << file.dump(1) << '\n';
}

TEST(Golden, EncodesToTheBytesAndDecodesToTheMessage) {
  if (std::getenv("DISTCACHE_UPDATE_GOLDEN") != nullptr) update_golden();
  const auto vectors = read_vectors("messages.json");
  const auto messages = golden_messages();
  ASSERT_GE(vectors.size(), 40u);
  ASSERT_EQ(vectors.size(), messages.size());
  std::set<size_t> kinds;
  for (size_t i = 0; i < vectors.size(); ++i) {
    SCOPED_TRACE(messages[i].name);
    EXPECT_EQ(vectors[i].name, messages[i].name);
    kinds.insert(messages[i].message.body.index());

    const auto parts = encode(messages[i].message);
    ASSERT_TRUE(parts.ok()) << parts.error().message;
    ASSERT_EQ(parts->size(), vectors[i].parts.size());
    for (size_t p = 0; p < parts->size(); ++p) {
      EXPECT_EQ(to_hex((*parts)[p].view()), to_hex(vectors[i].parts[p].view())) << "part " << p;
    }

    const auto decoded = decode(vectors[i].parts, limits_for(vectors[i].membership));
    ASSERT_TRUE(decoded.ok()) << decoded.error().message;
    EXPECT_TRUE(same(*decoded, messages[i].message));
  }
  EXPECT_EQ(kinds.size(), std::variant_size_v<core::Body>) << "a kind without a vector";
}

TEST(Golden, LargeValuesAreSharedNotCopied) {
  Buffer value = bytes(9000, 'v');
  const auto parts = encode(calls({put(value)}));
  ASSERT_TRUE(parts.ok());
  ASSERT_EQ(parts->size(), 2u);
  EXPECT_EQ((*parts)[1].data(), value.data());
  const auto decoded = decode(*parts, wire::DecodeLimits::data_plane());
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(std::get<core::Batch>(decoded->body).calls[0].value.data(), value.data());
}

// What later versions, or other encoders, may send, and what it means here.
TEST(Golden, CompatibleBytesMeanTheSame) {
  std::map<std::string, core::Message> by_name;
  for (NamedMessage& named : golden_messages()) by_name[named.name] = std::move(named.message);
  const auto vectors = read_vectors("compatible.json");
  ASSERT_GE(vectors.size(), 15u);
  for (const Vector& vector : vectors) {
    SCOPED_TRACE(vector.name);
    ASSERT_TRUE(by_name.contains(vector.same_as));
    auto decoded = decode(vector.parts, limits_for(vector.membership));
    ASSERT_TRUE(decoded.ok()) << decoded.error().message;
    decoded->envelope.version = core::kProtocolVersion;
    EXPECT_TRUE(same(*decoded, by_name[vector.same_as]));
  }
}

TEST(Golden, RejectedBytesAreRejectedForTheirReason) {
  const auto vectors = read_vectors("rejected.json");
  ASSERT_GE(vectors.size(), 60u);
  std::set<std::string> reasons;
  for (const Vector& vector : vectors) {
    SCOPED_TRACE(vector.name);
    reasons.insert(vector.reject);
    Reject why = Reject::none;
    const auto decoded = decode(vector.parts, limits_for(vector.membership), &why);
    EXPECT_FALSE(decoded.ok());
    EXPECT_EQ(wire::reject_name(why), vector.reject)
        << (decoded.ok() ? "accepted" : decoded.error().message);
    if (decoded.ok()) continue;
    EXPECT_FALSE(decoded.error().message.empty());
    const bool skippable = why == Reject::unknown_kind || why == Reject::version;
    EXPECT_EQ(decoded.error().status, skippable ? Status::unsupported : Status::invalid_argument);
  }
  // All but "none" and "no_memory".
  EXPECT_EQ(reasons.size(), wire::kRejects - 2) << "a reason without a vector";
}

}  // namespace
}  // namespace distcache::testing
