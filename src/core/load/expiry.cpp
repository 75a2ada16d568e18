#include "core/load/expiry.h"

#include <algorithm>

#include "base/int128.h"
#include "base/limits.h"

namespace distcache::core {

Instant expires_at(const ExpiryRule& rule, Duration asked, Instant now, uint64_t random) {
  Duration ttl = asked.is_zero() ? rule.ttl : asked;
  if (ttl.is_zero()) ttl = Duration::max();
  if (!rule.ttl_max.is_zero()) ttl = std::min(ttl, rule.ttl_max);
  if (ttl == Duration::max()) return Instant::never();
  ttl = std::min(ttl, Duration::ms(limits::kTtlMsMax));

  const auto spread =
      static_cast<uint64_t>(ttl.as_ns() / 100) * std::min(rule.jitter_percent, 100U);
  const auto cut = static_cast<int64_t>((static_cast<uint128>(random) * spread) >> 64);
  return now + (ttl - Duration::ns(cut));
}

}  // namespace distcache::core
