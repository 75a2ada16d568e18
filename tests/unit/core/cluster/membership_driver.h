#pragma once

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/cluster/member_view.h"
#include "core/cluster/membership.h"

// One Membership, driven by hand: inputs go in, the actions of the last input are looked at.
namespace distcache::core {

inline constexpr KeyspaceId kPages = 77;

// Node "a": membership at a:1, data at a:2.
inline Member record(const std::string& name, uint64_t incarnation = 100) {
  Member member;
  member.name = name;
  member.incarnation = incarnation;
  member.membership = {name, 1, {}};
  member.data = {name, 2, {}};
  member.keyspaces = {{kPages, true}};
  return member;
}

inline MembershipOptions options_for(const Member& self) {
  MembershipOptions options;
  options.self = self;
  options.label = "test";
  return options;
}

class Driver {
 public:
  explicit Driver(const std::string& name = "me") : Driver(options_for(record(name))) {}
  explicit Driver(MembershipOptions options) : node(std::move(options)) {}

  // ---- inputs
  void discovered(std::vector<Address> addresses) {
    out.clear();
    node.discovered(addresses, now, out);
  }
  void link_up(PeerSlot slot) { out.clear(), node.on_link_up(slot, now, out); }
  void link_down(PeerSlot slot, bool refused = false) {
    out.clear(), node.on_link_down(slot, refused, now, out);
  }
  void data_up(const Member& member) { out.clear(), node.on_data_up(member.id(), now, out); }
  void data_down(const Member& member, bool refused = false) {
    out.clear(), node.on_data_down(member.id(), refused, now, out);
  }
  bool request(const Member& from, Body body) {
    out.clear();
    return node.on_request(++route, message(from, std::move(body)), now, out);
  }
  bool reply(PeerSlot slot, const Member& from, Body body) {
    out.clear();
    return node.on_reply(slot, message(from, std::move(body)), now, out);
  }
  bool hello(const Member& from, std::vector<Member> others = {}) {
    others.insert(others.begin(), from);
    return request(from, Hello{"test", std::move(others)});
  }
  bool welcome(PeerSlot slot, const Member& from, std::vector<Member> others = {}) {
    others.insert(others.begin(), from);
    return reply(slot, from, Welcome{Status::ok, {}, std::move(others)});
  }
  // Time passes as it would under a driver: every deadline is kept, and who is not mute answers its
  // Pings. The actions of all are in out.
  void pass(Duration time) {
    out.clear();
    const Instant end = now + time;
    while (node.next_deadline() <= end) {
      now = std::max(now, node.next_deadline());
      tick();
      ASSERT_GT(node.next_deadline(), now) << "a deadline that stays due";
    }
    now = end;
    tick();
  }
  void tick() {
    const size_t before = out.size();
    node.tick(now, out);
    for (const Action& action : Actions(out.begin() + static_cast<ptrdiff_t>(before), out.end())) {
      const Say* say = std::get_if<Say>(&action);
      const Ping* ping = say ? std::get_if<Ping>(&say->body) : nullptr;
      if (ping == nullptr || mute.contains(ping->target)) continue;
      Member from;
      for (const MemberStatus& status : node.members()) {
        if (status.record.id() == ping->target) from = status.record;
      }
      node.on_reply(say->slot, message(from, Pong{ping->nonce, {}}), now, out);
    }
  }

  // A member in the view with its data link up.
  void meet(const Member& member) {
    hello(member);
    data_up(member);
  }

  // ---- what came of it
  template <typename T>
  std::vector<T> all() const {
    std::vector<T> found;
    for (const Action& action : out) {
      if (const T* wanted = std::get_if<T>(&action)) found.push_back(*wanted);
    }
    return found;
  }
  template <typename T>
  std::vector<T> said() const {
    std::vector<T> found;
    for (const Say& say : all<Say>()) {
      if (const T* wanted = std::get_if<T>(&say.body)) found.push_back(*wanted);
    }
    return found;
  }
  Welcome answer() const {
    const std::vector<Answer> answers = all<Answer>();
    EXPECT_EQ(answers.size(), 1U);
    if (answers.empty() || !std::holds_alternative<Welcome>(answers[0].body)) return {};
    EXPECT_EQ(answers[0].route, route);
    return std::get<Welcome>(answers[0].body);
  }
  // "joined b, left c": in order.
  std::string events() const {
    static constexpr const char* kNames[] = {"joined",   "updated", "suspect", "recovered",
                                             "returned", "left",    "refused"};
    std::string text;
    for (const PeerEvent& event : all<PeerEvent>()) {
      if (!text.empty()) text += ", ";
      text += kNames[static_cast<size_t>(event.kind)] + (" " + event.name);
    }
    return text;
  }
  bool view_changed() const { return all<ViewChanged>().size() == 1; }

  const MemberStatus* find(const Member& member) {
    snapshot = node.members();
    for (const MemberStatus& status : snapshot) {
      if (status.record.id() == member.id()) return &status;
    }
    return nullptr;
  }
  bool in_view(const Member& member) {
    const MemberStatus* status = find(member);
    return status && status->in_view();
  }
  // The slot of the latest OpenMembership to this address among the last actions; 0 if none.
  PeerSlot opened(const Address& address) const {
    PeerSlot slot = 0;
    for (const OpenMembership& open : all<OpenMembership>()) {
      if (open.address == address) slot = open.slot;
    }
    return slot;
  }

  Membership node;
  Instant now = Instant::from_ns(1'000'000'000);
  Actions out;
  RouteTag route = 0;
  std::set<MemberId> mute;
  std::vector<MemberStatus> snapshot;

 private:
  static Message message(const Member& from, Body body) {
    Message message;
    message.envelope.label_hash = hash64("test");
    message.envelope.sender = from.id();
    message.envelope.incarnation = from.incarnation;
    message.envelope.epoch = 3;
    message.body = std::move(body);
    return message;
  }
};

}  // namespace distcache::core
