#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "base/rng.h"
#include "core/cluster/member_view.h"
#include "core/cluster/membership.h"

// A tiny network for many Memberships in one thread, on virtual time and from a seed: links with
// delay, loss, breaks and refused connections, processes that die and restart, partitions. It
// checks after every input what must hold at any time, and folds all actions into a hash.
namespace distcache::core {

class Pump {
 public:
  explicit Pump(uint64_t seed) : rng_(seed) {}

  struct Process {
    std::unique_ptr<Membership> node;  // null: not running
    std::string name;
    Address membership, data;
    std::vector<size_t> seeds;  // whose present addresses discovery finds
    uint64_t boot = 0;          // counts restarts
    uint64_t incarnation = 0;   // that the latest process was started with
    uint64_t paused = 0;        // the number of its pause; 0: it runs
    std::map<PeerSlot, uint64_t> slots;
    std::map<MemberId, uint64_t> data_links;
    std::set<MemberId> in_view;  // by its events
    PeerSlot last_slot = 0;
    uint64_t view_hash = 0;  // 0: not looked at yet
    uint64_t views = 0;      // how many it had
    uint64_t troubles = 0;   // members suspected or recovered
  };

  size_t add(const std::string& name, std::vector<size_t> seeds) {
    Process process;
    process.name = name;
    process.membership = {name, 1, {}};
    process.data = {name, 2, {}};
    process.seeds = std::move(seeds);
    processes_.push_back(std::move(process));
    return processes_.size() - 1;
  }
  void start(size_t at, uint64_t incarnation);
  void kill(size_t at);
  void leave(size_t at);
  // Stopped as by SIGSTOP: what comes for it waits, and its links break after 1.5 s.
  void pause(size_t at);
  void resume(size_t at) { processes_[at].paused = 0; }
  void move_ports(size_t at) {
    processes_[at].membership.port = processes_[at].data.port = ++port_;
  }
  void set_keyspaces(size_t at, std::vector<MemberKeyspace> keyspaces);
  void set_blocked(size_t a, size_t b, bool blocked);
  void break_random_link();
  void set_loss(double loss) { loss_percent_ = static_cast<uint64_t>(loss * 100); }
  void run(Duration time);

  Process& process(size_t at) { return processes_[at]; }
  size_t size() const { return processes_.size(); }
  Instant now() const { return now_; }
  uint64_t hash() const { return hash_; }  // of all actions so far
  SeededRng& rng() { return rng_; }
  uint64_t inputs() const { return inputs_; }

 private:
  struct Link {
    size_t from = 0, to = 0;  // processes; `to` is known while the link is up
    uint64_t from_boot = 0, to_boot = 0;
    bool is_data = false, up = false, closed = false;
    MemberId member = 0;
    PeerSlot slot = 0;
    Address address;
    Instant there, back;  // latest arrival in each direction: messages do not overtake
  };
  using Event = std::function<void()>;

  void at(Instant when, Event event) { events_.emplace(std::pair(when, ++sequence_), event); }
  Instant soon(int64_t low_us, int64_t high_us) {
    return now_ + Duration::us(low_us + static_cast<int64_t>(
                                            rng_.below(static_cast<uint64_t>(high_us - low_us))));
  }
  // Something happens to a process; what it wants done is performed.
  void input(size_t at, const std::function<void(Membership&, Actions&)>& what);
  void perform(size_t at, Actions actions);
  uint64_t open(size_t from, Link link);
  void close(uint64_t link) { links_.at(link).closed = true; }
  void connect(uint64_t link);
  void break_link(uint64_t link, bool told_now);
  void deliver(uint64_t link, bool back, const Message& message);
  // True if the process is stopped: the event comes again later, in the same order as others.
  bool deferred(size_t at, Event event);
  void tell_down(uint64_t link, bool refused);
  void send(uint64_t link, bool back, Body body);
  void discover(size_t at, uint64_t boot);
  bool blocked(size_t a, size_t b) const { return blocked_.contains(std::minmax(a, b)); }
  bool alive(const Link& link) const {
    return !link.closed && processes_[link.from].node &&
           processes_[link.from].boot == link.from_boot;
  }
  void fold(uint64_t number) { hash_ = mix64(hash_ ^ number) + number; }
  void fold(const Action& action);
  void follow(size_t at, const Action& action);
  void check(size_t at, const Actions& actions);

