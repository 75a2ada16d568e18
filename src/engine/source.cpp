#include "engine/source.h"

#include <algorithm>

#include "core/mutations.h"
#include "engine/spent_loaders.h"

namespace distcache::engine {

Fetch::Fetch(std::string keyspace, core::FetchStart start, const Clock& clock,
             std::shared_ptr<const std::atomic<bool>> ended, Answered answered, Ancestors ancestors,
             Wanted wanted)
    : keyspace_(std::move(keyspace)),
      start_(std::move(start)),
      clock_(clock),
      ended_(std::move(ended)),
      answered_(std::move(answered)),
      ancestors_(std::move(ancestors)),
      wanted_(std::move(wanted)) {}

Fetch::~Fetch() {
  core::LoadAnswer nothing;
  nothing.status = Status::source_failed;
  nothing.message = "the source gave the load back without an answer";
  answer(std::move(nothing));
}

std::shared_ptr<Source> Fetch::loader() const {
  const auto held = std::static_pointer_cast<HeldLoader>(start_.loader);
  return held ? held->source() : nullptr;
}

std::vector<core::Ancestor> Fetch::ancestors() const {
  std::vector<core::Ancestor> now;
  if (ancestors_) now = ancestors_();
  return now.empty() ? start_.ancestors : now;
}

Duration Fetch::remaining() const {
  if (overdue() || (wanted_ && !wanted_())) return Duration();
  return std::max(start_.deadline - clock_.now(), Duration());
}

bool Fetch::overdue() const {
  return ended_->load(std::memory_order_acquire) || start_.deadline <= clock_.now();
}

bool Fetch::answer(core::LoadAnswer answer) {
  const bool before = answered_flag_.exchange(true, std::memory_order_acq_rel);
  if (before && !core::mutated(core::Mutation::second_answer)) return false;
  answered_(std::move(answer));
  answered_ = nullptr;  // gives the engine back early, even if the user keeps the fetch
  return true;
}

}  // namespace distcache::engine
