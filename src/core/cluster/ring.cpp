#include "core/cluster/ring.h"

#include <algorithm>
#include <array>
#include <bit>
#include <map>

#include "base/hash.h"
#include "base/int128.h"

namespace distcache::core {
namespace {

constexpr unsigned kFractionBits = 56;  // 64 * 2^56 still fits
constexpr unsigned kIndexBits = 10;
constexpr unsigned kStepBits = 63 - kIndexBits;
constexpr size_t kSteps = size_t{1} << kIndexBits;

// log2(mantissa / 2^63) for a mantissa with its top bit set, digit by digit: squaring doubles a
// logarithm, so each overflow past 2 is its next binary digit. Truncation keeps the order.
constexpr uint64_t log2_by_squaring(uint64_t mantissa) {
  uint64_t digits = 0;
  for (unsigned i = 0; i < kFractionBits; ++i) {
    const uint128 square = static_cast<uint128>(mantissa) * mantissa;
    const bool over = (square >> 127) != 0;
    digits = digits << 1 | (over ? 1 : 0);
    mantissa = static_cast<uint64_t>(square >> (over ? 64 : 63));
  }
  return digits;
}

// log2(1 + i / kSteps). Between two steps the line is at most 2^-22.4 below the curve, and in the
// last step, where the winners are, it is off by the same factor for all: no member gains by it.
constexpr auto kLog2 = [] {
  std::array<uint64_t, kSteps + 1> table{};
  for (size_t i = 0; i < kSteps; ++i) {
    table[i] = log2_by_squaring((uint64_t{kSteps} + i) << kStepBits);
  }
  table[kSteps] = uint64_t{1} << kFractionBits;
  return table;
}();

}  // namespace

uint64_t negative_log2(uint64_t number) {
  const auto zeros = static_cast<unsigned>(std::countl_zero(number | 1));
  const uint64_t mantissa = (number | (number == 0 ? 1 : 0)) << zeros;
  const size_t step = (mantissa >> kStepBits) & (kSteps - 1);
  const uint64_t rest = mantissa & ((uint64_t{1} << kStepBits) - 1);
  const uint64_t slope = kLog2[step + 1] - kLog2[step];
  const uint64_t fraction =
      kLog2[step] + static_cast<uint64_t>((static_cast<uint128>(slope) * rest) >> kStepBits);
  return (uint64_t{zeros + 1} << kFractionBits) - fraction;
}

Ring::Ring(std::vector<RingMember> members) : members_(std::move(members)) {
  for (RingMember& member : members_) member.weight = std::clamp(member.weight, 1U, kWeightMax);
  std::sort(members_.begin(), members_.end(), [](const RingMember& a, const RingMember& b) {
    return a.id != b.id ? a.id < b.id : a.weight > b.weight;
  });
  const auto same_id = [](const RingMember& a, const RingMember& b) { return a.id == b.id; };
  members_.erase(std::unique(members_.begin(), members_.end(), same_id), members_.end());
  salts_.reserve(members_.size());
  std::map<uint32_t, Class> by_weight;
  for (const RingMember& member : members_) {
    Class& equals = by_weight[member.weight];
    equals.indices.push_back(salts_.size());
    // Ids are hashes already; mixed again, so that a key that hashes to an id is nothing special.
    salts_.push_back(mix64(member.id + 0x9e3779b97f4a7c15ULL));
    equals.salts.push_back(salts_.back());
  }
  for (auto& [weight, equals] : by_weight) classes_.push_back(std::move(equals));
}

Ring::Draw Ring::draw(size_t index, uint64_t key_hash) const {
  const uint64_t number = mix64(key_hash ^ salts_[index]);
  return {classes_.size() > 1 ? negative_log2(number) : 0, number, members_[index]};
}

// By score / weight, ascending, without a division. Equal weights give the order of the numbers,
// since the logarithm never reverses it: a ring of equal weights need not compute any.
bool Ring::ranks_before(const Draw& a, const Draw& b) {
  const uint128 left = static_cast<uint128>(a.score) * b.member.weight;
  const uint128 right = static_cast<uint128>(b.score) * a.member.weight;
  if (left != right) return left < right;
  if (a.number != b.number) return a.number > b.number;
  return a.member.id < b.member.id;
}

size_t Ring::best_of(const Class& equals, uint64_t key_hash) {
  size_t best = 0;
  uint64_t best_number = mix64(key_hash ^ equals.salts[0]);
  for (size_t i = 1; i < equals.salts.size(); ++i) {
    const uint64_t number = mix64(key_hash ^ equals.salts[i]);
    if (number <= best_number) continue;  // a tie goes to the lower id, which came first
    best = i;
    best_number = number;
  }
  return equals.indices[best];
}

MemberId Ring::owner(uint64_t key_hash) const {
  if (members_.empty()) return 0;
  if (classes_.size() == 1) return members_[best_of(classes_[0], key_hash)].id;
  Draw best = draw(best_of(classes_[0], key_hash), key_hash);
  for (size_t i = 1; i < classes_.size(); ++i) {
    const Draw next = draw(best_of(classes_[i], key_hash), key_hash);
    if (ranks_before(next, best)) best = next;
  }
  return best.member.id;
}

std::vector<MemberId> Ring::candidates(uint64_t key_hash, size_t count) const {
  std::vector<Draw> draws;
  draws.reserve(members_.size());
  for (size_t i = 0; i < members_.size(); ++i) draws.push_back(draw(i, key_hash));
  count = std::min(count, draws.size());
  std::partial_sort(draws.begin(), draws.begin() + static_cast<ptrdiff_t>(count), draws.end(),
                    ranks_before);
  std::vector<MemberId> ids;
  ids.reserve(count);
  for (size_t i = 0; i < count; ++i) ids.push_back(draws[i].member.id);
  return ids;
}

}  // namespace distcache::core
