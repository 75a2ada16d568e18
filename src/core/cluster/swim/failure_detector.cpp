#include "core/cluster/swim/failure_detector.h"

#include <algorithm>
#include <utility>

namespace distcache::core {

void FailureDetector::forget(MemberId member) {
  prober_.remove(member);
  suspicions_.erase(member);
}

bool FailureDetector::accuse(MemberId member, MemberId accuser, bool refused, Instant now) {
  auto known = suspicions_.find(member);
  bool news = known == suspicions_.end();
  if (news) {
    const Suspicion suspicion(options_, prober_.size() + 1, accuser, now);
    known = suspicions_.emplace(member, Case{suspicion, {}, Instant::never()}).first;
  } else {
    news = known->second.suspicion.confirm(accuser);
  }
  if (refused) known->second.suspicion.hurry();
  return (refused && known->second.refused_by.insert(accuser).second) || news;
}

bool FailureDetector::refused_by_all(MemberId member) const {
  const auto known = suspicions_.find(member);
  if (known == suspicions_.end()) return false;
  const size_t voters = prober_.size() + 1 - suspicions_.size();
  size_t votes = 0;
  for (const MemberId accuser : known->second.refused_by) {
    if (!suspicions_.contains(accuser)) ++votes;
  }
  return votes >= voters;
}

std::optional<Prober::Probe> FailureDetector::probe_for(RouteTag route, uint64_t nonce,
                                                        MemberId target, Instant now) {
  if (favours_.size() >= kFavoursMax) return std::nullopt;
  // Declined before the asker's interval is over, so that it learns that we are there.
  const uint64_t ours = nonces_.next() | kFirstFavour;
  favours_[ours] = {{route, nonce, target, false}, now + options_.probe_timeout * 4 / 5};
  return Prober::Probe{target, target, ours};
}

void FailureDetector::on_ack(uint64_t nonce, MemberId from, Outcome& out) {
  if (nonce < kFirstFavour) {
    prober_.on_ack(nonce, from, health_);
    expected_ = std::max(expected_, next_deadline());  // what was awaited has come
    return;
  }
  const auto favour = favours_.find(nonce);
  if (favour == favours_.end() || favour->second.answer.target != from) return;
  favour->second.answer.alive = true;
  out.answered.push_back(favour->second.answer);
  favours_.erase(favour);
}

// A node that was stopped or starved itself has nobody to blame: what it awaited meanwhile may lie
// in its own queues.
void FailureDetector::forgive_own_delay(Instant now) {
  const Duration late = expected_ < now ? now - expected_ : Duration();
  if (late < options_.probe_timeout) return;
  health_.worse();
  prober_.postpone(late);
  for (auto& [member, open] : suspicions_) open.suspicion.postpone(late);
}

void FailureDetector::withdraw(uint64_t nonce) {
  prober_.withdraw(nonce);
  expected_ = std::max(expected_, next_deadline());
}

// A suspect is asked by this node itself before it is dead here: it may have spoken up to others,
// whose word of that did not come this far, and its turn to be probed may come late.
Instant FailureDetector::due(const Case& open) const {
  const Instant end = open.suspicion.due();
  if (open.asked_at.is_never()) return end - options_.probe_interval;
  return std::max(end, open.asked_at + options_.probe_timeout);
}

void FailureDetector::tick(Instant now, Outcome& out) {
  forgive_own_delay(now);
  Prober::Outcome probed;
  prober_.tick(now, health_, probed);
  out.probes.insert(out.probes.end(), probed.probes.begin(), probed.probes.end());
  out.failed.insert(out.failed.end(), probed.failed.begin(), probed.failed.end());
  for (auto& [member, open] : suspicions_) {
    if (now < due(open)) continue;
    if (open.asked_at.is_never()) {
      open.asked_at = now;
      out.probes.push_back({member, member, kLastWord});
    } else {
      out.dead.push_back(member);
    }
  }
  std::erase_if(favours_, [&](const auto& entry) {
    if (now < entry.second.due) return false;
    out.answered.push_back(entry.second.answer);
    return true;
  });
  expected_ = next_deadline();
}

Instant FailureDetector::next_deadline() const {
  Instant next = prober_.next_deadline();
  for (const auto& [member, open] : suspicions_) next = std::min(next, due(open));
  for (const auto& [nonce, favour] : favours_) next = std::min(next, favour.due);
  return next;
}

}  // namespace distcache::core
