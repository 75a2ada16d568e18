#include "core/cluster/swim/rumours.h"

#include <algorithm>
#include <utility>

#include "core/cluster/record_check.h"
#include "core/cluster/swim/suspicion.h"

namespace distcache::core {

void Rumours::add(Rumour rumour) {
  const MemberId about = rumour.about.id();
  queue_[about] = {std::move(rumour), 0, ++last_number_};
}

std::vector<Rumour> Rumours::take(size_t count_max, size_t bytes_max, size_t members) {
  std::vector<Entry*> next;
  next.reserve(queue_.size());
  for (auto& [about, entry] : queue_) next.push_back(&entry);
  std::sort(next.begin(), next.end(), [](const Entry* a, const Entry* b) {
    return a->told != b->told ? a->told < b->told : a->number > b->number;
  });
  const uint64_t told_max = (factor_ * log10_milli(members + 1) + 999) / 1000;
  std::vector<Rumour> taken;
  std::vector<MemberId> done;
  size_t bytes = 0;
  for (Entry* entry : next) {
    bytes += told_bytes(entry->rumour.about);
    if (taken.size() == count_max || (!taken.empty() && bytes > bytes_max)) break;
    taken.push_back(entry->rumour);
    if (++entry->told >= told_max) done.push_back(entry->rumour.about.id());
  }
  for (const MemberId about : done) queue_.erase(about);
  return taken;
}

}  // namespace distcache::core
