#include "base/limits.h"
#include "hand_driven.h"
#include "pair.h"

// What travels between two nodes arrives whole, however large, and one thing never costs another.
namespace distcache::engine {
namespace {

constexpr size_t kMiB = 1024 * 1024;

Buffer bytes(size_t size) { return Buffer::copy_of(std::string(size, 'v')); }

TEST(ExchangeTest, MoreThanAQueueHoldsIsAnswered) {
  Pair pair(Pair::config(), bytes(4 * kMiB));
  const std::vector<core::Key> keys = pair.keys_of_owner(40);

  const auto outcomes = pair.asker->get_many(pair.at_asker, keys, {});

  for (const core::Outcome& outcome : outcomes) {
    ASSERT_EQ(outcome.status, Status::ok) << outcome.message;
    ASSERT_EQ(outcome.value.size(), 4 * kMiB);
  }
  EXPECT_EQ(Engine::stats(*pair.at_asker).shards.loads, 0);
}

TEST(ExchangeTest, ALargestValueOfItsKeyspaceIsAnsweredByItsOwner) {
  core::KeyspaceConfig config = Pair::config();
  config.value_bytes_max = 40 * kMiB;
  Pair pair(config, bytes(40 * kMiB));
  const core::Key key = pair.keys_of_owner(1).front();

  const core::Outcome outcome = pair.asker->get(pair.at_asker, key, {});

  ASSERT_EQ(outcome.status, Status::ok) << outcome.message;
  EXPECT_EQ(outcome.value.size(), 40 * kMiB);
  EXPECT_EQ(Engine::stats(*pair.at_asker).shards.loads, 0);
}

TEST(ExchangeTest, ALargestValueOfItsKeyspaceIsPutAtItsOwner) {
  core::KeyspaceConfig config = Pair::config();
  config.value_bytes_max = 120 * kMiB;
  Pair pair(config);
  const core::Key key = pair.keys_of_owner(1).front();

  const auto outcomes = pair.asker->put_many(pair.at_asker, {{key, bytes(120 * kMiB), {}}}, {});

  EXPECT_EQ(outcomes.front().status, Status::ok) << outcomes.front().message;
  EXPECT_EQ(pair.owner->peek(pair.at_owner, key).value.size(), 120 * kMiB);
}

// ---- by hand ------------------------------------------------------------------------------------

constexpr core::MemberId kPeer = 42;
constexpr uint64_t kLabel = 7;

class LinkTest : public testing::Test {
 protected:
  void open() { exchange.open(kPeer, {"127.0.0.1", 1, {}}); }
  void up() {
    open();
    exchange.on_link_up(transport.last_link);
  }
  core::Call put(const std::string& key) const {
    core::Call call;
    call.kind = core::CallKind::put;
    call.keyspace = keyspace->id();
    call.key = key;
    call.value = bytes(1);
    call.deadline = Duration::seconds(5);
    return call;
  }
  void call(core::Call call) {
    const Instant deadline = side.time.at + Duration::seconds(5);
    exchange.call({{keyspace, 0, 0}, kPeer, deadline, std::move(call)});
  }
  void own_all_keys() {
    core::MemberStatus self;
    self.record.name = "a";
    self.record.keyspaces = side.node->announced();
    self.self = true;
    side.node->set_members({self}, 1);
  }
  // Time passes as it does for a process that runs: a tick now and then.
  void pass(Duration time) {
    for (const Instant end = side.time.at + time; side.time.at < end;) {
      side.time.at = std::min(end, side.time.at + Duration::ms(100));
      exchange.tick(side.time.at);
    }
  }
  // A message of a stranger or a peer.
  void request(RouteId route, core::Body body) {
    core::Envelope envelope;
    envelope.label_hash = kLabel;
    exchange.on_request(route, *wire::encode({envelope, std::move(body)}));
  }
  void acknowledge(core::MemberId sender, uint64_t sequence) {
    core::Envelope envelope;
    envelope.label_hash = kLabel;
    envelope.sender = sender;
    core::Batch batch;
    batch.acknowledged = sequence;
    exchange.on_reply(transport.last_link, *wire::encode({envelope, std::move(batch)}));
  }
  // Calls here are repairs: one that failed is owed to its member again.
  bool owed() const { return !side.node->missed_writes().members().empty(); }
  size_t calls_sent() const {
    size_t calls = 0;
    for (const Parts& parts : transport.sent) {
      const auto message = wire::decode(parts, wire::DecodeLimits::data_plane());
      if (!message.ok()) continue;
      if (const auto* batch = std::get_if<core::Batch>(&message->body))
        calls += batch->calls.size();
    }
    return calls;
  }

