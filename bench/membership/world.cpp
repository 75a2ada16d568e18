#include "world.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>
#include <variant>

#include "base/hash.h"
#include "memory.h"
#include "transport/wire/codec.h"

namespace bench {
namespace {

constexpr const char* kLabel = "bench";
constexpr uint16_t kMembershipPort = 1;
constexpr uint16_t kDataPort = 2;
constexpr size_t kSeeds = 3;
constexpr Duration kStep = Duration::ms(10);

}  // namespace

World::World(size_t nodes, const core::SwimOptions& swim, uint64_t seed) : swim_(swim), rng_(seed) {
  nodes_.reserve(nodes + 16);
  for (size_t i = 0; i < nodes; ++i) add_node();
}

size_t World::add_node() {
  const size_t index = nodes_.size();
  Node& node = nodes_.emplace_back();
  node.host = "node-" + std::to_string(index);
  node.id = distcache::hash64(node.host);
  node.by_slot.push_back(0);  // slots count from 1
  by_id_[node.id] = index;
  core::MembershipOptions options;
  options.self.name = node.host;
  options.self.incarnation = 1'000 + rng_.below(1'000);
  options.self.membership = {node.host, kMembershipPort, {}};
  options.self.data = {node.host, kDataPort, {}};
  options.self.keyspaces = {{1, true}};
  options.label = kLabel;
  options.peers_max = 4'096;
  options.swim = swim_;
  const CountMemory counted(state_bytes_);
  node.membership = std::make_unique<core::Membership>(options);
  return index;
}

Duration World::form() {
  const Instant began = now_;
  for (size_t i = 0; i < nodes_.size(); ++i) {
    push(now_ + Duration::us(static_cast<int64_t>(rng_.below(1'000'000))), Kind::start, i);
  }
  if (!run_until([this] { return all_see_all(); }, Duration::seconds(120))) {
    std::fprintf(stderr, "%zu nodes do not find each other\n", nodes_.size());
    std::abort();
  }
  return now_ - began;
}

size_t World::join() {
  const size_t node = add_node();
  push(now_, Kind::start, node);
  return node;
}

void World::leave(size_t node) {
  input(node, [](core::Membership& membership, core::Actions& out) { membership.leave(out); });
  nodes_[node].gone = true;
}

void World::kill(size_t node) {
  nodes_[node].gone = true;
  break_links_to(node, hop(), true);
}

void World::silence(size_t node, Duration links_break) {
  nodes_[node].gone = true;
  if (links_break < Duration::max()) break_links_to(node, links_break, false);
}

void World::break_links_to(size_t node, Duration after, bool refused) {
  for (size_t i = 0; i < links_.size(); ++i) {
    if (links_[i].to == node && links_[i].up) push(now_ + after, Kind::broken, i, refused);
  }
}

void World::hold(size_t node, Duration time) { nodes_[node].held_until = now_ + time; }

bool World::all_see_all() const {
  size_t running = 0;
  for (const Node& node : nodes_) running += node.gone ? 0 : 1;
  return std::all_of(nodes_.begin(), nodes_.end(), [running](const Node& node) {
    return node.gone || node.membership->live() == running;
  });
}

// ---- time ---------------------------------------------------------------------------------------

void World::push(Instant at, Kind kind, size_t subject, bool refused,
                 std::shared_ptr<core::Message> message) {
  events_.push({at, ++last_event_, kind, subject, refused, std::move(message)});
}

bool World::run_until(const std::function<bool()>& so, Duration most) {
  const Instant end = now_ + most;
  while (!so()) {
    if (now_ >= end) return false;
    run_until(now_ + kStep);
  }
  return true;
}

void World::run_until(Instant end) {
  while (!events_.empty() && events_.top().at <= end) {
    Event event = events_.top();
    events_.pop();
    now_ = event.at;
    happen(event);
  }
  now_ = end;
}

void World::happen(Event& event) {
  switch (event.kind) {
    case Kind::start:
      return start(event.subject);
    case Kind::tick: {
      Node& node = nodes_[event.subject];
      if (node.gone || node.tick != event.at) return;  // another one came before
      node.tick = Instant::never();
      return input(event.subject, [this](core::Membership& membership, core::Actions& out) {
        membership.tick(now_, out);
      });
    }
    case Kind::connect:
      return connect(event.subject);
    case Kind::broken:
      return broken(event.subject, event.refused);
    case Kind::request:
    case Kind::reply:
      return deliver(event);
  }
}

void World::start(size_t node) {
  std::vector<core::Address> known;
  for (size_t i = 0; i < std::min(kSeeds, nodes_.size()); ++i) {
    known.push_back(nodes_[i].membership->self().membership);
  }
  input(node, [&](core::Membership& membership, core::Actions& out) {
    membership.discovered(known, now_, out);
  });
}

// ---- links --------------------------------------------------------------------------------------

