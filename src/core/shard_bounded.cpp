#include <algorithm>

#include "core/mutations.h"
#include "core/shard.h"

// partition = bounded: what this node may do while no majority confirms it. Whether one does is
// found out by core/cluster/majority.
namespace distcache::core {

void Shard::set_options(ShardOptions options) {
  if (options.bounded != options_.bounded) {
    // What is here was stored under the other rule.
    if (options.bounded) store_.clear();
    confirmed_until_ = options.bounded ? Instant() : Instant::never();
    missing_.reset();
  }
  options_ = std::move(options);
}

void Shard::confirm(Instant until, Names missing, Instant now) {
  if (!options_.bounded) return;
  if (!may_serve_confirmed(now)) {
    ScanCursor cursor;
    store_.erase_if(cursor, SIZE_MAX,
                    [](const Entry& entry) { return (entry.flags() & kEntryConfirmed) != 0; });
  }
  if (now >= confirmed_until_) unconfirmed_through_ = now;
  confirmed_until_ = until;
  missing_ = std::move(missing);
}

bool Shard::may_serve_confirmed(Instant now) const {
  return now < confirmed_until_ + options_.mirror_lease || mutated(Mutation::no_cap);
}

// A load that ran while nobody confirmed this node, if only for a part of its time, may be older
// than a write that did not reach it.
bool Shard::keeps_confirmed(Instant from, Instant now) const {
  if (!options_.bounded || mutated(Mutation::no_cap)) return true;
  return from >= unconfirmed_through_ && now < confirmed_until_;
}

void Shard::keep_as_confirmed(NewEntry& entry, Instant from, Instant now) const {
  if (!options_.bounded) return;
  if (keeps_confirmed(from, now)) {
    entry.flags |= kEntryConfirmed;
  } else {
    entry.expires_at = std::min(entry.expires_at, from + options_.mirror_lease);
  }
}

// A write that was applied by a node that nobody confirms is one of a part of the members: the
// others may have an owner of their own, and do not know of it.
void Shard::name_missing(Outcome& outcome, Instant now) const {
  if (now < confirmed_until_ || mutated(Mutation::minority_ok)) return;
  if (!is_applied(outcome.status)) return;
  if (is_complete(outcome.status)) {
    outcome.message =
        "applied, but no majority of the members of keyspace '" + options_.keyspace_name +
        "' confirms this owner (partition = bounded): those that are missing may not know of it";
  }
  outcome.status = Status::partial;
  outcome.retriable = true;
  static const std::vector<std::string> kNobodyYet = {"the majority of the members"};
  for (const std::string& name : missing_ && !missing_->empty() ? *missing_ : kNobodyYet) {
    std::vector<std::string>& named = outcome.unconfirmed;
    if (std::find(named.begin(), named.end(), name) == named.end()) named.push_back(name);
  }
}

}  // namespace distcache::core
