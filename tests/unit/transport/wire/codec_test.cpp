#include "transport/wire/codec.h"

#include <gtest/gtest.h>

#include "transport/wire/golden_messages.h"

namespace distcache::testing {
namespace {

using namespace core;
using wire::decode;
using wire::DecodeLimits;
using wire::encode;
using wire::Reject;

Status refused(const Message& message) {
  const auto parts = encode(message);
  EXPECT_FALSE(parts.ok());
  return parts.ok() ? Status::ok : parts.error().status;
}

Message round_trip(const Message& message) {
  const auto parts = encode(message);
  EXPECT_TRUE(parts.ok()) << (parts.ok() ? "" : parts.error().message);
  auto decoded = decode(*parts, limits_for(of_membership(message)));
  EXPECT_TRUE(decoded.ok()) << (decoded.ok() ? "" : decoded.error().message);
  return std::move(*decoded);
}

Call through_batch(Call call) {
  return std::get<Batch>(round_trip(calls({std::move(call)})).body).calls.at(0);
}
Reply through_batch(Reply reply) {
  return std::get<Batch>(round_trip(replies({std::move(reply)})).body).replies.at(0);
}

TEST(Encode, RefusesWhatADecoderWouldRefuse) {
  EXPECT_EQ(refused(calls({get("")})), Status::invalid_argument);
  EXPECT_EQ(refused(calls({get(std::string(4097, 'k'))})), Status::too_large);
  EXPECT_EQ(refused(calls({put(bytes(limits::kChunkBytesMax + 1, 'v'))})), Status::too_large);
  EXPECT_EQ(refused(calls(std::vector<Call>(1025, get()))), Status::too_large);
  Call call = put(bytes(1, 'v'));
  call.tags.assign(17, "t");
  EXPECT_EQ(refused(calls({call})), Status::too_large);
  call.tags = {""};
  EXPECT_EQ(refused(calls({call})), Status::invalid_argument);
  call = get();
  call.ancestors.resize(9);
  EXPECT_EQ(refused(calls({call})), Status::too_large);
  call = get();
  call.trace.traceparent.assign(56, 't');
  EXPECT_EQ(refused(calls({call})), Status::too_large);

  EXPECT_EQ(refused(message(Hello{"l", {}})), Status::invalid_argument);
  Member weightless = member("a");
  weightless.weight = 0;
  EXPECT_EQ(refused(message(Hello{"l", {weightless}})), Status::invalid_argument);
  Member lost = member("a");
  lost.data.host = "two words";
  EXPECT_EQ(refused(message(Hello{"l", {lost}})), Status::invalid_argument);
  EXPECT_EQ(refused(message(Chunk{1, false, 0, 2'000'000, Buffer()})), Status::invalid_argument);
  Message later = message(Ping{1, 0, 0, {}});
  later.envelope.version = kProtocolVersion + 1;
  EXPECT_EQ(refused(later), Status::internal);
}

TEST(Encode, NamesTheField) {
  const auto parts = encode(calls({get(), get(std::string(5000, 'k'))}));
  ASSERT_FALSE(parts.ok());
  EXPECT_EQ(parts.error().message, "batch.call.key: 5000 is not in 0..4096");
}

TEST(Encode, RefusesMessagesThatAreTooLargeAsAWhole) {
  // 1024 keys of 2 KiB fit no frame, 64 large values are one part too many.
  EXPECT_EQ(refused(calls(std::vector<Call>(1024, get(std::string(2048, 'k'))))),
            Status::too_large);
  EXPECT_EQ(refused(calls(std::vector<Call>(64, put(bytes(8193, 'v'))))), Status::too_large);
  EXPECT_TRUE(encode(calls(std::vector<Call>(63, put(bytes(8193, 'v'))))).ok());
  // A membership frame is smaller: 4096 members with long names do not fit.
  EXPECT_EQ(refused(message(Hello{"l", std::vector<Member>(4096, member(std::string(40, 'n')))})),
            Status::too_large);
  Reply unsure = reply(Status::partial);
  unsure.unconfirmed.assign(4096, "n");
  EXPECT_EQ(refused(replies(std::vector<Reply>(9, unsure))), Status::too_large);
  EXPECT_TRUE(encode(replies(std::vector<Reply>(7, unsure))).ok());
}

TEST(Encode, CutsTextForPeopleBetweenCharacters) {
  Reply failed = reply(Status::source_failed);
  failed.message = std::string(1023, 'm') + "\xc3\xa9";
  EXPECT_EQ(through_batch(failed).message, std::string(1023, 'm'));
  failed.message = std::string(2000, 'm');
  EXPECT_EQ(through_batch(failed).message.size(), 1024u);
  failed.message = std::string(2000, '\x80');  // no UTF-8 at all
  EXPECT_EQ(through_batch(failed).message, "");
}

TEST(Encode, TimesNeverBecomeLongerExceptAWish) {
  Call call = put(bytes(1, 'v'));
  call.deadline = Duration::ns(1'999);
  call.ttl = Duration::ns(1);  // zero would mean "the default of the keyspace"
  EXPECT_EQ(through_batch(call).deadline, Duration::us(1));
  EXPECT_EQ(through_batch(call).ttl, Duration::us(1));
  call.deadline = Duration::ns(-5);
  call.ttl = Duration();
  EXPECT_EQ(through_batch(call).deadline, Duration());
  EXPECT_EQ(through_batch(call).ttl, Duration());
  call.deadline = Duration::max();
  call.ttl = Duration::max() - Duration::ns(1);
  EXPECT_EQ(through_batch(call).deadline, Duration::ms(limits::kTtlMsMax));
  EXPECT_EQ(through_batch(call).ttl, Duration::ms(limits::kTtlMsMax));

  Reply hit_now = hit(bytes(1, 'v'));
  hit_now.ttl = Duration::ns(1'999);
  hit_now.lease = Duration::ns(999);
  EXPECT_EQ(through_batch(hit_now).ttl, Duration::us(1));
  EXPECT_EQ(through_batch(hit_now).lease, Duration());
}

TEST(Footprint, IsWhatAnItemAddsToItsBatch) {
  const size_t empty = encode(calls({}))->front().size();
  for (const Call& call : {get(), put(bytes(8192, 'v')), put(bytes(8193, 'v'))}) {
    const auto one = wire::footprint(call);
    const auto parts = encode(calls({call}));
    ASSERT_TRUE(one.ok());
    EXPECT_EQ(empty + one->header_bytes, parts->front().size());
    EXPECT_EQ(1 + one->parts, parts->size());
  }
  const auto large = wire::footprint(hit(bytes(9000, 'v')));
  ASSERT_TRUE(large.ok());
  EXPECT_EQ(large->parts, 1u);
  EXPECT_LT(large->header_bytes, 100u);
  EXPECT_EQ(wire::footprint(get("")).error().status, Status::invalid_argument);
}

TEST(Decode, KeepsWhatALaterVersionSays) {
  Call call = get();
  call.kind = static_cast<CallKind>(200);
  call.key.clear();
  call.flags = UINT32_MAX;
  EXPECT_EQ(static_cast<int>(through_batch(call).kind), 200);
  EXPECT_EQ(through_batch(call).flags, UINT32_MAX);
  Reply reply_later = reply(static_cast<Status>(777));
  reply_later.origin = static_cast<Origin>(99);
  EXPECT_EQ(through_batch(reply_later).status, Status::unknown);
  EXPECT_EQ(through_batch(reply_later).origin, Origin::none);
  EXPECT_EQ(through_batch(reply(Status::not_owner)).status, Status::not_owner);
}

TEST(Decode, SaysWhichVersionItUnderstands) {
  auto parts = encode(calls({get()}));
  ASSERT_TRUE(parts.ok());
  parts->front().mutable_data()[1] = 9;
  Reject why = Reject::none;
  const auto decoded = decode(*parts, DecodeLimits::data_plane(), &why);
  ASSERT_FALSE(decoded.ok());
  EXPECT_EQ(why, Reject::version);
  EXPECT_EQ(decoded.error().status, Status::unsupported);
  EXPECT_EQ(decoded.error().message,
            "the message is in protocol version 9, this build understands 1 to 1");
}

TEST(Decode, SaysWhere) {
  auto parts = encode(replies({hit(bytes(5, 'v'))}));
  ASSERT_TRUE(parts.ok());
  Buffer& header = parts->front();
  const size_t value = header.view().find("\xc4\x05vvvvv");
  ASSERT_NE(value, Bytes::npos);
  header.mutable_data()[value] = '\xca';
  const auto decoded = decode(*parts, DecodeLimits::data_plane());
  ASSERT_FALSE(decoded.ok());
  EXPECT_EQ(decoded.error().message, "batch.reply.value: forbidden_type");
}

TEST(Decode, ValuesInTheHeaderComeFromTheAllocator) {
  class Nothing final : public Allocator {
   public:
    void* allocate(size_t) override { return nullptr; }
    void deallocate(void*, size_t) override {}
    size_t true_size(size_t bytes) const override { return bytes; }
  } nothing;
  const auto inside = encode(calls({put(bytes(5, 'v'))}));
  Reject why = Reject::none;
  EXPECT_FALSE(decode(*inside, DecodeLimits::data_plane(), &why, nothing).ok());
  EXPECT_EQ(why, Reject::no_memory);
  const auto part = encode(calls({put(bytes(9000, 'v'))}));
  EXPECT_TRUE(decode(*part, DecodeLimits::data_plane(), &why, nothing).ok());
  EXPECT_EQ(encode(calls({get()}), nothing).error().status, Status::no_memory);
}

TEST(Reject, HasANameForEachReason) {
  for (size_t i = 0; i < wire::kRejects; ++i) {
    EXPECT_NE(wire::reject_name(static_cast<Reject>(i)), "unrecognized") << i;
  }
  EXPECT_EQ(wire::reject_name(static_cast<Reject>(wire::kRejects)), "unrecognized");
}

}  // namespace
}  // namespace distcache::testing
