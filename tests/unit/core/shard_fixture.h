#pragma once

#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/shard.h"

namespace distcache::core {

// One shard at node `self` of a cluster whose members are given by name, driven by hand.
class ShardFixture {
 public:
  explicit ShardFixture(std::string self = "a", std::vector<std::string> members = {"a"},
                        ShardOptions options = default_options())
      : self_(hash64(self)), shard(std::move(options), StoreOptions{}, Allocator::system(), 1) {
    set_members(members);
  }

  static ShardOptions default_options() {
    ShardOptions options;
    options.keyspace = 7;
    options.keyspace_name = "users";
    options.has_source = true;
    return options;
  }

  void set_members(const std::vector<std::string>& names,
                   const std::vector<std::string>& down = {}) {
    std::vector<ViewMember> members;
    for (const std::string& name : names) {
      ViewMember member;
      member.ring.id = hash64(name);
      member.name = name;
      member.incarnation = 1;
      if (std::find(down.begin(), down.end(), name) != down.end()) member.reach = Reach::down;
      members.push_back(std::move(member));
    }
    view = std::make_shared<const View>(self_, std::move(members));
    set_view(view);
  }
  void set_view(ViewPtr next) {
    view = std::move(next);
    for (RecallStart& recall : shard.set_view(view, ++epoch_, now)) {
      out.recalls.push_back(std::move(recall));
    }
  }

  // A key that this member owns while all are reachable: the first of those from number `i` on.
  std::string key_owned_by(const std::string& name, int i = 0) const {
    for (;; ++i) {
      std::string key = "key-" + std::to_string(i);
      if (view->acting_owner(hash64(key)).member == hash64(name)) return key;
    }
  }

  std::optional<Outcome> get(const std::string& key, uint64_t id, uint32_t flags = 0,
                             Waiter::Kind kind = Waiter::Kind::local,
                             std::vector<Ancestor> ancestors = {}) {
    const Waiter waiter{kind, 0, id, now + Duration::seconds(5)};
    return shard.get(Key::of(key), {waiter, flags, std::move(ancestors), {}}, now, out);
  }

  std::optional<Outcome> put(const std::string& key, const std::string& value, uint64_t id = 0,
                             Duration ttl = {}, uint32_t flags = 0,
                             Waiter::Kind kind = Waiter::Kind::local) {
    WriteRequest request;
    request.kind = CallKind::put;
    request.waiter = {kind, 0, id, now + Duration::seconds(5)};
    request.value = Buffer::copy_of(value);
    request.ttl = ttl;
    request.flags = flags;
    return write(key, request);
  }

  std::optional<Outcome> remove(const std::string& key, uint64_t id = 0, uint32_t flags = 0,
                                Waiter::Kind kind = Waiter::Kind::local) {
    WriteRequest request;
    request.kind = CallKind::remove;
    request.waiter = {kind, 0, id, now + Duration::seconds(5)};
    request.flags = flags;
    return write(key, request);
  }

  // Of a write that waits for nobody but the next candidate, what it is once that has answered.
  std::optional<Outcome> write(const std::string& key, const WriteRequest& request) {
    std::optional<Outcome> outcome = shard.write(Key::of(key), request, now, out);
    if (!outcome && heir_confirms) {
      for (const CallStart& told : take_told()) reply(told.flight, Status::ok);
    }
    if (!outcome && !out.completions.empty() &&
        out.completions.back().waiter.id == request.waiter.id) {
      outcome = std::move(out.completions.back().outcome);
      out.completions.pop_back();
    }
    return outcome;
  }
  // What next candidates are told of writes.
  std::vector<CallStart> take_told() {
    const auto first = std::stable_partition(
        out.calls.begin(), out.calls.end(),
        [](const CallStart& call) { return call.call.kind != CallKind::written; });
    std::vector<CallStart> told(std::make_move_iterator(first),
                                std::make_move_iterator(out.calls.end()));
    out.calls.erase(first, out.calls.end());
    return told;
  }

  void answer(uint64_t flight, const std::string& value, Duration ttl = {}) {
    LoadAnswer loaded;
    loaded.status = Status::ok;
    loaded.value = Buffer::copy_of(value);
    loaded.ttl = ttl;
    shard.on_loaded(flight, std::move(loaded), now, out);
  }

  void reply(uint64_t flight, Status status, const std::string& value = {}) {
    Reply reply;
    reply.status = status;
    reply.value = Buffer::copy_of(value);
    shard.on_reply(flight, reply, now, out);
  }

  // What was completed since the last call, by waiter id.
  std::map<uint64_t, Outcome> completed() {
    std::map<uint64_t, Outcome> done;
    for (Completion& completion : out.completions) {
      const bool first = done.emplace(completion.waiter.id, completion.outcome).second;
      if (!first) done[completion.waiter.id].status = Status::internal;  // answered twice
    }
    out.completions.clear();
    return done;
  }

  std::vector<FetchStart> fetches() { return std::exchange(out.fetches, {}); }
  std::vector<CallStart> calls() { return std::exchange(out.calls, {}); }

  void pass(Duration time) {
    now = now + time;
    shard.tick(now, 1'000, out);
  }

 private:
  MemberId self_;
  uint64_t epoch_ = 0;

 public:
  bool heir_confirms = true;  // the next candidate answers at once what it is told of a write
  Instant now = Instant::from_ns(1'000'000'000);
  ViewPtr view;
  Outbox out;
  Shard shard;
};

inline std::string text(const Outcome& outcome) { return std::string(outcome.value.view()); }

}  // namespace distcache::core
