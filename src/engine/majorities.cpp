#include "engine/majorities.h"

#include <algorithm>
#include <iterator>

namespace distcache::engine {
namespace {

constexpr int64_t kAsksPerLease = 4;

}  // namespace

core::Reply Majorities::answer(uint64_t call, const Keyspace& keyspace, Instant now) {
  core::Reply reply;
  reply.id = call;
  const auto at = bounded_.find(keyspace.id());
  if (at == bounded_.end()) {
    reply.status = Status::unsupported;
    reply.message = "the keyspace is not bounded at this member";
    return reply;
  }
  const core::RingWord word = at->second.majority.word(now);
  reply.status = Status::ok;
  reply.view_id = word.ring_id;
  reply.version = {word.number, word.agreed_id, word.consents ? 1U : 0U};
  return reply;
}

void Majorities::on_answer(const Keyspace& keyspace, core::MemberId from, const core::Reply& reply,
                           Instant asked_at, Instant now) {
  const auto at = bounded_.find(keyspace.id());
  if (at == bounded_.end() || reply.status != Status::ok) return;
  at->second.majority.on_word(
      from, {reply.view_id, reply.version.owner, reply.version.epoch, reply.version.counter != 0},
      asked_at, now);
}

void Majorities::discovered(std::vector<std::string> strangers, std::set<core::MemberId> listed) {
  strangers_ = std::move(strangers);
  std::set_difference(listed_.begin(), listed_.end(), listed.begin(), listed.end(),
                      std::inserter(unlisted_, unlisted_.end()));
  for (const core::MemberId member : listed) unlisted_.erase(member);
  listed_ = std::move(listed);
}

void Majorities::tick(const std::vector<std::shared_ptr<Keyspace>>& keyspaces,
                      const std::shared_ptr<const Members>& members, Instant now) {
  bool looked = false;
  std::erase_if(bounded_, [&keyspaces](const auto& entry) {
    return std::none_of(keyspaces.begin(), keyspaces.end(), [&entry](const auto& keyspace) {
      return keyspace->id() == entry.first && !keyspace->bounded_lease().is_zero();
    });
  });
  for (const std::shared_ptr<Keyspace>& keyspace : keyspaces) {
    const Duration lease = keyspace->bounded_lease();
    if (lease.is_zero()) continue;
    if (!looked) look_at(*members);
    looked = true;
    Bounded& bounded = bounded_.try_emplace(keyspace->id(), self_, lease).first->second;
    bounded.majority.set_lease(lease);
    follow(bounded, *keyspace, *members, now);
    ask(bounded, keyspace, now);
    tell(bounded, keyspace, now);
  }
  if (looked) forget(*members);
}

// Of a member that is lost in silence it is forgotten after a while that it was so.
void Majorities::look_at(const Members& members) {
  for (const core::MemberStatus& member : members) {
    if (member.in_view()) {
      silent_.erase(member.record.id());
    } else if (member.silent) {
      silent_.insert(member.record.id());
    }
  }
}

// Whom neither the membership nor a majority counts on any more.
void Majorities::forget(const Members& members) {
  if (silent_.empty() && unlisted_.empty()) return;
  std::set<core::MemberId> known;
  for (const core::MemberStatus& member : members) known.insert(member.record.id());
  for (const auto& [keyspace, bounded] : bounded_) {
    for (const core::MemberId member : bounded.majority.absent()) known.insert(member);
  }
  const auto is_unknown = [&known](core::MemberId member) { return !known.contains(member); };
  std::erase_if(silent_, is_unknown);
  std::erase_if(unlisted_, is_unknown);
}

// Whether nobody can serve anything under this name: it left, its process has ended, it has given
// the keyspace up, or whoever looks after discovery has taken it from the list.
bool Majorities::is_gone(core::MemberId member, const Members& members) const {
  if (unlisted_.contains(member)) return true;
  const auto known = std::find_if(
      members.begin(), members.end(),
      [member](const core::MemberStatus& status) { return status.record.id() == member; });
  if (known == members.end()) return false;
  return known->in_view() || known->record.state == core::MemberState::left ||
         !silent_.contains(member);
}

void Majorities::follow(Bounded& bounded, Keyspace& keyspace, const Members& members, Instant now) {
  core::Majority& majority = bounded.majority;
  if (keyspace.view_id() == majority.ring_id()) {
    majority.set_strangers(strangers_, now);
  } else {
    std::vector<core::Majority::Peer> ring;
    const uint64_t id = keyspace.with_shard(0, [&ring](const core::Shard& shard) {
      for (const core::ViewMember& member : shard.view().members()) {
        ring.push_back({member.ring.id, member.name});
      }
      return shard.view().id();
    });
    majority.on_view(id, std::move(ring), strangers_, now);
    bounded.ask_at = now;
  }
  for (const core::MemberId member : majority.absent()) {
    if (is_gone(member, members)) majority.forget(member);
  }
}

void Majorities::ask(Bounded& bounded, const std::shared_ptr<Keyspace>& keyspace, Instant now) {
  if (now < bounded.ask_at) return;
  const Duration lease = keyspace->bounded_lease();
  bounded.ask_at = now + lease / kAsksPerLease;
  for (const core::Majority::Peer& peer : bounded.majority.ring()) {
    if (peer.id == self_) continue;
    OutgoingCall asked{{keyspace, 0, 0, now}, peer.id, now + lease, {}};
    asked.call.kind = core::CallKind::confirm;
    asked.call.keyspace = keyspace->id();
    asked.call.view_id = bounded.majority.ring_id();
    inbox_.put(std::move(asked));
  }
}

void Majorities::tell(Bounded& bounded, const std::shared_ptr<Keyspace>& keyspace, Instant now) {
  const Instant until =
      std::max(bounded.majority.confirmed_until(), std::min(bounded.told_until, now));
  std::vector<std::string> missing = bounded.majority.missing(std::max(until, now));
  const bool end = now >= until + keyspace->bounded_lease();
  // Shards begin anew with another keyspace of the name, and with other options.
  const uint64_t options = keyspace->options_set();
  const bool same = until == bounded.told_until && end == bounded.told_end &&
                    bounded.told.lock() == keyspace && bounded.told_options == options;
  if (same && missing == bounded.told_missing) return;
  bounded.told_until = until;
  bounded.told_end = end;
  bounded.told_missing = missing;
  bounded.told = keyspace;
  bounded.told_options = options;
  const auto names = std::make_shared<const std::vector<std::string>>(std::move(missing));
  for (uint32_t i = 0; i < keyspace->shards(); ++i) {
    keyspace->with_shard(i, [&](core::Shard& shard) { shard.confirm(until, names, now); });
  }
}

}  // namespace distcache::engine
