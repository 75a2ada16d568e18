#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "core/cluster/actions.h"
#include "core/cluster/swim/local_health.h"
#include "core/cluster/swim/options.h"
#include "core/cluster/swim/prober.h"
#include "core/cluster/swim/suspicion.h"

namespace distcache::core {

// Who of the members is alive, by SWIM and Lifeguard: probes them in turn, keeps the suspicions and
// probes members on behalf of others. It knows nothing of records, links and messages: Membership
// sends what it asks for and tells it what came.
//
// Pure; the same inputs give the same outputs. Memory is linear in the members.
class FailureDetector {
 public:
  struct Answered {  // the probe that somebody asked for has an end
    RouteTag route = 0;
    uint64_t nonce = 0;
    MemberId target = 0;
    bool alive = false;  // else: we decline, the target did not answer us in time
  };
  struct Outcome {
    std::vector<Prober::Probe> probes;
    std::vector<MemberId> failed;    // to be accused
    std::vector<MemberId> dead;      // their suspicion has run out
    std::vector<Answered> answered;  // on behalf of others
  };

  // `nonce_seed`: what others cannot know, where answers are not to be guessed.
  FailureDetector(const SwimOptions& options, uint64_t seed, uint64_t nonce_seed)
      : options_(options),
        health_(options),
        prober_(options, seed, nonce_seed),
        nonces_(~nonce_seed) {}

  void watch(MemberId member) { prober_.add(member); }
  void forget(MemberId member);

  // There is a sign that it may be gone: it is probed next.
  void doubt(MemberId member) { prober_.soon(member); }
  // Another member suspects it: some look too, so that what is true is confirmed soon. Not all of
  // a large cluster: it may be slow, and they would make it slower.
  void look_too(MemberId member) {
    if (options_.shrinking_suspicion) prober_.soon_at_some(member, options_.confirmations + 1);
  }

  // `accuser` says that the member does not answer, or even that its connections are refused.
  // Whether that is news to pass on.
  bool accuse(MemberId member, MemberId accuser, bool refused, Instant now);
  void acquit(MemberId member) { suspicions_.erase(member); }
  // All members that are not suspected themselves find that it refuses connections: its process is
  // gone, and nobody has to wait for its last word.
  bool refused_by_all(MemberId member) const;
  bool suspects(MemberId member) const { return suspicions_.contains(member); }
  void had_to_refute() { health_.worse(); }

  // Another node asks us to probe the target. Nothing to send if too many are under way.
  std::optional<Prober::Probe> probe_for(RouteTag route, uint64_t nonce, MemberId target,
                                         Instant now);
  void on_ack(uint64_t nonce, MemberId from, Outcome& out);
  void withdraw(uint64_t nonce);  // it could not be sent
  void on_decline(uint64_t nonce, MemberId from) { prober_.on_decline(nonce, from); }

  void tick(Instant now, Outcome& out);
  Instant next_deadline() const;

  uint32_t health() const { return health_.score(); }
  std::vector<MemberId> pick(size_t count) { return prober_.pick(count, 0); }

 private:
  struct Case {
    Suspicion suspicion;
    std::set<MemberId> refused_by;
    Instant asked_at = Instant::never();  // for its last word
  };

  void forgive_own_delay(Instant now);
  Instant due(const Case& open) const;

  static constexpr uint64_t kLastWord = 0;  // a nonce that the prober does not use
  static constexpr uint64_t kFirstFavour = uint64_t{1} << 63;  // nonces apart from the prober's
  static constexpr size_t kFavoursMax = 256;

  struct Favour {  // a probe for another node
    Answered answer;
    Instant due;
  };

  const SwimOptions options_;
  LocalHealth health_;
  Prober prober_;
  std::map<MemberId, Case> suspicions_;
  std::map<uint64_t, Favour> favours_;   // by our nonce
  Instant expected_ = Instant::never();  // when tick() should have come at the latest
  SeededRng nonces_;                     // of favours
};

}  // namespace distcache::core