  SeededRng rng_;
  Instant now_ = Instant::from_ns(0);
  std::map<std::pair<Instant, uint64_t>, Event> events_;
  uint64_t sequence_ = 0;
  std::vector<Process> processes_;
  std::map<uint64_t, Link> links_;
  std::set<std::pair<size_t, size_t>> blocked_;
  std::map<std::string, std::set<uint64_t>> announced_;  // incarnations, by their owners
  uint64_t loss_percent_ = 0;
  uint64_t hash_ = 0;
  uint64_t inputs_ = 0;
  size_t again_ = 0;  // ticks in a row that left something due
  uint16_t port_ = 100;
};

// ---- processes ----------------------------------------------------------------------------------

inline void Pump::start(size_t at, uint64_t incarnation) {
  Process& process = processes_[at];
  ASSERT_EQ(process.node, nullptr);
  MembershipOptions options;
  options.self.name = process.name;
  options.self.incarnation = process.incarnation = incarnation;
  options.self.membership = process.membership;
  options.self.data = process.data;
  options.self.keyspaces = {{1, true}};
  options.label = "pump";
  announced_[process.name].insert(incarnation);
  process.node = std::make_unique<Membership>(options);
  process.last_slot = 0;
  process.view_hash = 0;
  process.paused = 0;
  discover(at, ++process.boot);
}

// Asked again and again: the present addresses of the seeds, this node's own and an alias among
// them, as a name service would give them.
inline void Pump::discover(size_t at, uint64_t boot) {
  Process& process = processes_[at];
  if (!process.node || process.boot != boot) return;
  if (deferred(at, [this, at, boot] { discover(at, boot); })) return;
  std::vector<Address> found{process.membership};
  for (size_t seed : process.seeds) {
    found.push_back(processes_[seed].membership);
    if (rng_.below(4) == 0) found.push_back({"alias-" + processes_[seed].name, 1, {}});
  }
  input(at, [&](Membership& node, Actions& out) { node.discovered(found, now_, out); });
  this->at(soon(2'000'000, 4'000'000), [this, at, boot] { discover(at, boot); });
}

inline void Pump::kill(size_t at) {
  Process& process = processes_[at];
  process.node.reset();
  process.slots.clear();
  process.data_links.clear();
  process.in_view.clear();
  for (auto& [id, link] : links_) {
    if (link.from == at) link.closed = true;
    if (link.to == at && link.up) break_link(id, true);
  }
}

inline void Pump::leave(size_t at) {
  input(at, [](Membership& node, Actions& out) { node.leave(out); });
  const uint64_t boot = processes_[at].boot;
  this->at(now_ + Duration::ms(30), [this, at, boot] {
    if (processes_[at].boot == boot && processes_[at].node) kill(at);
  });
}

inline void Pump::pause(size_t at) {
  const uint64_t number = processes_[at].paused = ++sequence_;
  this->at(now_ + Duration::ms(1500), [this, at, number] {
    if (processes_[at].paused != number) return;
    for (auto& [id, link] : links_) {
      if (link.up && (link.from == at || link.to == at)) break_link(id, true);
    }
  });
}

inline bool Pump::deferred(size_t at, Event event) {
  if (processes_[at].paused == 0) return false;
  const int64_t step = Duration::ms(10).as_ns();
  this->at(Instant::from_ns((now_.as_ns() / step + 1) * step), std::move(event));
  return true;
}

inline void Pump::set_keyspaces(size_t at, std::vector<MemberKeyspace> keyspaces) {
  input(at, [&](Membership& node, Actions& out) { node.set_keyspaces(keyspaces, now_, out); });
}

inline void Pump::run(Duration time) {
  const Instant end = now_ + time;
  while (!::testing::Test::HasFatalFailure()) {
    Instant next = events_.empty() ? Instant::never() : events_.begin()->first.first;
    size_t due = SIZE_MAX;
    for (size_t i = 0; i < processes_.size(); ++i) {
      if (!processes_[i].node || processes_[i].paused != 0) continue;
      if (processes_[i].node->next_deadline() >= next) continue;
      next = processes_[i].node->next_deadline();
      due = i;
    }
    if (next > end) break;
    now_ = std::max(now_, next);
    if (due != SIZE_MAX) {
      input(due, [this](Membership& node, Actions& out) { node.tick(now_, out); });
      // The end of one thing can make the next one due at once, but not for ever.
      again_ = processes_[due].node->next_deadline() > now_ ? 0 : again_ + 1;
      ASSERT_LT(again_, 20U) << "a deadline that stays due";
      continue;
    }
    const Event event = std::move(events_.begin()->second);
    events_.erase(events_.begin());
    event();
  }
  now_ = end;
}

// ---- network ------------------------------------------------------------------------------------

inline uint64_t Pump::open(size_t from, Link link) {
  link.from = from;
  link.from_boot = processes_[from].boot;
  const uint64_t id = ++sequence_;
  links_[id] = std::move(link);
  at(soon(100, 3'000), [this, id] { connect(id); });
  return id;
}

inline void Pump::connect(uint64_t id) {
  Link& link = links_.at(id);
  if (!alive(link) || link.up) return;
  if (deferred(link.from, [this, id] { connect(id); })) return;
  std::string host = link.address.host;
  const bool alias = host.starts_with("alias-");
  if (alias) host = host.substr(6);
  for (size_t i = 0; i < processes_.size(); ++i) {
    const Process& process = processes_[i];
    if (process.name != host) continue;
    if (blocked(link.from, i) || process.paused != 0) break;  // silence
    const Address& wanted = link.is_data ? process.data : process.membership;
    if (!process.node || (!alias && wanted.port != link.address.port)) {
      tell_down(id, true);
      break;
    }
    link.up = true;
    link.to = i;
    link.to_boot = process.boot;
    input(link.from, [&link, this](Membership& node, Actions& out) {
      if (link.is_data) return node.on_data_up(link.member, now_, out);
      node.on_link_up(link.slot, now_, out);
    });
    return;
  }
  if (alive(link)) at(soon(50'000, 150'000), [this, id] { connect(id); });
}

inline void Pump::tell_down(uint64_t id, bool refused) {
  const Link& link = links_.at(id);
  if (!alive(link) || link.up) return;
  if (deferred(link.from, [this, id, refused] { tell_down(id, refused); })) return;
  input(link.from, [&link, refused, this](Membership& node, Actions& out) {
    if (link.is_data) return node.on_data_down(link.member, refused, now_, out);
    node.on_link_down(link.slot, refused, now_, out);
  });
}

inline void Pump::break_link(uint64_t id, bool told_now) {
  Link& link = links_.at(id);
  if (!link.up) return;
  link.up = false;
  at(told_now ? now_ : soon(200'000, 400'000), [this, id] {
    if (!alive(links_.at(id))) return;
    tell_down(id, false);
    at(soon(5'000, 50'000), [this, id] { connect(id); });
  });
}

inline void Pump::break_random_link() {
  std::vector<uint64_t> up;
  for (const auto& [id, link] : links_) {
    if (link.up && alive(link)) up.push_back(id);
  }
  if (!up.empty()) break_link(up[rng_.below(up.size())], true);
}

inline void Pump::set_blocked(size_t a, size_t b, bool blocked) {
  if (!blocked) {
    blocked_.erase(std::minmax(a, b));
    return;
  }
  blocked_.insert(std::minmax(a, b));
  for (auto& [id, link] : links_) {
    const bool between = (link.from == a && link.to == b) || (link.from == b && link.to == a);
    if (between && link.up) break_link(id, false);
  }
}

inline void Pump::send(uint64_t id, bool back, Body body) {
  Link& link = links_.at(id);
  const Process& sender = processes_[back ? link.to : link.from];
  if (!link.up || !alive(link) || rng_.below(100) < loss_percent_) return;
  Message message;
  message.envelope.label_hash = hash64("pump");
  message.envelope.sender = hash64(sender.name);
  message.envelope.incarnation = sender.node->self().incarnation;
  message.envelope.epoch = sender.node->epoch();
  message.body = std::move(body);
  Instant& latest = back ? link.back : link.there;
  latest = std::max(latest, soon(100, 5'000));
  at(latest, [this, id, back, message = std::move(message)] { deliver(id, back, message); });
}

inline void Pump::deliver(uint64_t id, bool back, const Message& message) {
  const Link& used = links_.at(id);
  if (!alive(used) || !used.up || processes_[used.to].boot != used.to_boot) return;
  const size_t receiver = back ? used.from : used.to;
  if (deferred(receiver, [this, id, back, message] { deliver(id, back, message); })) return;
  input(receiver, [&](Membership& node, Actions& out) {
    EXPECT_TRUE(back ? node.on_reply(used.slot, message, now_, out)
                     : node.on_request(id, message, now_, out));
  });
}

// ---- what a process wants done ------------------------------------------------------------------

inline void Pump::input(size_t at, const std::function<void(Membership&, Actions&)>& what) {
  Process& process = processes_[at];
  if (!process.node) return;
  ++inputs_;
  const uint64_t epoch = process.node->epoch();
  Actions out;
  what(*process.node, out);
  fold(at);
  fold(static_cast<uint64_t>(now_.as_ns()));
  for (const Action& action : out) {
    fold(action);
    follow(at, action);
    if (std::holds_alternative<ViewChanged>(action)) {
      ++process.views;
      ASSERT_GT(process.node->epoch(), epoch) << "a new view needs a new epoch";
    }
  }
  check(at, out);
  perform(at, std::move(out));
}

inline void Pump::perform(size_t at, Actions actions) {
  Process& process = processes_[at];
  for (Action& action : actions) {
    if (const auto* opened = std::get_if<OpenMembership>(&action)) {
      ASSERT_GT(opened->slot, std::exchange(process.last_slot, opened->slot));
      Link link;
      link.slot = opened->slot;
      link.address = opened->address;
      process.slots[opened->slot] = open(at, link);
    } else if (const auto* closed = std::get_if<CloseMembership>(&action)) {
      ASSERT_TRUE(process.slots.contains(closed->slot));
      close(process.slots.extract(closed->slot).mapped());
    } else if (const auto* linked = std::get_if<OpenData>(&action)) {
      ASSERT_FALSE(process.data_links.contains(linked->member));
      Link link;
      link.is_data = true;
      link.member = linked->member;
      link.address = linked->address;
      process.data_links[linked->member] = open(at, link);
    } else if (const auto* unlinked = std::get_if<CloseData>(&action)) {
      ASSERT_TRUE(process.data_links.contains(unlinked->member));
      close(process.data_links.extract(unlinked->member).mapped());
    } else if (auto* said = std::get_if<Say>(&action)) {
      ASSERT_TRUE(process.slots.contains(said->slot));
      send(process.slots[said->slot], false, std::move(said->body));
    } else if (auto* answered = std::get_if<Answer>(&action)) {
      send(answered->route, true, std::move(answered->body));
    }
  }
}

// ---- what must hold -----------------------------------------------------------------------------

// Nobody joins or returns who is in the view, and nobody leaves who is not.
inline void Pump::follow(size_t at, const Action& action) {
  const auto* event = std::get_if<PeerEvent>(&action);
  if (event == nullptr) return;
  std::set<MemberId>& in_view = processes_[at].in_view;
  switch (event->kind) {
    case PeerEvent::Kind::joined:
      ASSERT_TRUE(in_view.insert(event->member).second);
      break;
    case PeerEvent::Kind::left:
      ASSERT_EQ(in_view.erase(event->member), 1U);
      break;
    case PeerEvent::Kind::returned:
      if (event->why.empty()) {
        ASSERT_TRUE(in_view.insert(event->member).second);
        break;
      }
      [[fallthrough]];  // it had lost us, we had not lost it
    case PeerEvent::Kind::updated:
    case PeerEvent::Kind::suspect:
    case PeerEvent::Kind::recovered:
      if (event->kind != PeerEvent::Kind::updated) ++processes_[at].troubles;
      ASSERT_TRUE(in_view.contains(event->member));
      break;
    case PeerEvent::Kind::refused:
      break;
  }
}

inline void Pump::check(size_t at, const Actions& actions) {
  Process& process = processes_[at];
  if (process.node->self().state == MemberState::left) return;
  announced_[process.name].insert(process.node->self().incarnation);
  uint64_t hash = 0;
  std::set<MemberId> in_view;
  MemberId previous = 0;
  for (const MemberStatus& member : process.node->members()) {
    ASSERT_GT(member.record.id(), previous) << "by id, each once: never both alive and dead";
    previous = member.record.id();
    ASSERT_TRUE(announced_[member.record.name].contains(member.record.incarnation))
        << "an incarnation that " << member.record.name << " never had";
    ASSERT_TRUE(member.in_view() || member.reach == Reach::down);
    if (!member.in_view()) continue;
    if (!member.self) in_view.insert(member.record.id());
    for (uint64_t part : {member.record.id(), member.record.incarnation,
                          uint64_t{member.record.weight}, static_cast<uint64_t>(member.reach)}) {
      hash = mix64(hash ^ part);
    }
    for (const MemberKeyspace& keyspace : member.record.keyspaces) {
      hash = mix64(hash ^ keyspace.id) + keyspace.has_source;
    }
  }
  ASSERT_EQ(in_view, process.in_view) << "events and snapshot differ";
  ASSERT_EQ(process.node->live(), in_view.size() + 1);
  const uint64_t before = std::exchange(process.view_hash, hash);
  const bool told = std::any_of(actions.begin(), actions.end(), [](const Action& action) {
    return std::holds_alternative<ViewChanged>(action);
  });
  ASSERT_TRUE(told || before == hash || before == 0) << "a change that nobody was told of";
}

inline void Pump::fold(const Action& action) {
  fold(action.index());
  if (const auto* opened = std::get_if<OpenMembership>(&action)) {
    fold(hash64(opened->address.host) + opened->address.port + opened->slot);
  } else if (const auto* said = std::get_if<Say>(&action)) {
    fold(said->slot);
    fold(said->body.index());
    const auto* hello = std::get_if<Hello>(&said->body);
    if (hello) {
      for (const Member& member : hello->members) fold(member.id() ^ member.incarnation);
    }
  } else if (const auto* answered = std::get_if<Answer>(&action)) {
    const auto* welcome = std::get_if<Welcome>(&answered->body);
    if (welcome) {
      for (const Member& member : welcome->members) fold(member.id() ^ member.incarnation);
    }
  } else if (const auto* event = std::get_if<PeerEvent>(&action)) {
    fold(event->member + static_cast<uint64_t>(event->kind));
  } else if (const auto* linked = std::get_if<OpenData>(&action)) {
    fold(linked->member);
  } else if (const auto* unlinked = std::get_if<CloseData>(&action)) {
    fold(unlinked->member);
  }
}

}  // namespace distcache::core
