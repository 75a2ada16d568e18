#include "core/cluster/former_owners.h"

#include <algorithm>

namespace distcache::core {
namespace {

bool reached(const View& view, const ViewMember& member) {
  const ViewMember* known = view.find(member.ring.id);
  return known != nullptr && known->incarnation == member.incarnation &&
         known->reach != Reach::down;
}

}  // namespace

void FormerOwners::changed(ViewPtr before, Instant until) {
  if (changes_.size() == kChangesMax) {
    changes_.pop_front();
    changes_.front().before = std::make_shared<const View>(0, std::vector<ViewMember>{});
  }
  if (!changes_.empty()) until = std::max(until, changes_.back().until);
  changes_.push_back({std::move(before), until});
}

std::vector<FormerOwners::Holder> FormerOwners::holders(uint64_t key_hash, const View& view,
                                                        Instant now) const {
  std::vector<Holder> holders;
  for (const ViewMember& member : view.members()) {
    if (member.ring.id == view.self()) continue;
    Instant until;
    for (const Change& change : changes_) {
      if (change.until <= now) continue;
      const bool may_hold = !change.before->self_owns(key_hash) || !reached(*change.before, member);
      if (may_hold) until = change.until;
    }
    if (until > now) holders.push_back({member.ring.id, until});
  }
  return holders;
}

void FormerOwners::forget(Instant now) {
  while (!changes_.empty() && changes_.front().until <= now) changes_.pop_front();
}

}  // namespace distcache::core
