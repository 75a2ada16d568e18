#include "core/cluster/view.h"

#include <algorithm>

#include "base/hash.h"

namespace distcache::core {
namespace {

std::vector<ViewMember> sorted(std::vector<ViewMember> members) {
  // The same tie-break as the ring's, so that both keep the same one of two equal ids.
  std::sort(members.begin(), members.end(), [](const ViewMember& a, const ViewMember& b) {
    return a.ring.id != b.ring.id ? a.ring.id < b.ring.id : a.ring.weight > b.ring.weight;
  });
  const auto same_id = [](const ViewMember& a, const ViewMember& b) {
    return a.ring.id == b.ring.id;
  };
  members.erase(std::unique(members.begin(), members.end(), same_id), members.end());
  return members;
}

Ring ring_of(const std::vector<ViewMember>& members) {
  std::vector<RingMember> ring;
  ring.reserve(members.size());
  for (const ViewMember& member : members) ring.push_back(member.ring);
  return Ring(std::move(ring));
}

void append_little_endian(std::string& bytes, uint64_t number) {
  for (unsigned shift = 0; shift < 64; shift += 8) {
    bytes.push_back(static_cast<char>(number >> shift & 0xff));
  }
}

uint64_t id_of(const std::vector<ViewMember>& members, const Ring& ring) {
  std::string bytes;
  for (size_t i = 0; i < members.size(); ++i) {
    append_little_endian(bytes, members[i].ring.id);
    append_little_endian(bytes, members[i].incarnation);
    append_little_endian(bytes, ring.members()[i].weight);  // within bounds, as it is used
  }
  return hash64(bytes);
}

}  // namespace

View::View(MemberId self, std::vector<ViewMember> members, std::vector<ViewMember> before)
    : self_(self),
      members_(sorted(std::move(members))),
      ring_(ring_of(members_)),
      id_(id_of(members_, ring_)),
      all_reachable_(
          std::none_of(members_.begin(), members_.end(),
                       [](const ViewMember& member) { return member.reach == Reach::down; })),
      before_(sorted(std::move(before))),
      ring_before_(ring_of(before_)) {}

const ViewMember* View::find(MemberId id) const {
  const auto found = std::lower_bound(
      members_.begin(), members_.end(), id,
      [](const ViewMember& member, MemberId wanted) { return member.ring.id < wanted; });
  return found != members_.end() && found->ring.id == id ? &*found : nullptr;
}

View::Acting View::acting_owner(uint64_t key_hash) const {
  if (all_reachable_) return {ring_.owner(key_hash), 0};
  Ring::Draw best;
  for (size_t i = 0; i < members_.size(); ++i) {
    if (members_[i].reach == Reach::down) continue;
    const Ring::Draw next = ring_.draw(i, key_hash);
    if (best.member.id == 0 || Ring::ranks_before(next, best)) best = next;
  }
  Acting acting{best.member.id, 0};
  if (acting.member == 0) return acting;
  for (size_t i = 0; i < members_.size(); ++i) {
    if (members_[i].reach != Reach::down) continue;
    if (Ring::ranks_before(ring_.draw(i, key_hash), best)) ++acting.skipped;
  }
  return acting;
}

bool View::leads_like(const View& other) const {
  const auto alike = [](const ViewMember& a, const ViewMember& b) {
    return a.ring.id == b.ring.id && a.ring.weight == b.ring.weight &&
           (a.reach == Reach::down) == (b.reach == Reach::down);
  };
  return self_ == other.self_ && std::equal(members_.begin(), members_.end(),
                                            other.members_.begin(), other.members_.end(), alike);
}

MemberId View::next_candidate(uint64_t key_hash, MemberId after) const {
  const ViewMember* before = find(after);
  Ring::Draw bound;
  if (before) bound = ring_.draw(static_cast<size_t>(before - members_.data()), key_hash);
  Ring::Draw best;
  for (size_t i = 0; i < members_.size(); ++i) {
    if (members_[i].reach == Reach::down || &members_[i] == before) continue;
    const Ring::Draw next = ring_.draw(i, key_hash);
    if (before && Ring::ranks_before(next, bound)) continue;
    if (best.member.id == 0 || Ring::ranks_before(next, best)) best = next;
  }
  return best.member.id;
}

const ViewMember* View::owner_or_lost(uint64_t key_hash) const {
  if (before_.empty()) return find(ring_.owner(key_hash));
  const MemberId owner = ring_before_.owner(key_hash);
  if (const ViewMember* member = find(owner)) return member;
  const auto lost = std::find_if(before_.begin(), before_.end(), [owner](const ViewMember& member) {
    return member.ring.id == owner;
  });
  return &*lost;
}

const ViewMember* View::missed_owner(uint64_t key_hash) const {
  if (all_reachable_ && before_.empty()) return nullptr;
  const ViewMember* owner = owner_or_lost(key_hash);
  return owner && (owner->reach == Reach::down || !find(owner->ring.id)) ? owner : nullptr;
}

const ViewMember* View::heir(uint64_t key_hash) const {
  const bool lost = !before_.empty();
  const std::vector<ViewMember>& members = lost ? before_ : members_;
  const Ring& ring = lost ? ring_before_ : ring_;
  const ViewMember* heir = nullptr;
  Ring::Draw best;
  for (size_t i = 0; i < members.size(); ++i) {
    if (members[i].ring.id == self_) continue;
    const Ring::Draw next = ring.draw(i, key_hash);
    if (heir && !Ring::ranks_before(next, best)) continue;
    best = next;
    heir = &members[i];
  }
  return heir;
}

bool View::misses(MemberId id) const {
  if (const ViewMember* member = find(id)) return member->reach == Reach::down;
  return std::any_of(before_.begin(), before_.end(),
                     [id](const ViewMember& member) { return member.ring.id == id; });
}

}  // namespace distcache::core
