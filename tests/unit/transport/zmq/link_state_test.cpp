#include "transport/zmq/link_state.h"

#include <gtest/gtest.h>

namespace distcache::zmq {
namespace {

using Event = LinkState::Event;
using Actions = LinkState::Actions;

Instant at(int64_t ms) { return Instant::from_ns(0) + Duration::ms(ms); }

void expect(const Actions& actions, const Actions& expected) {
  EXPECT_EQ(actions.tell_down, expected.tell_down);
  EXPECT_EQ(actions.refused, expected.refused);
  EXPECT_EQ(actions.tell_up, expected.tell_up);
  EXPECT_EQ(actions.start_probe, expected.start_probe);
  EXPECT_EQ(actions.reopen, expected.reopen);
}

Actions nothing() { return {}; }
Actions up() {
  Actions actions;
  actions.tell_up = true;
  return actions;
}
Actions probe() {
  Actions actions;
  actions.start_probe = true;
  return actions;
}
Actions down(bool refused) {
  Actions actions;
  actions.tell_down = true;
  actions.refused = refused;
  return actions;
}
Actions reopen() {
  Actions actions;
  actions.reopen = true;
  return actions;
}

class LinkStateTest : public ::testing::Test {
 protected:
  void go_up(int64_t ms) { expect(link_.on_event(Event::handshake_done, at(ms)), up()); }
  void lose(int64_t ms) {
    expect(link_.on_event(Event::disconnected, at(ms)), probe());
    expect(link_.on_event(Event::retry_scheduled, at(ms)), nothing());
  }
  // What the timer says when it is next due; -1 for never.
  int64_t next_ms() const {
    const Instant next = link_.next_deadline();
    return next.is_never() ? -1 : next.as_ns() / 1'000'000;
  }

  LinkState link_;
};

TEST_F(LinkStateTest, IsUpBetweenHandshakeAndDisconnect) {
  EXPECT_FALSE(link_.is_up());
  go_up(0);
  EXPECT_TRUE(link_.is_up());
  EXPECT_EQ(next_ms(), -1);
  lose(10);
  EXPECT_FALSE(link_.is_up());
}

TEST_F(LinkStateTest, ARefusedProbeTellsAtOnceAndOnlyOnce) {
  go_up(0);
  lose(10);
  expect(link_.on_probe(true, at(11)), down(true));
  EXPECT_EQ(next_ms(), -1);  // nothing more to learn
  expect(link_.on_event(Event::retry_scheduled, at(200)), nothing());
  go_up(400);
  lose(500);  // a new period: told again
  expect(link_.on_probe(true, at(501)), down(true));
}

TEST_F(LinkStateTest, ASilentProbeHoldsTheNewsBackForTwentyMilliseconds) {
  go_up(0);
  lose(10);
  EXPECT_EQ(next_ms(), 30);
  expect(link_.on_timer(at(29)), nothing());
  expect(link_.on_timer(at(30)), down(false));
  expect(link_.on_timer(at(31)), nothing());
  expect(link_.on_probe(true, at(900)), down(true));  // the answer came late
}

TEST_F(LinkStateTest, AnAcceptedProbeTellsDownAndIsRepeatedEverMoreSlowly) {
  go_up(0);
  lose(10);
  expect(link_.on_probe(false, at(10)), down(false));
  int64_t now = 10;
  for (const int64_t delay : {20, 40, 80, 160, 320, 640, 1000, 1000}) {
    now += delay;
    EXPECT_EQ(next_ms(), now);
    expect(link_.on_timer(at(now)), probe());
    expect(link_.on_probe(false, at(now)), nothing());
  }
  expect(link_.on_timer(at(now + 1000)), probe());
  expect(link_.on_probe(true, at(now + 1000)), down(true));
  EXPECT_EQ(next_ms(), -1);
}

TEST_F(LinkStateTest, ANeverConnectedLinkIsToldRefusedOnly) {
  expect(link_.on_event(Event::retry_scheduled, at(5)), probe());
  expect(link_.on_probe(false, at(5)), nothing());
  expect(link_.on_event(Event::retry_scheduled, at(6)), nothing());
  EXPECT_EQ(next_ms(), 25);
  expect(link_.on_timer(at(25)), probe());
  expect(link_.on_probe(true, at(25)), down(true));
  go_up(100);
}

TEST_F(LinkStateTest, ComesBackBeforeTheNewsOfItsLoss) {
  go_up(0);
  lose(10);
  Actions both = up();
  both.tell_down = true;
  expect(link_.on_event(Event::handshake_done, at(15)), both);
  EXPECT_EQ(next_ms(), -1);
  expect(link_.on_probe(true, at(16)), nothing());  // of the time before
  EXPECT_TRUE(link_.is_up());
}

TEST_F(LinkStateTest, IsMadeAnewWhenLibzmqGivesUp) {
  go_up(0);
  expect(link_.on_event(Event::disconnected, at(10)), probe());  // and no retry_scheduled
  expect(link_.on_probe(false, at(10)), down(false));
  expect(link_.on_timer(at(30)), probe());
  expect(link_.on_probe(false, at(30)), nothing());
  expect(link_.on_timer(at(70)), probe());
  EXPECT_EQ(next_ms(), 110);
  expect(link_.on_timer(at(110)), reopen());
  link_.on_reopened(true, at(110));
  EXPECT_EQ(next_ms(), -1);  // libzmq is connecting
}

TEST_F(LinkStateTest, WaitsLongerEachTimeUntilALinkHasHeld) {
  int64_t now = 0;
  const auto break_for_good = [&](int64_t after) {
    go_up(now);
    now += 1;
    link_.on_event(Event::disconnected, at(now));
    link_.on_probe(true, at(now));
    EXPECT_EQ(next_ms(), now + after);
    now += after;
    expect(link_.on_timer(at(now)), reopen());
    link_.on_reopened(true, at(now));
  };
  for (const int64_t after : {100, 200, 400, 800, 1000, 1000}) break_for_good(after);
  go_up(now);
  now += 5000;
  link_.on_event(Event::disconnected, at(now));
  link_.on_probe(true, at(now));
  EXPECT_EQ(next_ms(), now + 100);
}

TEST_F(LinkStateTest, TriesAgainWhenItCannotBeMadeAnew) {
  expect(link_.on_event(Event::handshake_failed, at(0)), nothing());
  expect(link_.on_timer(at(100)), reopen());
  link_.on_reopened(false, at(100));
  EXPECT_EQ(next_ms(), 300);
  expect(link_.on_timer(at(300)), reopen());
}

}  // namespace
}  // namespace distcache::zmq
