#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "core/cluster/swim/options.h"
#include "core/message.h"

namespace distcache::core {

// What this node still has to pass on: of each member the latest, told a bounded number of times
// along with probes and in messages of their own. SWIM, section 4.1; those told least go first, so
// news overtakes what is known already.
class Rumours {
 public:
  explicit Rumours(const SwimOptions& options) : factor_(options.rumour_factor) {}

  // News of a member, in place of what was to be told of it.
  void add(Rumour rumour);
  void forget(MemberId about);
  bool tells_of(MemberId about) const { return place_of_.contains(about); }

  // The next ones for one receiver, at most `count_max` and about `bytes_max` bytes. `members`:
  // those of the view, which decides how often each is told.
  std::vector<Rumour> take(size_t count_max, size_t bytes_max, size_t members);

  bool empty() const { return queue_.empty(); }
  size_t size() const { return queue_.size(); }

 private:
  // How often it was told, and what is smaller for later news.
  using Place = std::pair<uint64_t, uint64_t>;

  uint32_t factor_;
  uint64_t next_number_ = UINT64_MAX;
  std::map<Place, Rumour> queue_;
  std::map<MemberId, Place> place_of_;
};

}  // namespace distcache::core
