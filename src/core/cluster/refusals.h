#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>

#include "base/time.h"
#include "core/types.h"

namespace distcache::core {

// Which refusals the user is told of: who asks in vain again and again is told of once a minute and
// reason, with how often it was refused in between. Of more than kKnownMax at once (whoever makes
// up names, say) the rest is one.
//
// Pure. Part of Membership.
class Refusals {
 public:
  static constexpr Duration kTellInterval = Duration::seconds(60);
  static constexpr size_t kKnownMax = 64;

  // How many were left out since one like it was told of; nothing if this one is left out too.
  std::optional<uint64_t> tell(MemberId who, std::string_view why, Instant now);

  size_t size() const { return known_.size(); }

 private:
  struct Known {
    Instant told;
    uint64_t left_out = 0;
  };

  bool make_room(Instant now);

  std::map<uint64_t, Known> known_;  // by who and why
};

}  // namespace distcache::core
