#include "watch.h"

#include <algorithm>
#include <set>

namespace distcache::sim {
namespace {

bool same_members(const core::View& a, const core::View& b) {
  return std::equal(a.members().begin(), a.members().end(), b.members().begin(), b.members().end(),
                    [](const core::ViewMember& x, const core::ViewMember& y) {
                      return x.ring.id == y.ring.id && x.ring.weight == y.ring.weight &&
                             x.incarnation == y.incarnation;
                    });
}

bool all_up(const core::View& view) {
  return std::none_of(view.members().begin(), view.members().end(),
                      [](const core::ViewMember& m) { return m.reach == core::Reach::down; });
}

}  // namespace

void Watch::add_key(KeyId key, uint64_t hash) {
  keys_[key].hash = hash;
  keys_[key].disagreed_until = clock_.now();
}

void Watch::started(uint32_t process, core::MemberId member) {
  processes_[process].member = member;
  processes_[process].started = clock_.now();
  judge_all();
}

void Watch::opened(uint32_t process) {
  processes_.at(process).open = true;
  judge_all();
}

void Watch::paused(uint32_t id, bool is_paused) {
  Process& process = processes_.at(id);
  process.paused = is_paused;
  for (auto& [key, opinions] : process.opinions) {
    if (is_paused) {
      push(process, key, {clock_.now(), 0, false});
    } else if (const auto view = process.views.find(key.keyspace); view != process.views.end()) {
      think(process, key, view->second);
    }
  }
  judge_all();
  // Who was stopped has yet to hear what happened meanwhile.
  for (auto& [key, state] : keys_) state.disagreed_until = clock_.now();
}

void Watch::leaving(uint32_t id) {
  Process& process = processes_.at(id);
  process.leaving = true;
  process.ended = clock_.now();
  for (auto& [key, opinions] : process.opinions) push(process, key, {clock_.now(), 0, false});
  judge_all();
}

void Watch::ended(uint32_t process) {
  processes_.at(process).alive = false;
  processes_.at(process).ended = std::min(processes_.at(process).ended, clock_.now());
  processes_.at(process).views.clear();
  judge_all();
}

void Watch::viewed(uint32_t id, uint32_t keyspace, const core::View& view) {
  Process& process = processes_.at(id);
  process.views.insert_or_assign(keyspace, view);
  const bool company = std::any_of(
      view.members().begin(), view.members().end(), [&process](const core::ViewMember& member) {
        return member.ring.id != process.member && member.reach == core::Reach::up;
      });
  process.company[keyspace].emplace_back(clock_.now(), company);
  for (const auto& [key, state] : keys_) {
    if (key.keyspace == keyspace) think(process, key, view);
  }
  for (const auto& [other_id, other] : processes_) {
    if (other_id != id && other.alive) compare(process, other, keyspace);
  }
  judge_all();
}

void Watch::think(Process& process, KeyId key, const core::View& view) {
  if (process.leaving) return;
  const uint64_t hash = keys_.at(key).hash;
  const core::View::Acting acting = view.acting_owner(hash);
  push(process, key, {clock_.now(), acting.member, acting.skipped > 0});
  const core::ViewMember* heir = view.heir(hash);
  const core::MemberId told = view.self_owns(hash) && heir ? heir->ring.id : 0;
  process.heirs[key].emplace_back(clock_.now(), told);
}

core::MemberId Watch::told(const Process& owner, const Write& write) {
  const auto heirs = owner.heirs.find(write.key);
  if (write.status != Status::ok || heirs == owner.heirs.end()) return 0;
  core::MemberId heir = 0;
  for (const auto& [since, told] : heirs->second) {
    if (since > write.returned.at) break;
    if (since > write.invoked.at && told != heir) return 0;
    heir = told;
  }
  return heir;
}

void Watch::push(Process& process, KeyId key, Opinion opinion) {
  std::vector<Opinion>& opinions = process.opinions[key];
  const bool same = !opinions.empty() && opinions.back().acting == opinion.acting &&
                    opinions.back().stand_in == opinion.stand_in;
  if (!same) opinions.push_back(opinion);
}

void Watch::lost_way(uint32_t id, core::MemberId member) {
  Process& process = processes_.at(id);
  ways_lost_[member] = clock_.now();
  for (auto& [key, opinions] : process.opinions) {
    if (!opinions.empty() && opinions.back().acting == member) {
      push(process, key, {clock_.now(), 0, false});
      const auto view = process.views.find(key.keyspace);
      if (view != process.views.end()) think(process, key, view->second);
      keys_.at(key).disagreed_until = clock_.now();
    }
  }
}

bool Watch::way_was_lost(uint32_t process, Instant from) const {
  const auto lost = ways_lost_.find(processes_.at(process).member);
  return lost != ways_lost_.end() && lost->second >= from;
}

void Watch::unheard(uint32_t process, core::MemberId member) {
  unheard_[{process, member}] = unheard_until_ = clock_.now();
}

bool Watch::member_was_unheard(core::MemberId member, Instant from) const {
  return std::any_of(unheard_.begin(), unheard_.end(), [member, from](const auto& entry) {
    return entry.first.second == member && entry.second >= from;
  });
}

bool Watch::was_unheard(uint32_t process, Instant from) const {
  return std::any_of(unheard_.begin(), unheard_.end(), [process, from](const auto& entry) {
    return entry.first.first == process && entry.second >= from;
  });
}

// I8: equal member sets have equal ids, others have not, and equal views have equal owners.
void Watch::compare(const Process& one, const Process& other, uint32_t keyspace) {
  const auto b = other.views.find(keyspace);
  if (b == other.views.end()) return;
  const core::View& mine = one.views.at(keyspace);
  const bool same = same_members(mine, b->second);
  if (same != (mine.id() == b->second.id())) {
    report_.violate("I8", same ? "equal member sets have different view ids"
                               : "different member sets have one view id");
  }
  if (!same || !all_up(mine) || !all_up(b->second)) return;
  for (const auto& [key, state] : keys_) {
    if (key.keyspace == keyspace &&
        mine.acting_owner(state.hash).member != b->second.acting_owner(state.hash).member) {
      report_.violate("I8", "equal views disagree about an owner");
    }
  }
}

void Watch::judge_all() {
  for (auto& [id, key] : keys_) judge(id, key);
}

void Watch::judge(KeyId id, Key& key) {
  core::MemberId owner = 0;
  bool agreed = true;
  std::vector<uint32_t> runners;
  for (const auto& [number, process] : processes_) {
    if (!process.alive || process.paused || process.leaving) continue;
    runners.push_back(number);
    const auto at = process.opinions.find(id);
    if (at == process.opinions.end() || at->second.empty()) {
      agreed = false;
      break;
    }
    const Opinion& opinion = at->second.back();
    if (owner == 0) owner = opinion.acting;
    agreed = agreed && opinion.acting != 0 && opinion.acting == owner && !opinion.stand_in;
  }
  const Process* there = owner == 0 ? nullptr : process_of(owner);
  agreed = agreed && there && !there->paused;
  if (agreed) {
    const auto own = there->opinions.find(id);
    agreed = own != there->opinions.end() && !own->second.empty() &&
             own->second.back().acting == owner && !own->second.back().stand_in;
  }
  if (!agreed || !key.agreed) key.disagreed_until = clock_.now();
  key.agreed = agreed;
  if (!agreed) runners.clear();
  if (key.turns.empty() || key.turns.back().agreed != runners) {
    key.turns.push_back({clock_.now(), std::move(runners)});
  }
}

const Watch::Process* Watch::process_of(core::MemberId member) const {
  for (const auto& [number, process] : processes_) {
    if (process.alive && process.member == member) return &process;
  }
  return nullptr;
}

bool Watch::is_paused(uint32_t process) const { return processes_.at(process).paused; }

bool Watch::is_known(const Write& write) const {
  const Process& writer = processes_.at(write.process);
  if (writer.alive || !writer.leaving) return writer.alive;
  for (const auto& [number, other] : processes_) {
    const bool was_there = other.started < write.returned.at && other.ended > write.returned.at;
    if (number != write.process && was_there && !other.alive) return false;
  }
  const auto company = writer.company.find(write.key.keyspace);
  if (company == writer.company.end()) return false;
  bool before = false;
  for (const auto& [since, in_company] : company->second) {
    if (since > write.returned.at && !in_company) return false;
    if (since <= write.returned.at) before = in_company;
  }
  return before;
}

bool Watch::heard_of(const Write& write, uint32_t reader, Duration takes) const {
  core::MemberId owner = 0;
  const auto opinions = processes_.at(write.process).opinions.find(write.key);
  if (opinions != processes_.at(write.process).opinions.end()) {
    for (const Opinion& opinion : opinions->second) {
      if (opinion.since <= write.returned.at) owner = opinion.acting;
    }
  }
  std::set<uint32_t> know;
  for (const auto& [number, process] : processes_) {
    const bool there = process.started <= write.returned.at && process.ended >= write.returned.at;
    if (there && process.member == owner) know.insert(number);
  }
  const auto knows = [&know](uint32_t process) { return know.contains(process); };
  const std::vector<Turn>& turns = keys_.at(write.key).turns;
  for (auto turn = turns.begin(); turn != turns.end(); ++turn) {
    const Instant end = turn + 1 == turns.end() ? clock_.now() : (turn + 1)->since;
    if (end < write.returned.at) continue;
    // The owner may leave while it is written to.
    const bool told =
        turn->since <= write.returned.at &&
        std::find(turn->agreed.begin(), turn->agreed.end(), write.process) != turn->agreed.end();
    const bool come_through = end - std::max(turn->since, write.returned.at) >= takes;
    if (told || (come_through && std::any_of(turn->agreed.begin(), turn->agreed.end(), knows))) {
      know.insert(turn->agreed.begin(), turn->agreed.end());
    }
  }
  return know.contains(reader);
}

bool Watch::agreed_since(KeyId key, Instant from) const {
  const Key& state = keys_.at(key);
  return state.agreed && state.disagreed_until < from;
}

// The one opinion that a process had throughout; nullptr if there were several or none.
const Watch::Opinion* Watch::steady(const Process& process, KeyId key, Instant from, Instant to) {
  const auto at = process.opinions.find(key);
  if (at == process.opinions.end()) return nullptr;
  const Opinion* held = nullptr;
  for (const Opinion& opinion : at->second) {
    if (opinion.since > to) break;
    if (held && opinion.since >= from) return nullptr;
    held = &opinion;
  }
  return held && held->since <= from ? held : nullptr;
}

bool Watch::one_way(const Write& write, uint32_t reader, Instant read_from) const {
  const Instant now = clock_.now();
  const Opinion* told =
      steady(processes_.at(write.process), write.key, write.invoked.at, write.returned.at);
  const Opinion* asked = steady(processes_.at(reader), write.key, read_from, now);
  if (!told || !asked || told->acting == 0 || told->acting != asked->acting) return false;
  if (told->stand_in || asked->stand_in) return false;
  const Process* owner = process_of(told->acting);
  if (!owner || owner->started > write.invoked.at) return false;
  const Opinion* own = steady(*owner, write.key, write.invoked.at, now);
  return own && own->acting == owner->member && !own->stand_in;
}

bool Watch::told_reader(const Write& write, uint32_t id, Instant read_from) const {
  const Process& reader = processes_.at(id);
  const Opinion* taken =
      steady(processes_.at(write.process), write.key, write.invoked.at, write.returned.at);
  const Opinion* asked = steady(reader, write.key, read_from, clock_.now());
  if (!taken || !asked || asked->acting != reader.member) return false;
  if (reader.started > write.invoked.at) return false;
  return std::any_of(processes_.begin(), processes_.end(), [&](const auto& entry) {
    const Process& owner = entry.second;
    const bool there = owner.started <= write.invoked.at && owner.ended >= write.returned.at;
    return there && owner.member == taken->acting && told(owner, write) == reader.member;
  });
}

bool Watch::without_source(uint32_t process, uint32_t keyspace,
                           const std::vector<core::MemberId>& with_source) const {
  const auto& views = processes_.at(process).views;
  const auto view = views.find(keyspace);
  if (view == views.end()) return true;
  return std::none_of(view->second.members().begin(), view->second.members().end(),
                      [&](const core::ViewMember& member) {
                        return std::find(with_source.begin(), with_source.end(), member.ring.id) !=
                               with_source.end();
                      });
}

bool Watch::complete(uint32_t keyspace, const std::vector<core::MemberId>& expected) const {
  const auto is_expected = [](const core::ViewMember& member, core::MemberId id) {
    return member.ring.id == id && member.reach == core::Reach::up;
  };
  for (const auto& [number, process] : processes_) {
    if (!process.alive) continue;
    const auto view = process.views.find(keyspace);
    if (view == process.views.end() || !process.open || process.paused) return false;
    const std::vector<core::ViewMember>& members = view->second.members();
    if (!std::equal(members.begin(), members.end(), expected.begin(), expected.end(),
                    is_expected)) {
      return false;
    }
    for (const auto& [other_number, other] : processes_) {
      if (!other.alive) continue;
      const auto its = other.views.find(keyspace);
      if (its == other.views.end() || its->second.id() != view->second.id()) return false;
    }
  }
  return true;
}

std::string Watch::describe(KeyId key) const {
  std::string all;
  for (const auto& [number, process] : processes_) {
    if (!process.alive) continue;
    const auto view = process.views.find(key.keyspace);
    if (view == process.views.end()) continue;
    const core::View::Acting acting = view->second.acting_owner(keys_.at(key).hash);
    const core::ViewMember* owner = view->second.find(acting.member);
    all += text(" %u%s%s:%zu->%s%s", number, process.open ? "" : "(closed)",
                process.paused ? "(paused)" : "", view->second.members().size(),
                owner ? owner->name.c_str() : "?", acting.skipped ? "(stand-in)" : "");
  }
  return all;
}

}  // namespace distcache::sim
