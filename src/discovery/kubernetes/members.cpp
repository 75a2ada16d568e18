#include "discovery/kubernetes/members.h"

#include <utility>

#include "base/limits.h"

namespace distcache::discovery {
namespace {

auto deadline(Duration timeout) {
  return std::chrono::steady_clock::now() + std::chrono::nanoseconds(timeout.as_ns());
}

}  // namespace

void KubernetesMembers::replace(std::vector<KubernetesObject> objects) {
  std::map<std::string, std::vector<core::Address>> fresh;
  for (KubernetesObject& object : objects) {
    if (object.addresses.empty() || fresh.size() == limits::kMembersMax) continue;
    fresh[object.uid] = std::move(object.addresses);
  }
  bool different = false;
  {
    MutexLock lock(mutex_);
    different = !known_ || fresh != objects_;
    objects_ = std::move(fresh);
    known_ = true;
    failure_.reset();
    ++attempts_;
    wanted_ = false;
    moved_.notify_all();
  }
  if (different && changed_) changed_();
}

void KubernetesMembers::change(const KubernetesObject& object) {
  if (object.addresses.empty()) return remove(object.uid);
  {
    MutexLock lock(mutex_);
    const auto known = objects_.find(object.uid);
    if (known != objects_.end() && known->second == object.addresses) return;
    if (known == objects_.end() && objects_.size() == limits::kMembersMax) return;
    objects_[object.uid] = object.addresses;
  }
  if (changed_) changed_();
}

void KubernetesMembers::remove(const std::string& uid) {
  MutexLock lock(mutex_);
  objects_.erase(uid);  // nobody has to be told: a hint less changes nothing
}

void KubernetesMembers::failed(Error error) {
  MutexLock lock(mutex_);
  failure_ = std::move(error);
  ++attempts_;
  wanted_ = false;
  moved_.notify_all();
}

bool KubernetesMembers::pause(Duration how_long) {
  const auto until = deadline(how_long);
  MutexLock lock(mutex_);
  while (!over_ && !wanted_) {
    if (lock.wait_until(moved_, until) == std::cv_status::timeout) break;
  }
  return !over_;
}

Result<std::vector<core::Address>> KubernetesMembers::answer() const {
  if (failure_) return *failure_;
  std::vector<core::Address> all;
  for (const auto& [uid, addresses] : objects_) {
    for (const core::Address& address : addresses) {
      if (all.size() < limits::kMembersMax) all.push_back(address);
    }
  }
  return all;
}

Result<std::vector<core::Address>> KubernetesMembers::addresses(Duration timeout) {
  const auto until = deadline(timeout);
  MutexLock lock(mutex_);
  if (known_ && !failure_) return answer();
  const uint64_t attempts = attempts_;
  wanted_ = true;
  moved_.notify_all();
  while (!over_ && attempts_ == attempts) {
    if (lock.wait_until(moved_, until) == std::cv_status::timeout) break;
  }
  if (failure_ || known_) return answer();
  return Error{Status::timed_out, "discovery.kubernetes.server has not answered yet"};
}

void KubernetesMembers::end() {
  MutexLock lock(mutex_);
  over_ = true;
  moved_.notify_all();
}

}  // namespace distcache::discovery
