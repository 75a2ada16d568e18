#include <gtest/gtest.h>

#include "core/granted.h"
#include "shard_fixture.h"

// A write meets a granted load of the same key. What the load brings is for those who began before
// the write, and for nobody else, whichever of them ends first.
namespace distcache::core {
namespace {

// The owner has a source, as it could not refresh without one; b and c bring loaders.
class GrantFence : public ::testing::Test {
 protected:
  static constexpr uint64_t kWriter = 9;

  std::optional<Outcome> ask(const std::string& from, uint64_t id) {
    const Waiter waiter{Waiter::Kind::remote, id, id, owner.now + Duration::seconds(5)};
    return owner.shard.get(Key::of(key), {waiter, kCallLoader, {}, {}, hash64(from)}, owner.now,
                           owner.out);
  }
  uint64_t granted() {
    EXPECT_EQ(owner.out.grants.size(), 1U);
    const uint64_t grant = owner.out.grants.empty() ? 0 : owner.out.grants.front().grant;
    owner.out.grants.clear();
    return grant;
  }
  // b has the load, c and a reader at the owner wait for it.
  uint64_t hold() {
    EXPECT_FALSE(ask("b", 1));
    EXPECT_FALSE(ask("c", 2));
    EXPECT_FALSE(owner.get(key, 3));
    return granted();
  }
  Outcome bring(const std::string& from, uint64_t grant, const std::string& value) {
    LoadAnswer answer;
    answer.status = Status::ok;
    answer.value = Buffer::copy_of(value);
    Call call = loaded_call(answer, grant);
    call.key = key;
    return owner.shard.on_granted_load(Key::of(key), hash64(from), call, {}, owner.now, owner.out);
  }
  // Those who began before the write have what the load brings; nobody else does.
  void end_old(uint64_t grant) {
    const Outcome taken = bring("b", grant, "old");
    EXPECT_EQ(taken.status, Status::ok);
    const auto done = owner.completed();
    EXPECT_EQ(done.size(), 3U);
    EXPECT_TRUE(done.contains(1));
    EXPECT_EQ(text(done.at(2)), "old");
    EXPECT_EQ(text(done.at(3)), "old");
  }
  Outcome put_if(Version expected, const std::string& value) {
    WriteRequest request;
    request.kind = CallKind::put_if;
    request.waiter = {Waiter::Kind::local, 0, kWriter, owner.now + Duration::seconds(5)};
    request.value = Buffer::copy_of(value);
    request.expected = expected;
    return owner.write(key, request).value();
  }
  std::optional<Outcome> refresh() {
    WriteRequest request;
    request.kind = CallKind::refresh;
    request.waiter = {Waiter::Kind::local, 0, kWriter, owner.now + Duration::seconds(5)};
    return owner.shard.refresh(Key::of(key), request, owner.now, owner.out);
  }
  void leave_without_source() {
    ShardOptions options = ShardFixture::default_options();
    options.has_source = false;
    owner.shard.set_options(options);
  }
  std::string served() {
    const std::optional<Outcome> got = owner.get(key, 99);
    return got ? text(*got) : "(loads)";
  }

