#include "core/cluster/swim/rumours.h"

#include <utility>

#include "core/cluster/record_check.h"
#include "core/cluster/swim/suspicion.h"

namespace distcache::core {

void Rumours::add(Rumour rumour) {
  const MemberId about = rumour.about.id();
  forget(about);
  const Place place(0, next_number_--);
  place_of_[about] = place;
  queue_.emplace(place, std::move(rumour));
}

void Rumours::forget(MemberId about) {
  const auto known = place_of_.find(about);
  if (known == place_of_.end()) return;
  queue_.erase(known->second);
  place_of_.erase(known);
}

std::vector<Rumour> Rumours::take(size_t count_max, size_t bytes_max, size_t members) {
  const uint64_t told_max = (factor_ * log10_milli(members + 1) + 999) / 1000;
  std::vector<Rumour> taken;
  std::vector<decltype(queue_)::node_type> again;
  size_t bytes = 0;
  while (!queue_.empty() && taken.size() < count_max) {
    const Rumour& next = queue_.begin()->second;
    bytes += told_bytes(next.about);
    if (!taken.empty() && bytes > bytes_max) break;
    taken.push_back(next);
    auto node = queue_.extract(queue_.begin());
    if (++node.key().first >= told_max) {
      place_of_.erase(node.mapped().about.id());
    } else {
      again.push_back(std::move(node));
    }
  }
  for (auto& node : again) {
    place_of_[node.mapped().about.id()] = node.key();
    queue_.insert(std::move(node));
  }
  return taken;
}

}  // namespace distcache::core
