#include "engine/network.h"

#include <gtest/gtest.h>

#include "hand_driven.h"

namespace distcache::engine {
namespace {

class NetworkTest : public testing::Test {
 protected:
  NetworkTest() {
    Network::Options options;
    options.membership.label = "test";
    options.membership.self = member("a", 1);
    network = std::make_unique<Network>(*side.node, transport, std::move(options));
  }
  static core::Member member(const std::string& name, uint16_t port) {
    core::Member member;
    member.name = name;
    member.incarnation = 1;
    member.data = {"127.0.0.1", static_cast<uint16_t>(port + 1), {}};
    member.membership = {"127.0.0.1", port, {}};
    return member;
  }
  void pass(Duration time) {
    side.time.at = side.time.at + time;
    network->step(Duration());
  }
  LinkId link_of(Plane plane) const {
    for (const auto& [link, its] : transport.links) {
      if (its == plane) return link;
    }
    return 0;
  }
  // "b" says hello and its data link comes up.
  core::MemberId meet() {
    core::Hello hello{"test", {member("b", 10)}};
    core::Envelope envelope;
    envelope.label_hash = hash64("test");
    network->on_request(Plane::membership, 1, *wire::encode({envelope, std::move(hello)}));
    network->on_link_up(link_of(Plane::data));
    return hash64("b");
  }

  HandDriven side;
  ManualTransport transport;
  std::unique_ptr<Network> network;
};

TEST_F(NetworkTest, AMembershipLinkThatCannotBeOpenedIsTriedAgain) {
  transport.connects_failing = 2;
  const core::Address address{"127.0.0.1", 10, {}};
  network->discovered({&address, 1});
  EXPECT_TRUE(transport.links.empty());

  for (int i = 0; i < 30; ++i) pass(Duration::ms(100));

  EXPECT_EQ(transport.links.size(), 1U);
}

TEST_F(NetworkTest, WhatAMemberThatIsGoneForGoodHasMissedIsForgotten) {
  const core::MemberId b = meet();
  side.node->missed_writes().add(b, 1, "key");
  network->on_link_down(link_of(Plane::data), true);
  EXPECT_TRUE(side.node->missed_writes().members().empty());
}

TEST_F(NetworkTest, WhatAMemberThatFellSilentHasMissedIsKept) {
  const core::MemberId b = meet();
  network->on_link_down(link_of(Plane::data), false);
  side.node->missed_writes().add(b, 1, "key");
  for (int i = 0; i < 300; ++i) pass(Duration::ms(100));
  EXPECT_EQ(side.node->missed_writes().members().size(), 1U);

  for (int i = 0; i < 400; ++i) pass(Duration::ms(100));
  EXPECT_TRUE(side.node->missed_writes().members().empty());
}

// Hellos among what was sent from `first` on.
size_t hellos(const std::vector<Parts>& sent, size_t first) {
  size_t count = 0;
  for (size_t i = first; i < sent.size(); ++i) {
    const auto message = wire::decode(sent[i], wire::DecodeLimits::membership_plane());
    count += message.ok() && std::holds_alternative<core::Hello>(message->body) ? 1 : 0;
  }
  return count;
}

TEST_F(NetworkTest, AMemberThatGoesOnToSeeAnotherRingIsToldAllAndAsked) {
  const core::MemberId b = meet();
  network->on_link_up(link_of(Plane::membership));
  core::Envelope envelope;
  envelope.label_hash = hash64("test");
  envelope.sender = b;
  network->on_reply(link_of(Plane::membership),
                    *wire::encode({envelope, core::Welcome{Status::ok, {}, {member("b", 10)}}}));
  const size_t before = transport.sent.size();
  for (int i = 0; i < 15; ++i) {
    side.node->disagreements().note(b, 1, side.time.at);
    pass(Duration::ms(10));
  }
  EXPECT_EQ(hellos(transport.sent, before), 0U) << "a change that is under way";
  for (int i = 0; i < 100; ++i) {
    side.node->disagreements().note(b, 1, side.time.at);
    pass(Duration::ms(10));
  }
  EXPECT_EQ(hellos(transport.sent, before), 1U) << "not at every sign of it";
}

}  // namespace
}  // namespace distcache::engine