  ShardFixture owner{"a", {"a"}};
  const std::string key = "key";
};

TEST_F(GrantFence, ADeleteWhereTheOlderLoadEndsFirst) {
  const uint64_t old = hold();
  EXPECT_EQ(owner.remove(key, kWriter)->status, Status::ok);
  EXPECT_FALSE(ask("c", 4));
  const uint64_t fresh = granted();
  end_old(old);
  EXPECT_EQ(owner.shard.store().entries(), 0U);
  EXPECT_EQ(bring("c", fresh, "new").status, Status::ok);
  EXPECT_EQ(served(), "new");
}

TEST_F(GrantFence, ADeleteWhereTheLaterLoadEndsFirst) {
  const uint64_t old = hold();
  EXPECT_EQ(owner.remove(key, kWriter)->status, Status::ok);
  EXPECT_FALSE(ask("c", 4));
  EXPECT_EQ(bring("c", granted(), "new").status, Status::ok);
  EXPECT_EQ(owner.completed().size(), 1U);
  end_old(old);
  EXPECT_EQ(served(), "new");
}

TEST_F(GrantFence, ADeleteAfterItTakesWhatItBrought) {
  end_old(hold());
  EXPECT_EQ(served(), "old");
  EXPECT_EQ(owner.remove(key, kWriter)->status, Status::ok);
  EXPECT_EQ(served(), "(loads)");
}

TEST_F(GrantFence, APut) {
  const uint64_t old = hold();
  EXPECT_EQ(owner.put(key, "put", kWriter)->status, Status::ok);
  EXPECT_EQ(text(*ask("c", 4)), "put");
  end_old(old);
  EXPECT_EQ(served(), "put");
}

// It finds nothing there: what a load may bring is no version.
TEST_F(GrantFence, APutIfOverNothing) {
  const uint64_t old = hold();
  EXPECT_EQ(put_if({}, "put").status, Status::ok);
  EXPECT_EQ(text(*ask("c", 4)), "put");
  end_old(old);
  EXPECT_EQ(served(), "put");
}

TEST_F(GrantFence, APutIfAfterItMeetsItsVersion) {
  end_old(hold());
  const Version loaded = owner.get(key, 99)->version;
  EXPECT_EQ(put_if({}, "put").status, Status::version_mismatch);
  EXPECT_EQ(put_if(loaded, "put").status, Status::ok);
  EXPECT_EQ(served(), "put");
}

// It has changed nothing: the load is as it was, for later readers too.
TEST_F(GrantFence, APutIfThatIsRefusedIsNoWrite) {
  const uint64_t old = hold();
  EXPECT_EQ(put_if({1, 2, 3}, "put").status, Status::version_mismatch);
  EXPECT_FALSE(ask("c", 4));
  EXPECT_TRUE(owner.out.grants.empty());
  bring("b", old, "old");
  EXPECT_EQ(text(owner.completed().at(4)), "old");
  EXPECT_EQ(served(), "old");
}

TEST_F(GrantFence, ARefreshThatEndsLast) {
  const uint64_t old = hold();
  EXPECT_FALSE(refresh());
  EXPECT_FALSE(ask("c", 4));
  EXPECT_TRUE(owner.out.grants.empty()) << "waits for the refresh";
  end_old(old);
  EXPECT_EQ(owner.shard.store().entries(), 0U);
  owner.answer(owner.fetches().at(0).flight, "new");
  const auto done = owner.completed();
  EXPECT_EQ(text(done.at(kWriter)), "new");
  EXPECT_EQ(text(done.at(4)), "new");
  EXPECT_EQ(served(), "new");
}

TEST_F(GrantFence, ARefreshThatEndsFirst) {
  const uint64_t old = hold();
  EXPECT_FALSE(refresh());
  owner.answer(owner.fetches().at(0).flight, "new");
  EXPECT_EQ(text(owner.completed().at(kWriter)), "new");
  end_old(old);
  EXPECT_EQ(served(), "new");
}

// No grant stands for the fence: the next holder's load is as old as the flight.
TEST_F(GrantFence, WhatTheNextHolderBringsIsNotStoredEither) {
  hold();
  EXPECT_EQ(owner.remove(key, kWriter)->status, Status::ok);
  owner.shard.on_gone({hash64("b")}, owner.now, owner.out);
  EXPECT_EQ(bring("c", granted(), "old").status, Status::ok);
  EXPECT_EQ(text(owner.completed().at(3)), "old");
  EXPECT_EQ(served(), "(loads)");
}

// The source here takes the place of holders that are gone; a refresh is a load of its own.
TEST_F(GrantFence, ARefreshThenEveryHolderIsGone) {
  hold();
  EXPECT_FALSE(refresh());
  const uint64_t refreshing = owner.fetches().at(0).flight;
  owner.shard.on_gone({hash64("b"), hash64("c")}, owner.now, owner.out);
  const auto taken_over = owner.fetches();
  ASSERT_EQ(taken_over.size(), 1U);
  owner.answer(refreshing, "new");
  owner.answer(taken_over[0].flight, "old");
  EXPECT_EQ(text(owner.completed().at(3)), "old");
  EXPECT_EQ(served(), "new");
}

TEST_F(GrantFence, ARefreshThatIsUnsupportedIsNoWrite) {
  leave_without_source();
  const uint64_t old = hold();
  const std::optional<Outcome> refused = refresh();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, Status::unsupported);
  EXPECT_FALSE(ask("c", 4));
  EXPECT_TRUE(owner.out.grants.empty());
  bring("b", old, "old");
  EXPECT_EQ(text(owner.completed().at(4)), "old");
  EXPECT_EQ(served(), "old");
}

// Its own get_with does not join what was asked for before its own delete, at the holder either.
TEST_F(GrantFence, AtTheHolderALaterReaderDoesNotJoinIt) {
  ShardFixture holder("b", {"a"});
  const auto ask_with = [&](uint64_t id) {
    const Waiter waiter{Waiter::Kind::local, 0, id, holder.now + Duration::seconds(5)};
    return holder.shard.get(Key::of(key), {waiter, 0, {}, {}, 0, std::make_shared<Loader>()},
                            holder.now, holder.out);
  };
  EXPECT_FALSE(ask_with(1));
  const uint64_t flight = holder.calls().at(0).flight;
  holder.shard.seal(flight, holder.now);
  holder.shard.on_grant(flight, 77, holder.now, holder.out);
  EXPECT_EQ(holder.fetches().size(), 1U);
  EXPECT_FALSE(holder.remove(key, kWriter));
  EXPECT_FALSE(ask_with(2));
  const std::vector<CallStart> calls = holder.calls();
  ASSERT_EQ(calls.size(), 2U);
  EXPECT_EQ(calls[0].call.kind, CallKind::remove);
  EXPECT_EQ(calls[1].call.kind, CallKind::get);
  holder.shard.on_call_failed(flight, true, holder.now, holder.out);
  holder.answer(flight, "old");
  const auto done = holder.completed();
  EXPECT_EQ(done.size(), 1U);
  EXPECT_EQ(text(done.at(1)), "old");
  EXPECT_EQ(holder.shard.store().entries(), 0U);
}

}  // namespace
}  // namespace distcache::core
