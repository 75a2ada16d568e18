#include <gtest/gtest.h>

#include "shard_fixture.h"

// put_if: done over the version that is given, or over none, and nowhere else; once.
namespace distcache::core {
namespace {

constexpr Version kAbsent{};

class PutIf : public ::testing::Test {
 protected:
  static std::optional<Outcome> put_if(ShardFixture& at, const std::string& key,
                                       const Version& expected, const std::string& value,
                                       uint64_t id = 0, uint32_t flags = 0,
                                       Waiter::Kind kind = Waiter::Kind::local) {
    WriteRequest request;
    request.kind = CallKind::put_if;
    request.waiter = {kind, 0, id, at.now + Duration::seconds(5)};
    request.value = Buffer::copy_of(value);
    request.expected = expected;
    request.flags = flags;
    return at.write(key, request);
  }
  static void tell(ShardFixture& at, uint64_t flight, Status status, const Version& version) {
    Reply reply;
    reply.status = status;
    reply.version = version;
    at.shard.on_reply(flight, reply, at.now, at.out);
  }
  // Whatever is still owed to this waiter.
  static Outcome answer_to(ShardFixture& at, uint64_t id) {
    auto done = at.completed();
    EXPECT_EQ(done.count(id), 1U);
    return done[id];
  }
};

TEST_F(PutIf, OverTheVersionThatIsThere) {
  ShardFixture owner;
  const auto first = put_if(owner, "k", kAbsent, "one");
  ASSERT_EQ(first->status, Status::ok);
  const auto second = put_if(owner, "k", first->version, "two");
  ASSERT_EQ(second->status, Status::ok);
  EXPECT_GT(second->version, first->version);
  EXPECT_EQ(text(*owner.get("k", 1)), "two");
  EXPECT_EQ(owner.get("k", 2)->version, second->version);
}

TEST_F(PutIf, NotOverAnother) {
  ShardFixture owner;
  const auto first = owner.put("k", "one");
  const auto second = owner.put("k", "two");
  const auto refused = put_if(owner, "k", first->version, "three");
  EXPECT_EQ(refused->status, Status::version_mismatch);
  EXPECT_EQ(refused->version, second->version) << "what to decide by";
  EXPECT_FALSE(refused->retriable);
  EXPECT_EQ(put_if(owner, "k", kAbsent, "three")->status, Status::version_mismatch);
  EXPECT_EQ(text(*owner.get("k", 1)), "two");
}

TEST_F(PutIf, NotWhereThereIsNone) {
  ShardFixture owner;
  const auto put = owner.put("k", "one");
  ASSERT_EQ(owner.remove("k")->status, Status::ok);
  const auto refused = put_if(owner, "k", put->version, "two");
  EXPECT_EQ(refused->status, Status::version_mismatch);
  EXPECT_EQ(refused->version, kAbsent);
  EXPECT_EQ(put_if(owner, "k", refused->version, "two")->status, Status::ok);
}

TEST_F(PutIf, WhatHasExpiredIsAbsent) {
  ShardFixture owner;
  const auto put = owner.put("k", "one", 0, Duration::ms(10));
  owner.now = owner.now + Duration::seconds(1);  // and nothing has swept it
  EXPECT_EQ(put_if(owner, "k", put->version, "two")->status, Status::version_mismatch);
  EXPECT_EQ(put_if(owner, "k", kAbsent, "two")->status, Status::ok);
}

TEST_F(PutIf, NotFoundIsAbsent) {
  ShardOptions options = ShardFixture::default_options();
  options.negative_ttl = Duration::seconds(60);
  ShardFixture owner("a", {"a"}, options);
  owner.get("k", 1);
  LoadAnswer none;
  none.status = Status::not_found;
  owner.shard.on_loaded(owner.fetches().at(0).flight, none, owner.now, owner.out);
  ASSERT_EQ(owner.get("k", 2)->status, Status::not_found) << "kept";
  EXPECT_EQ(put_if(owner, "k", kAbsent, "one")->status, Status::ok);
}

TEST_F(PutIf, OfALoadedValue) {
  ShardFixture owner;
  owner.get("k", 1);
  owner.answer(owner.fetches().at(0).flight, "loaded");
  const Version loaded = owner.completed()[1].version;
  EXPECT_EQ(put_if(owner, "k", loaded, "put")->status, Status::ok);
}

TEST_F(PutIf, FencesLoads) {
  ShardFixture owner;
  owner.get("k", 1);
  ASSERT_EQ(put_if(owner, "k", kAbsent, "put", 2)->status, Status::ok);
  owner.answer(owner.fetches().at(0).flight, "older");
  EXPECT_EQ(text(*owner.get("k", 3)), "put");
}

TEST_F(PutIf, ThatIsRefusedFencesNone) {
  ShardFixture owner;
  owner.get("k", 1);
  ASSERT_EQ(put_if(owner, "k", {9, 9, 9}, "put", 2)->status, Status::version_mismatch);
  owner.answer(owner.fetches().at(0).flight, "loaded");
  EXPECT_EQ(text(*owner.get("k", 3)), "loaded");
}

TEST_F(PutIf, VersionsDoNotComeAgainWithTheNextProcess) {
  Shard before(ShardFixture::default_options(), StoreOptions{}, Allocator::system(), 1);
  Shard after(ShardFixture::default_options(), StoreOptions{}, Allocator::system(), 2);
  ShardFixture any;
  Outbox out;
  WriteRequest request;
  request.waiter = {Waiter::Kind::local, 0, 0, any.now + Duration::seconds(5)};
  before.set_view(any.view, 1, any.now);
  after.set_view(any.view, 1, any.now);
  EXPECT_NE(before.write(Key::of("k"), request, any.now, out)->version,
            after.write(Key::of("k"), request, any.now, out)->version);
}

TEST_F(PutIf, TheOwnerDecides) {
  ShardFixture asker("a", {"a", "b"});
  const std::string key = asker.key_owned_by("b");
  ASSERT_FALSE(put_if(asker, key, {3, 4, 5}, "v", 1));
  const auto calls = asker.calls();
  ASSERT_EQ(calls.size(), 1U);
  EXPECT_EQ(calls[0].call.kind, CallKind::put_if);
  EXPECT_EQ(calls[0].call.version, (Version{3, 4, 5}));
  tell(asker, calls[0].flight, Status::version_mismatch, {6, 7, 8});
  const Outcome refused = answer_to(asker, 1);
  EXPECT_EQ(refused.status, Status::version_mismatch);
  EXPECT_EQ(refused.version, (Version{6, 7, 8}));
}

// Told again it would be refused for what it has done itself; another member that was told as well
// would do it beside the owner.
TEST_F(PutIf, ThatMayBeDoneIsToldToNobodyElse) {
  ShardFixture asker("a", {"a", "b", "c"});
  const std::string key = asker.key_owned_by("b");
  ASSERT_FALSE(put_if(asker, key, kAbsent, "v", 1));
  const uint64_t flight = asker.calls().at(0).flight;
  ASSERT_TRUE(asker.shard.seal(flight, asker.now));
  asker.shard.on_call_failed(flight, true, asker.now, asker.out);
  EXPECT_TRUE(asker.calls().empty());
  EXPECT_EQ(answer_to(asker, 1).status, Status::unknown);
}

TEST_F(PutIf, WhoStandsInBesideTheOwnerRefuses) {
  ShardFixture candidate("a", {"a", "b"});
  const std::string key = candidate.key_owned_by("b");
  const auto refused = put_if(candidate, key, kAbsent, "v", 1, kCallStandIn, Waiter::Kind::remote);
  EXPECT_EQ(refused->status, Status::not_owner);
}

TEST_F(PutIf, ThatReachesNobodyIsNotDone) {
  ShardFixture asker("a", {"a", "b", "c"});
  const std::string key = asker.key_owned_by("b");
  ASSERT_FALSE(put_if(asker, key, kAbsent, "v", 1));
  uint64_t flight = asker.calls().at(0).flight;
  asker.shard.on_call_failed(flight, false, asker.now, asker.out);
  for (int i = 0; i < 10; ++i) {  // the next candidate does reach the owner, and says so
    for (const CallStart& call : asker.calls()) tell(asker, call.flight, Status::not_owner, {});
    asker.pass(Duration::ms(30));
  }
  EXPECT_EQ(answer_to(asker, 1).status, Status::peer_unreachable);
}

TEST_F(PutIf, ForALostOwnerIsPartial) {
  ShardFixture acting("a", {"a", "b"});
  const std::string key = acting.key_owned_by("b");
  acting.set_members({"a", "b"}, {"b"});
  const auto first = put_if(acting, key, kAbsent, "v");
  EXPECT_EQ(first->status, Status::partial);
  EXPECT_EQ(first->unconfirmed, std::vector<std::string>{"b"});
  EXPECT_EQ(put_if(acting, key, kAbsent, "w")->status, Status::version_mismatch);
}

TEST_F(PutIf, RecallsMirrorsOnlyIfItIsDone) {
  ShardOptions options = ShardFixture::default_options();
  options.mirror = MirrorMode::all;
  ShardFixture owner("a", {"a", "b"}, options);
  const std::string key = owner.key_owned_by("a");
  owner.pass(Duration::seconds(2));  // no other owner before it may have lent the key
  const auto put = owner.put(key, "one");
  const Waiter asks{Waiter::Kind::remote, 0, 1, owner.now + Duration::seconds(5), hash64("b")};
  const auto lent = owner.shard.get(Key::of(key), {asks, 0, {}, {}}, owner.now, owner.out);
  ASSERT_GT(lent->lease, Duration());
  owner.out.recalls.clear();
  ASSERT_EQ(put_if(owner, key, kAbsent, "two", 2)->status, Status::version_mismatch);
  EXPECT_TRUE(owner.out.recalls.empty());
  ASSERT_FALSE(put_if(owner, key, put->version, "two", 3)) << "waits for the mirror";
  ASSERT_EQ(owner.out.recalls.size(), 1U);
  owner.shard.on_recalled(owner.out.recalls[0].flight, hash64("b"), Key::of(key), owner.now,
                          owner.out);
  EXPECT_EQ(answer_to(owner, 3).status, Status::ok);
}

// What it has loaded and lent since it was sent may be older.
TEST_F(PutIf, ThatComesBackToTheNewOwnerTakesBackWhatThatHasLent) {
  ShardOptions options = ShardFixture::default_options();
  options.mirror = MirrorMode::all;
  ShardFixture asker("a", {"a", "b", "c"}, options);
  const ShardFixture without("a", {"a", "c"});
  std::string key;
  for (int i = 0; key.empty() || without.view->acting_owner(hash64(key)).member != hash64("a");
       ++i) {
    key = asker.key_owned_by("b", i);
  }
  ASSERT_FALSE(put_if(asker, key, kAbsent, "new", 1));
  const uint64_t flight = asker.calls().at(0).flight;
  asker.set_members({"a", "c"});
  asker.pass(Duration::seconds(2));  // nobody has what b may have lent
  const Waiter asks{Waiter::Kind::remote, 0, 2, asker.now + Duration::seconds(5), hash64("c")};
  ASSERT_FALSE(asker.shard.get(Key::of(key), {asks, 0, {}, {}}, asker.now, asker.out));
  asker.answer(asker.fetches().at(0).flight, "old");
  const Outcome lent = asker.completed()[2];
  ASSERT_GT(lent.lease, Duration());
  asker.out.recalls.clear();

  tell(asker, flight, Status::ok, {0, 9, 9});
  EXPECT_TRUE(asker.completed().empty());
  ASSERT_EQ(asker.out.recalls.size(), 1U);
  EXPECT_GT(asker.out.recalls[0].version, lent.version) << "else the holder keeps what it has";
  const auto told = asker.take_told();
  ASSERT_EQ(told.size(), 1U);
  asker.reply(told[0].flight, Status::ok);
  asker.shard.on_recalled(asker.out.recalls[0].flight, hash64("c"), Key::of(key), asker.now,
                          asker.out);
  EXPECT_EQ(answer_to(asker, 1).status, Status::ok);
  EXPECT_FALSE(asker.get(key, 3)) << "what was loaded before is gone";
}

}  // namespace
}  // namespace distcache::core