size_t World::open(size_t node, const core::Address& address, bool is_data) {
  const size_t index = links_.size();
  Link& link = links_.emplace_back();
  link.from = node;
  link.to = by_id_.at(distcache::hash64(address.host));
  link.is_data = is_data;
  push(now_ + hop(), Kind::connect, index);
  return index;
}

void World::connect(size_t index) {
  Link& link = links_[index];
  if (link.closed || nodes_[link.from].gone || nodes_[link.to].gone) return;
  link.up = true;
  input(link.from, [&](core::Membership& membership, core::Actions& out) {
    if (link.is_data) return membership.on_data_up(link.member, now_, out);
    membership.on_link_up(link.slot, now_, out);
  });
}

void World::broken(size_t index, bool refused) {
  Link& link = links_[index];
  if (link.closed || nodes_[link.from].gone) return;
  link.up = false;
  input(link.from, [&](core::Membership& membership, core::Actions& out) {
    if (link.is_data) return membership.on_data_down(link.member, refused, now_, out);
    membership.on_link_down(link.slot, refused, now_, out);
  });
}

void World::send(size_t index, bool back, core::Body body) {
  Link& link = links_[index];
  if (!link.up) return;
  const Node& sender = nodes_[back ? link.to : link.from];
  auto message = std::make_shared<core::Message>();
  message->envelope.label_hash = distcache::hash64(kLabel);
  message->envelope.sender = sender.id;
  message->envelope.incarnation = sender.membership->self().incarnation;
  message->envelope.epoch = sender.membership->epoch();
  message->body = std::move(body);
  ++traffic_.messages;
  if (count_bytes_) {
    const auto parts = distcache::wire::encode(*message);
    if (parts.ok()) {
      for (const auto& part : parts.value()) traffic_.bytes += part.size();
    }
  }
  Instant& latest = back ? link.back : link.there;
  latest = std::max(latest, std::max(now_, sender.held_until) + hop());
  push(latest, back ? Kind::reply : Kind::request, index, false, std::move(message));
}

void World::deliver(Event& event) {
  const Link& link = links_[event.subject];
  const bool back = event.kind == Kind::reply;
  const size_t receiver = back ? link.from : link.to;
  const Node& node = nodes_[receiver];
  if (node.gone || (back && link.closed)) return;
  if (node.held_until > now_) {
    return push(node.held_until, event.kind, event.subject, false, std::move(event.message));
  }
  input(receiver, [&](core::Membership& membership, core::Actions& out) {
    if (back) {
      membership.on_reply(link.slot, *event.message, now_, out);
    } else {
      membership.on_request(event.subject, *event.message, now_, out);
    }
  });
}

// ---- what a node wants done ---------------------------------------------------------------------

template <typename Input>
void World::input(size_t index, Input what) {
  core::Actions actions;
  Instant due;
  {
    const CountMemory counted(state_bytes_);
    what(*nodes_[index].membership, actions);
    due = nodes_[index].membership->next_deadline();
  }
  perform(index, std::move(actions));
  Node& node = nodes_[index];
  if (due >= node.tick) return;
  node.tick = std::max(due, now_);
  push(node.tick, Kind::tick, index);
}

void World::perform(size_t index, core::Actions actions) {
  Node& node = nodes_[index];
  for (core::Action& action : actions) {
    if (const auto* opened = std::get_if<core::OpenMembership>(&action)) {
      const size_t link = open(index, opened->address, false);
      links_[link].slot = opened->slot;
      node.by_slot.resize(std::max<size_t>(node.by_slot.size(), opened->slot + 1));
      node.by_slot[opened->slot] = link;
    } else if (const auto* closed = std::get_if<core::CloseMembership>(&action)) {
      links_[node.by_slot[closed->slot]].closed = true;
    } else if (const auto* linked = std::get_if<core::OpenData>(&action)) {
      const size_t link = open(index, linked->address, true);
      links_[link].member = linked->member;
      node.data_links[linked->member] = link;
    } else if (const auto* unlinked = std::get_if<core::CloseData>(&action)) {
      links_[node.data_links.at(unlinked->member)].closed = true;
    } else if (auto* said = std::get_if<core::Say>(&action)) {
      send(node.by_slot[said->slot], false, std::move(said->body));
    } else if (auto* answered = std::get_if<core::Answer>(&action)) {
      send(answered->route, true, std::move(answered->body));
    } else if (const auto* event = std::get_if<core::PeerEvent>(&action)) {
      note(index, *event);
    }
  }
}

void World::note(size_t index, const core::PeerEvent& event) {
  using What = core::PeerEvent::Kind;
  std::set<core::MemberId>& view = nodes_[index].view;
  if (event.kind == What::joined || event.kind == What::returned) view.insert(event.member);
  if (event.kind != What::left) return;
  view.erase(event.member);
  if (!event.farewell) losses_.push_back({index, by_id_.at(event.member), now_});
}

}  // namespace bench
