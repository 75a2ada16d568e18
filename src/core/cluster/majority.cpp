#include "core/cluster/majority.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace distcache::core {
namespace {

// Rings named since the last agreement that are kept apart. More of them only come about while
// members come and go faster than they can agree.
constexpr size_t kNamedMax = 64;

void add_name(std::vector<std::string>& names, const std::string& name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

}  // namespace

void Majority::on_view(uint64_t ring_id, std::vector<Peer> members, Addresses strangers,
                       Instant now) {
  if (ring_id == ring_id_ && members == ring_) return set_strangers(std::move(strangers), now);
  strangers_ = std::move(strangers);
  ring_id_ = ring_id;
  ring_ = std::move(members);
  ring_ids_.clear();
  for (const Peer& peer : ring_) ring_ids_.push_back(peer.id);
  std::sort(ring_ids_.begin(), ring_ids_.end());
  for (const Peer& peer : ring_) gone_.erase(peer.id);
  if (named_.size() >= kNamedMax) keep_together();
  named_[ring_id_] = ring_;
  for (auto& [member, heard] : heard_) heard.named = false;
  std::erase_if(heard_, [this, now](const auto& entry) {
    return !in_ring(entry.first) && confirmed_until({entry.first, {}}) <= now;
  });
  agree(now);
}

// None may be forgotten, since any of them may be agreed elsewhere: who has all of their members
// has a majority of each. Where some are gone for good nobody has all of them.
void Majority::keep_together() {
  for (auto& [ring, members] : named_) {
    std::move(members.begin(), members.end(), std::back_inserter(crowd_));
  }
  named_.clear();
  std::sort(crowd_.begin(), crowd_.end(), [](const Peer& a, const Peer& b) { return a.id < b.id; });
  crowd_.erase(std::unique(crowd_.begin(), crowd_.end(),
                           [](const Peer& a, const Peer& b) { return a.id == b.id; }),
               crowd_.end());
  const auto gone = [this](const Peer& peer) { return gone_.contains(peer.id); };
  if (std::erase_if(crowd_, gone) > 0) crowd_lost_ = true;
  std::erase_if(gone_, [this](MemberId member) {
    return std::none_of(agreed_.begin(), agreed_.end(),
                        [member](const Peer& peer) { return peer.id == member; });
  });
}

void Majority::on_word(MemberId from, const RingWord& word, Instant asked_at, Instant now) {
  if (from == self_ || !in_ring(from)) return;
  Heard& heard = heard_[from];
  if (asked_at < heard.asked_at) return;  // a later one has come before
  heard.asked_at = asked_at;
  heard.word = word;
  heard.named = word.ring_id == ring_id_;
  if (!heard.named) return;
  if (word.consents && word.number > 0) {
    heard.confirmed_at = std::max(heard.confirmed_at, asked_at);
  }
  agree(now);
}

void Majority::forget(MemberId member) {
  if (in_ring(member)) return;
  heard_.erase(member);
  gone_.insert(member);
}

void Majority::set_strangers(Addresses addresses, Instant now) {
  strangers_ = std::move(addresses);
  agree(now);
}

bool Majority::in_ring(MemberId member) const {
  return std::binary_search(ring_ids_.begin(), ring_ids_.end(), member);
}

std::vector<MemberId> Majority::absent() const {
  std::vector<MemberId> absent;
  const auto add = [this, &absent](const std::vector<Peer>& members) {
    for (const Peer& peer : members) {
      if (!in_ring(peer.id)) absent.push_back(peer.id);
    }
  };
  add(agreed_);
  add(crowd_);
  for (const auto& [ring, members] : named_) add(members);
  std::sort(absent.begin(), absent.end());
  absent.erase(std::unique(absent.begin(), absent.end()), absent.end());
  return absent;
}

bool Majority::outranked() const {
  return std::any_of(ring_.begin(), ring_.end(), [this](const Peer& peer) {
    const auto heard = heard_.find(peer.id);
    return heard != heard_.end() && heard->second.word.number > number_;
  });
}

// How long this one counts as one that names the ring of this node.
Instant Majority::named_until(const Peer& peer) const {
  if (!in_ring(peer.id)) return peer.id == self_ ? Instant::never() : Instant();
  if (peer.id == self_) return Instant::never();
  const auto heard = heard_.find(peer.id);
  return heard != heard_.end() && heard->second.named ? heard->second.asked_at + lease_ : Instant();
}

// The same of one that knows the last agreement that it was part of.
Instant Majority::remembered_until(const Peer& peer) const {
  if (peer.id == self_) return named_until(peer);
  const auto heard = heard_.find(peer.id);
  return heard != heard_.end() && heard->second.word.number > 0 ? named_until(peer) : Instant();
}

// And how long as one that confirms this node, whatever ring it sees by now.
Instant Majority::confirmed_until(const Peer& peer) const {
  if (peer.id == self_) return Instant::never();
  const auto heard = heard_.find(peer.id);
  if (heard == heard_.end() || heard->second.confirmed_at == Instant()) return Instant();
  return heard->second.confirmed_at + lease_;
}

// How long a majority of them does.
Instant Majority::most_until(const std::vector<Peer>& members, Until until) const {
  if (members.empty()) return Instant::never();
  const Peer& lowest = *std::min_element(
      members.begin(), members.end(), [](const Peer& a, const Peer& b) { return a.name < b.name; });
  std::vector<Instant> all;
  all.reserve(members.size());
  for (const Peer& peer : members) all.push_back((this->*until)(peer));
  std::sort(all.rbegin(), all.rend());
  const Instant more = all[members.size() / 2];
  if (members.size() % 2 != 0) return more;
  return std::max(more, std::min((this->*until)(lowest), all[members.size() / 2 - 1]));
}

// How long all do who may be anywhere: those of them that are not gone, and whoever else this node
// sees, who are all that discovery lists.
Instant Majority::all_until(const std::vector<Peer>& members, Until until) const {
  if (!strangers_.empty()) return Instant();
  Instant all = Instant::never();
  for (const Peer& peer : ring_) all = std::min(all, (this->*until)(peer));
  for (const Peer& peer : members) {
    if (!gone_.contains(peer.id)) all = std::min(all, (this->*until)(peer));
  }
  return all;
}

Instant Majority::held_until(const std::vector<Peer>& members, Until until) const {
  return std::max(most_until(members, until), all_until(members, until));
}

// Of those whose rings are not kept apart every single one.
Instant Majority::crowd_until(Until until) const {
  Instant bound = crowd_lost_ ? Instant() : Instant::never();
  for (const Peer& peer : crowd_) bound = std::min(bound, (this->*until)(peer));
  return std::max(bound, all_until(crowd_, until));
}

// Of the last agreed ring, and of those that others may have agreed on since.
Instant Majority::bound_until(Until until) const {
  Instant bound = std::min(held_until(agreed_, until), crowd_until(until));
  for (const auto& [ring, members] : named_) bound = std::min(bound, held_until(members, until));
  return bound;
}

bool Majority::consents(Instant now) const {
  const auto held = [this, now](const std::vector<Peer>& members) {
    return most_until(members, &Majority::remembered_until) > now ||
           all_until(members, &Majority::named_until) > now;
  };
  return held(agreed_) && crowd_until(&Majority::named_until) > now &&
         std::all_of(named_.begin(), named_.end(),
                     [&held](const auto& named) { return held(named.second); });
}

void Majority::agree(Instant now) {
  uint64_t latest = number_;
  for (const Peer& peer : ring_) {
    if (peer.id == self_) continue;
    const auto heard = heard_.find(peer.id);
    if (heard == heard_.end()) continue;
    const RingWord& word = heard->second.word;
    // Somebody has seen that all name this ring, this node included.
    if (heard->second.named && word.agreed_id == ring_id_ && word.number > number_) {
      set_agreed(word.number);
    }
    latest = std::max(latest, word.number);
  }
  const bool news = agreed_id_ != ring_id_ || named_.size() > 1 || !crowd_.empty() || crowd_lost_;
  if (!news || latest > number_ || !consents(now)) return;
  for (const Peer& peer : ring_) {
    if (peer.id == self_) continue;
    const auto heard = heard_.find(peer.id);
    if (heard == heard_.end() || named_until(peer) <= now) return;
    const RingWord& word = heard->second.word;
    if (word.number + 1 >= number_ && !word.consents) return;
  }
  if (number_ == 0 && !strangers_.empty()) return;
  for (const Peer& peer : ring_) {
    if (peer.id != self_) heard_[peer.id].confirmed_at = heard_[peer.id].asked_at;
  }
  set_agreed(agreed_id_ != ring_id_ ? number_ + 1 : number_);
}

void Majority::set_agreed(uint64_t number) {
  agreed_id_ = ring_id_;
  number_ = number;
  agreed_ = ring_;
  named_.clear();
  crowd_.clear();
  crowd_lost_ = false;
  gone_.clear();
}

RingWord Majority::word(Instant now) const {
  return {ring_id_, agreed_id_, number_, consents(now)};
}

Instant Majority::confirmed_until() const {
  return number_ == 0 || outranked() ? Instant() : bound_until(&Majority::confirmed_until);
}

std::vector<std::string> Majority::missing(Instant now) const {
  std::vector<std::string> names;
  for (const Peer& peer : agreed_) {
    const bool silent = named_until(peer) <= now && confirmed_until(peer) <= now;
    if (silent) add_name(names, peer.name);
  }
  for (const Peer& peer : ring_) {
    if (named_until(peer) <= now) add_name(names, peer.name);
  }
  if (number_ == 0) {
    for (const std::string& address : strangers_) add_name(names, address);
  }
  if (!names.empty()) return names;
  const auto add_silent = [this, now, &names](const std::vector<Peer>& members) {
    for (const Peer& peer : members) {
      if (confirmed_until(peer) <= now) add_name(names, peer.name);
    }
  };
  for (const auto& [ring, members] : named_) add_silent(members);
  add_silent(crowd_);
  for (const Peer& peer : ring_) {
    if (names.empty() && peer.id != self_) add_name(names, peer.name);
  }
  return names;
}

}  // namespace distcache::core
