#include <algorithm>
#include <cstdio>
#include <map>

#include "base/hash.h"
#include "figures.h"
#include "rings.h"

// Who owns a key: our rendezvous hashing beside what others use, for clusters of four sizes.
namespace bench {
namespace {

constexpr size_t kSizes[] = {3, 32, 100, 1'000};
constexpr uint64_t kBatch = 512;  // lookups between two looks at the clock

std::vector<uint64_t> ids_of(size_t members) {
  std::vector<uint64_t> ids;
  for (size_t i = 0; i < members; ++i)
    ids.push_back(distcache::hash64("node-" + std::to_string(i)));
  return ids;
}

std::vector<uint64_t> hashes_of(size_t keys) {
  std::vector<uint64_t> hashes;
  for (size_t i = 0; i < keys; ++i) {
    hashes.push_back(distcache::hash64("user:" + std::to_string(i)));
  }
  return hashes;
}

double ns_per_lookup(const Scheme& scheme, const std::vector<uint64_t>& hashes, double seconds) {
  uint64_t lookups = 0, sum = 0;
  const CpuWatch watch;
  while (watch.seconds() < seconds) {
    for (uint64_t i = 0; i < kBatch; ++i, ++lookups) {
      sum += scheme.owner(hashes[lookups % hashes.size()]);
    }
  }
  [[maybe_unused]] volatile uint64_t used = sum;  // else none of it need be computed
  return watch.seconds() * 1e9 / static_cast<double>(lookups);
}

struct Quality {
  double largest = 0;  // share, of the one that is fair by weight
  double moved = 0;    // keys, of those that the member which leaves had to give up at least
};

// The member in the middle leaves.
Quality quality_of(const SchemeKind& kind, size_t members, const std::vector<uint64_t>& hashes) {
  std::vector<uint64_t> ids = ids_of(members);
  const uint64_t leaver = ids[members / 2];
  const std::unique_ptr<Scheme> before = kind.make(ids);
  ids.erase(ids.begin() + static_cast<ptrdiff_t>(members / 2));
  const std::unique_ptr<Scheme> after = kind.make(ids);
  std::map<uint64_t, uint64_t> owned;
  uint64_t moved = 0;
  for (const uint64_t hash : hashes) {
    const uint64_t owner = before->owner(hash);
    ++owned[owner];
    moved += after->owner(hash) != owner ? 1 : 0;
  }
  double total_weight = kind.weight_of(leaver);
  for (const uint64_t id : ids) total_weight += kind.weight_of(id);
  Quality quality;
  for (const auto& [id, keys] : owned) {
    const double fair = static_cast<double>(hashes.size()) * kind.weight_of(id) / total_weight;
    quality.largest = std::max(quality.largest, static_cast<double>(keys) / fair);
  }
  quality.moved = static_cast<double>(moved) / static_cast<double>(owned[leaver]);
  return quality;
}

}  // namespace

std::string run_ring(const Settings& settings) {
  const std::vector<uint64_t> hashes = hashes_of(1'000'000);
  const std::vector<uint64_t> few(hashes.begin(), hashes.begin() + 4'096);
  const size_t kinds = schemes().size();
  // All schemes in each round, so that a change of the machine's speed hits them alike.
  std::map<std::pair<size_t, size_t>, std::vector<double>> ns;
  for (const size_t members : kSizes) {
    std::vector<std::unique_ptr<Scheme>> made;
    for (const SchemeKind& kind : schemes()) made.push_back(kind.make(ids_of(members)));
    for (int round = 0; round < settings.rounds; ++round) {
      for (size_t i = 0; i < kinds; ++i) {
        ns[{i, members}].push_back(ns_per_lookup(*made[i], few, settings.round_s / 8));
      }
    }
  }
  std::printf("\nOwner of a key that is hashed already; 10^6 keys user:%%d; one member leaves\n");
  std::printf("  %-28s %8s %10s %22s %12s %12s %10s\n", "", "members", "ns", "least .. most",
              "max / fair", "moved / min", "bytes");
  std::string summary = "owner among 3/32/100/1000";
  for (size_t i = 0; i < kinds; ++i) {
    const SchemeKind& kind = schemes()[i];
    for (const size_t members : kSizes) {
      const Spread time = spread(ns[{i, members}]);
      const Quality quality = quality_of(kind, members, hashes);
      std::printf("  %-28s %8zu %10.1f %10.1f ..%10.1f %12.3f %12.2f %10zu\n", kind.name, members,
                  time.median, time.least, time.most, quality.largest, quality.moved,
                  kind.make(ids_of(members))->bytes());
      if (i == 0) {
        char text[32];
        std::snprintf(text, sizeof text, "%s%.0f", members == kSizes[0] ? " in " : "/",
                      time.median);
        summary += text;
      }
    }
  }
  std::fflush(stdout);
  return summary + " ns";
}

}  // namespace bench
