#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "core/types.h"

namespace distcache::core {

// Whom an owner has lent its keys, and until when by its own clock (Gray and Cheriton, "Leases: an
// efficient fault-tolerant mechanism for distributed file cache consistency", SOSP 1989): those
// have to be told of a write, or their leases to end, before it is answered.
//
// Bounded: where there is no room, nothing is lent. Pure; lives under its shard's lock.
class LeaseHolders {
 public:
  static constexpr size_t kKeysMax = 1'024;
  static constexpr size_t kHoldersMax = 64;  // of one key

  struct Holder {
    MemberId member = 0;
    Instant until;
    uint64_t recall = 0;  // the last one since it was lent the key; 0: none
  };

  // False: it must not be lent, since it could not be remembered.
  bool lend(Bytes key, MemberId to, Instant until, Instant now);
  bool lent(Bytes key, Instant now) const;
  // Those that may have the key now; it is this recall that takes it back.
  std::vector<Holder> recall(Bytes key, uint64_t recall, Instant now);
  // Calls each(key, holder) of what may be held now.
  template <typename Each>
  void for_each(Instant now, Each each) const {
    for (const auto& [key, holders] : keys_) {
      for (const Holder& holder : holders) {
        if (holder.until > now) each(key, holder);
      }
    }
  }
  // Those that may have any key, each once with its latest end.
  std::vector<Holder> all(Instant now) const;
  // The holder has dropped the key for this recall: forgotten, unless it was lent the key again.
  void returned(Bytes key, MemberId holder, uint64_t recall);

  // Forgets what has ended.
  void sweep(Instant now);
  // When that is worth while; never() if nothing is lent.
  Instant next_sweep() const { return sweep_at_; }
  size_t keys() const { return keys_.size(); }

 private:
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return hash64(text); }
  };
  using Keys = std::unordered_map<std::string, std::vector<Holder>, Hash, std::equal_to<>>;

  Keys keys_;
  Instant sweep_at_ = Instant::never();
};

}  // namespace distcache::core
