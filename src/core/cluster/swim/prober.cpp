#include "core/cluster/swim/prober.h"

#include <algorithm>
#include <utility>

namespace distcache::core {
namespace {

constexpr int kUrgentMax = 16;  // of them one interval has room for

}  // namespace

void Prober::add(MemberId member) {
  if (std::find(order_.begin(), order_.end(), member) != order_.end()) return;
  // At a random place: whoever joins is not always probed last.
  const size_t place = rng_.below(order_.size() + 1);
  order_.insert(order_.begin() + static_cast<ptrdiff_t>(place), member);
  if (place < position_) ++position_;
}

void Prober::remove(MemberId member) {
  std::erase(urgent_, member);
  std::erase(asked_, member);
  if (target_ == member) target_ = 0;
  const auto found = std::find(order_.begin(), order_.end(), member);
  if (found == order_.end()) return;
  if (static_cast<size_t>(found - order_.begin()) < position_) --position_;
  order_.erase(found);
}

void Prober::soon(MemberId member) {
  if (member == target_ || urgent_.size() >= static_cast<size_t>(kUrgentMax)) return;
  if (std::find(order_.begin(), order_.end(), member) == order_.end()) return;
  if (std::find(urgent_.begin(), urgent_.end(), member) != urgent_.end()) return;
  urgent_.push_back(member);
}

bool Prober::on_ack(uint64_t nonce, MemberId from, LocalHealth& health) {
  if (target_ == 0 || nonce != nonce_) return false;
  // Nobody else was told the nonce: who guessed it must not keep a dead member alive.
  if (from != target_ && std::find(asked_.begin(), asked_.end(), from) == asked_.end()) {
    return false;
  }
  target_ = 0;
  health.better();
  return true;
}

void Prober::on_decline(uint64_t nonce, MemberId from) {
  if (target_ != 0 && nonce == nonce_) std::erase(asked_, from);
}

void Prober::tick(Instant now, LocalHealth& health, Outcome& out) {
  if (target_ != 0 && now >= others_at_) ask_others(out);
  if (now >= interval_end_) {
    end(health, out);
    begin(now, health, out);
  } else if (target_ == 0 && !urgent_.empty() && now >= urgent_at_) {
    begin(now, health, out);
  }
}

void Prober::begin(Instant now, const LocalHealth& health, Outcome& out) {
  interval_end_ = now + health.scaled(options_.probe_interval);
  urgent_at_ = now + options_.probe_interval / kUrgentMax;
  target_ = next_target();
  if (target_ == 0) return;
  nonce_ = (nonces_.next() >> 1) | 1;  // the detector has uses of its own for 0 and the upper half
  others_at_ = now + health.scaled(options_.probe_timeout);
  asked_.clear();
  out.probes.push_back({target_, target_, nonce_});
}

void Prober::ask_others(Outcome& out) {
  others_at_ = Instant::never();
  asked_ = pick(options_.indirect_probes, target_);
  for (const MemberId helper : asked_) out.probes.push_back({helper, target_, nonce_});
}

void Prober::end(LocalHealth& health, Outcome& out) {
  if (target_ == 0) return;
  out.failed.push_back(std::exchange(target_, 0));
  // A helper that declined vouches for this node's own way to the world.
  health.worse(order_.size() > 1 ? static_cast<uint32_t>(asked_.size()) : 1);
}

MemberId Prober::next_target() {
  if (!urgent_.empty()) {
    const MemberId member = urgent_.front();
    urgent_.erase(urgent_.begin());
    return member;
  }
  if (order_.empty()) return 0;
  if (position_ >= order_.size()) {
    for (size_t i = order_.size() - 1; i > 0; --i) std::swap(order_[i], order_[rng_.below(i + 1)]);
    position_ = 0;
  }
  return order_[position_++];
}

std::vector<MemberId> Prober::pick(size_t count, MemberId but) {
  std::vector<MemberId> others;
  others.reserve(order_.size());
  for (const MemberId member : order_) {
    if (member != but) others.push_back(member);
  }
  count = std::min(count, others.size());
  for (size_t i = 0; i < count; ++i) {
    std::swap(others[i], others[i + rng_.below(others.size() - i)]);
  }
  others.resize(count);
  return others;
}

void Prober::postpone(Duration by) {
  others_at_ = others_at_ + by;
  interval_end_ = interval_end_ + by;
}

Instant Prober::next_deadline() const {
  if (order_.empty()) return Instant::never();
  if (target_ == 0) return urgent_.empty() ? interval_end_ : std::min(urgent_at_, interval_end_);
  return std::min(others_at_, interval_end_);
}

}  // namespace distcache::core