  HandDriven side;
  KeyspacePtr keyspace = side.add_keyspace();
  ManualTransport transport;
  Exchange exchange{*side.node, transport, kLabel, Duration::ms(250)};
};

TEST_F(LinkTest, CallsWithTheLargestTagsAreDividedIntoFramesThatCanBeSent) {
  up();
  core::Call tagged = put("key");
  tagged.tags.assign(limits::kTagsMax, std::string(limits::kTagBytesMax, 't'));
  for (int i = 0; i < 1'000; ++i) call(tagged);

  // Each frame is lost and the next one may leave after a while.
  for (int i = 0; i < 20; ++i) {
    exchange.flush();
    side.time.at = side.time.at + Duration::ms(300);
  }

  EXPECT_EQ(calls_sent(), 1'000U);
  EXPECT_GT(transport.sent.size(), 1U);
}

TEST_F(LinkTest, ACallThatCannotBeWrittenDoesNotSpoilItsBatch) {
  up();
  core::Call strange = put("strange");
  strange.trace.traceparent = std::string(100, 'x');
  call(put("one"));
  call(strange);
  call(put("two"));

  exchange.flush();

  EXPECT_EQ(calls_sent(), 2U);
}

TEST_F(LinkTest, ALinkThatCannotBeOpenedIsTriedAgain) {
  transport.connects_failing = 2;
  open();
  for (int i = 0; i < 30; ++i) {
    side.time.at = side.time.at + Duration::ms(100);
    exchange.tick(side.time.at);
  }
  EXPECT_EQ(transport.connects, 3U);

  exchange.on_link_up(transport.last_link);
  EXPECT_TRUE(exchange.up(kPeer));
}

TEST_F(LinkTest, ACallForALinkThatHasBrokenFailsAtOnce) {
  up();
  exchange.on_link_down(transport.last_link);
  call(put("key"));  // its sender had not heard
  EXPECT_TRUE(owed());

  exchange.on_link_up(transport.last_link);
  call(put("key"));
  exchange.flush();
  EXPECT_EQ(calls_sent(), 1U);
}

TEST_F(LinkTest, CallsThatNobodyAcknowledgesLookElsewhere) {
  up();
  call(put("key"));
  exchange.flush();
  pass(Duration::ms(2'499));
  EXPECT_FALSE(owed());
  pass(Duration::ms(1));
  EXPECT_TRUE(owed());
}

// The machine may have stood still, and the peer with it.
TEST_F(LinkTest, TimeInWhichThisProcessDidNotRunCountsAgainstNobody) {
  up();
  call(put("key"));
  exchange.flush();
  pass(Duration::ms(1'000));
  side.time.at = side.time.at + Duration::seconds(2);
  exchange.tick(side.time.at);
  EXPECT_FALSE(owed());
  pass(Duration::ms(1'000));
  EXPECT_FALSE(owed());
  pass(Duration::ms(250));
  EXPECT_TRUE(owed());
}

TEST_F(LinkTest, CallsThatArrivedWaitForTheirAnswers) {
  up();
  call(put("key"));
  exchange.flush();
  acknowledge(kPeer, 1);
  pass(Duration::ms(4'999));
  EXPECT_FALSE(owed());
}

TEST_F(LinkTest, AFrameThatComesAgainIsNotPerformedAgain) {
  own_all_keys();
  core::Batch putting, removing;
  putting.sequence = 1;
  putting.calls = {put("key")};
  removing.sequence = 2;
  removing.calls = {put("key")};
  removing.calls[0].kind = core::CallKind::remove;
  removing.calls[0].value = {};
  request(1, putting);
  EXPECT_EQ(side.node->peek(*keyspace, core::Key::of("key")).status, Status::ok);
  request(1, removing);

  request(1, putting);

  EXPECT_EQ(side.node->peek(*keyspace, core::Key::of("key")).status, Status::not_cached);
}

// A process that goes on finds what was put meanwhile, and must not keep it for longer than those
// who put it allow.
TEST_F(LinkTest, TheTtlOfAPutThatLayUnreadCountsFromWhenItMayHaveCome) {
  own_all_keys();
  core::Batch batch;
  batch.sequence = 1;
  batch.calls = {put("gone"), put("kept")};
  batch.calls[0].ttl = Duration::seconds(4);
  batch.calls[1].ttl = Duration::seconds(7);
  pass(Duration::ms(100));
  side.time.at = side.time.at + Duration::seconds(5);

  request(1, batch);

  const auto ttl_of = [this](const std::string& key) {
    return side.node->peek(*keyspace, core::Key::of(key)).ttl;
  };
  EXPECT_EQ(side.node->peek(*keyspace, core::Key::of("gone")).status, Status::not_cached);
  EXPECT_LE(ttl_of("kept"), Duration::seconds(2));
  // What is read a little later may have lain there as well; what comes later still has not.
  exchange.tick(side.time.at);
  batch.sequence = 2;
  request(1, batch);
  EXPECT_LE(ttl_of("kept"), Duration::seconds(2));
  pass(Duration::ms(100));
  batch.sequence = 3;
  request(1, batch);
  EXPECT_GT(ttl_of("kept"), Duration::seconds(6));
}

TEST_F(LinkTest, AnotherProcessAtThePortIsNotThePeer) {
  up();
  call(put("key"));
  exchange.flush();
  acknowledge(kPeer + 1, 1);
  EXPECT_EQ(exchange.counters().foreign, 1U);
  pass(Duration::ms(2'500));
  EXPECT_TRUE(owed());
}

TEST_F(LinkTest, ACallWaitsOneSecondForTheFirstLink) {
  open();
  call(put("key"));
  exchange.tick(side.time.at);
  EXPECT_FALSE(owed());
  side.time.at = side.time.at + Duration::ms(999);
  exchange.tick(side.time.at);
  EXPECT_FALSE(owed());
  side.time.at = side.time.at + Duration::ms(1);
  exchange.tick(side.time.at);
  EXPECT_TRUE(owed());
}

TEST_F(LinkTest, ALargeValueWaitsAsAReferenceWhileItsReaderDoesNotRead) {
  up();
  transport.room = 3;
  core::Call large = put("key");
  large.value = bytes(10 * kMiB);
  call(large);

  exchange.flush();
  EXPECT_EQ(transport.sent.size(), 3U);
  transport.room = SIZE_MAX;
  exchange.flush();

  EXPECT_EQ(transport.sent.size(), 11U);
  EXPECT_EQ(calls_sent(), 1U);
}

TEST_F(LinkTest, StrangersDoNotKeepOthersOut) {
  core::Batch empty;
  empty.sequence = 1;
  for (RouteId stranger = 1; stranger <= 5'000; ++stranger) {
    side.time.at = side.time.at + Duration::us(1);
    request(stranger, empty);
  }
  exchange.flush();
  transport.sent.clear();

  request(9'999, empty);
  exchange.flush();

  EXPECT_EQ(transport.sent.size(), 1U);  // the acknowledgement
}

TEST_F(LinkTest, WhatStrangersAnnounceIsBounded) {
  const Buffer piece = bytes(limits::kChunkBytesMax);
  for (RouteId stranger = 1; stranger <= 100; ++stranger) {
    request(stranger, core::Chunk{1, false, 0, 16 * kMiB, piece});
  }
  EXPECT_GE(exchange.counters().refused, 100U - 512 / 16);
}

TEST_F(LinkTest, AForgedEpochHidesTheOthersOnlyOnce) {
  const auto hear = [this](uint64_t epoch) {
    core::Envelope envelope;
    envelope.label_hash = kLabel;
    envelope.epoch = epoch;
    exchange.on_request(1, *wire::encode({envelope, core::Batch{}}));
  };
  hear(UINT64_MAX);
  EXPECT_EQ(exchange.take_epoch_heard(), UINT64_MAX);
  hear(7);
  hear(5);
  EXPECT_EQ(exchange.take_epoch_heard(), 7U);
}

}  // namespace
}  // namespace distcache::engine
