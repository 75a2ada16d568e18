#include "core/cache/store.h"

#include "core/mutations.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace distcache::core {
namespace {

// What a put that needs room spends on entries that are due before it evicts living ones.
constexpr size_t kExpireStepsPerPut = 8;

}  // namespace

Store::Store(const StoreOptions& options, Allocator& allocator)
    : Store(options, make_policy(options.policy, allocator), allocator) {}

Store::Store(const StoreOptions& options, std::unique_ptr<EvictionPolicy> policy,
             Allocator& allocator)
    : allocator_(allocator),
      limits_(options.limits),
      policy_(std::move(policy)),
      bytes_min_(allocator.true_size(sizeof(Store)) + policy_->bytes() +
                 Index::bytes_min(allocator)),
      index_(allocator, options.index_seed) {}

Store::~Store() { clear(); }

const Entry* Store::find(const Key& key, Instant now) {
  Entry* entry = index_.find(key);
  if (!entry) return nullptr;
  if (entry->expired(now)) {
    ++counters_.expirations;
    remove(*entry);
    index_.maintain(spare_bytes());
    return nullptr;
  }
  policy_->on_hit(*entry);
  return entry;
}

const Entry* Store::peek(const Key& key, Instant now) const {
  const Entry* entry = index_.find(key);
  return entry && !entry->expired(now) ? entry : nullptr;
}

PutResult Store::put(const Key& key, NewEntry fresh, Instant now) {
  const size_t cost = Entry::cost_of(key, fresh, allocator_);
  const bool fits_alone = cost != 0 && limits_.entries_max != 0 &&
                          limits_.bytes_max >= bytes_min_ && cost <= limits_.bytes_max - bytes_min_;
  if (!fits_alone) {
    ++counters_.refused;
    return {PutStatus::too_large, erase(key)};
  }
  if (now >= fresh.expires_at) return {PutStatus::expired, erase(key)};

  Entry* entry = Entry::create(key, fresh, allocator_);
  if (!entry) return {PutStatus::no_memory};
  Entry* old = index_.find(key);
  const bool replaced = old != nullptr;
  if (!old && !index_.reserve()) {
    Entry::destroy(*entry, allocator_);
    return {PutStatus::no_memory};
  }
  make_room(cost, old, now);
  if (entries() == 0 && !index_.reserve()) {
    // All had to go, the index too, and now there is no memory for a new one.
    Entry::destroy(*entry, allocator_);
    return {PutStatus::no_memory, replaced};
  }
  link(*entry, old, now);
  index_.maintain(spare_bytes());
  return {PutStatus::stored, replaced};
}

// Until `cost` more bytes fit, in place of `old` if there is one. `old` turns null if it had to go.
void Store::make_room(size_t cost, Entry*& old, Instant now) {
  const auto enough = [&] {
    const size_t more = cost - (old ? std::min(cost, old->cost()) : 0);
    return fits(more, old ? 0 : 1);
  };
  if (enough()) return;
  for (size_t steps = 0; steps < kExpireStepsPerPut && !enough(); ++steps) {
    const Wheel::Step step = wheel_.step(now);
    if (step.idle) break;
    if (!step.due) continue;
    auto& entry = static_cast<Entry&>(*step.due);
    if (&entry == old) old = nullptr;
    ++counters_.expirations;
    remove(entry);
  }
  while (!enough() && evict(old)) {
  }
  if (enough()) return;
  // Empty, and still too much: what is left of larger times is in the way.
  old = nullptr;
  clear();
}

bool Store::evict(Entry*& old) {
  Entry* victim = policy_->victim();
  if (!victim) return false;
  if (victim == old) old = nullptr;
  ++counters_.evictions;
  forget(*victim);
  // The index shrinks with what it holds, else ever more entries would have to make room for it.
  index_.maintain(SIZE_MAX);
  return true;
}

void Store::link(Entry& entry, Entry* old, Instant now) {
  count(entry);
  if (old) {
    index_.replace(*old, entry);
    policy_->on_replace(*old, entry);
    wheel_.remove(*old);
    uncount(*old);
    Entry::destroy(*old, allocator_);
  } else {
    index_.insert(entry);
    policy_->on_insert(entry);
  }
  wheel_.add(entry, now);
}

void Store::count(const Entry& entry) {
  cost_ += entry.cost();
  if ((entry.flags() & kEntryMirror) == 0) return;
  mirror_cost_ += entry.cost();
  ++mirrors_;
}

void Store::uncount(const Entry& entry) {
  cost_ -= entry.cost();
  if ((entry.flags() & kEntryMirror) == 0) return;
  mirror_cost_ -= entry.cost();
  --mirrors_;
}

void Store::erase_hash(uint64_t key_hash) {
  while (Entry* entry = index_.find_hash(key_hash)) {
    remove(*entry);
    index_.maintain(spare_bytes());
  }
}

bool Store::erase(const Key& key) {
  Entry* entry = index_.find(key);
  if (!entry) return false;
  remove(*entry);
  index_.maintain(spare_bytes());
  return true;
}

void Store::remove(Entry& entry) {
  policy_->on_remove(entry);
  forget(entry);
}

// Of an entry that the policy has let go.
void Store::forget(Entry& entry) {
  index_.erase(entry);
  wheel_.remove(entry);
  uncount(entry);
  Entry::destroy(entry, allocator_);
}

void Store::clear() {
  ScanCursor cursor;
  while (!cursor.done) {
    index_.visit(cursor, [this](Entry& entry) { forget(entry); });
  }
  index_.clear();
  policy_->clear();
  wheel_.clear();
}

void Store::scan(ScanCursor& cursor, size_t steps_max,
                 const std::function<void(const Entry&)>& visit) const {
  for (size_t steps = 0; !cursor.done && steps < steps_max; ++steps) {
    index_.visit(cursor, [&](Entry& entry) {
      ++steps;
      visit(entry);
    });
  }
}

size_t Store::erase_if(ScanCursor& cursor, size_t steps_max,
                       const std::function<bool(const Entry&)>& predicate) {
  size_t erased = 0;
  for (size_t steps = 0; !cursor.done && steps < steps_max; ++steps) {
    index_.visit(cursor, [&](Entry& entry) {
      ++steps;
      if (!predicate(entry)) return;
      ++erased;
      remove(entry);
    });
    index_.maintain(spare_bytes());
  }
  return erased;
}

size_t Store::expire(Instant now, size_t steps_max) {
  size_t erased = 0;
  for (size_t steps = 0; steps < steps_max; ++steps) {
    const Wheel::Step step = wheel_.step(now);
    if (step.idle) break;
    if (!step.due) continue;
    ++counters_.expirations;
    ++erased;
    remove(static_cast<Entry&>(*step.due));
    index_.maintain(spare_bytes());
  }
  return erased;
}

void Store::set_limits(const StoreLimits& limits) {
  limits_ = limits;
  Entry* none = nullptr;
  while (!fits(0, 0) && evict(none)) {
  }
  if (entries() == 0) clear();
}

bool Store::fits(size_t bytes_more, size_t entries_more) const {
  if (mutated(Mutation::any_memory)) return true;
  const size_t used = bytes();
  return entries() + entries_more <= limits_.entries_max && used <= limits_.bytes_max &&
         bytes_more <= limits_.bytes_max - used;
}

size_t Store::spare_bytes() const {
  const size_t used = bytes();
  return used < limits_.bytes_max ? limits_.bytes_max - used : 0;
}

size_t Store::bytes() const {
  return allocator_.true_size(sizeof(Store)) + policy_->bytes() + index_.bytes() + cost_;
}

}  // namespace distcache::core
