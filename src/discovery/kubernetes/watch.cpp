#include "discovery/kubernetes/watch.h"

#include <algorithm>
#include <chrono>
#include <optional>

#include "base/limits.h"

namespace distcache::discovery {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr size_t kPageBytesMax = 16 * 1024 * 1024;
constexpr size_t kEventBytesMax = 4 * 1024 * 1024;  // the API server keeps objects below 1.5 MiB
constexpr size_t kRefusalBytesMax = 64 * 1024;
constexpr size_t kPagesMax = 1'000;
constexpr int kOk = 200;
constexpr int kGone = 410;
constexpr uint64_t kWatchSecondsMin = 240;  // as other clients do; half a minute of them by chance,
constexpr uint64_t kWatchSecondsSpread = 60;  // so that not all come back at once

}  // namespace

void KubernetesWatch::stop() { http_.stop(); }

void KubernetesWatch::run() {
  Next next = Next::list;
  bool alive = true;
  while (alive && !http_.stopped()) {
    retry_after_ = Duration();
    const auto begin = SteadyClock::now();
    const bool listing = next == Next::list;
    const Result<Next> done = step(next);
    if (http_.stopped()) return;
    next = done.ok() ? *done : Next::list;
    const Duration took =
        Duration::ns(std::chrono::nanoseconds(SteadyClock::now() - begin).count());
    const std::optional<Duration> rest = rest_.after(listing, done.ok(), took, rng_);
    if (!rest) continue;
    // A watch that breaks is nothing as long as the list can be read again.
    if (!done.ok() && listing) members_.failed(done.error());
    if (!done.ok() && !listing && !WatchRest::lived(listing, took) && log_) {
      log_->warn("discovery", "kubernetes: cannot watch, so the list is read again now and then: " +
                                  done.error().message);
    }
    alive = members_.pause(std::max(*rest, retry_after_));
  }
}

Result<KubernetesWatch::Next> KubernetesWatch::step(Next next) {
  try {
    return next == Next::list ? list() : watch();
  } catch (const std::bad_alloc&) {
    return Error{Status::no_memory, "discovery.kubernetes: no memory for an answer"};
  }
}

Result<KubernetesWatch::Next> KubernetesWatch::list() {
  std::vector<KubernetesObject> objects;
  std::string next;
  for (size_t pages = 0; pages < kPagesMax; ++pages) {
    const Result<HttpRequest> request = access_.list(next);
    if (!request.ok()) return request.error();
    std::string body;
    const Result<HttpAnswer> answer = http_.get(*request, [&](int status, std::string_view bytes) {
      body += bytes;
      return body.size() <= (status == kOk ? kPageBytesMax : kRefusalBytesMax);
    });
    if (!answer.ok()) return access_.failure(answer.error().message);
    retry_after_ = std::min(answer->retry_after, WatchRest::kPauseMax);
    if (answer->status != kOk) return access_.refusal(answer->status, read_message(body));
    std::optional<KubernetesPage> page = read_page(body, config_);
    if (!page) return access_.failure("its answer is no list; is this the API server?");
    for (KubernetesObject& object : page->objects) {
      if (!object.addresses.empty()) objects.push_back(std::move(object));
    }
    if (page->next.empty()) {
      version_ = page->resource_version;
      members_.replace(std::move(objects));
      return Next::watch;
    }
    next = page->next;
  }
  return access_.failure("a list of more than " + std::to_string(kPagesMax) + " pages");
}

Result<KubernetesWatch::Next> KubernetesWatch::watch() {
  const auto seconds = static_cast<int64_t>(kWatchSecondsMin + rng_.below(kWatchSecondsSpread));
  const Result<HttpRequest> request = access_.watch(version_, Duration::seconds(seconds));
  if (!request.ok()) return request.error();
  std::string rest;  // an event a line, of which the last one is not whole yet
  Result<Next> next = Next::watch;
  bool ended = false;  // by us
  const Result<HttpAnswer> answer = http_.get(*request, [&](int status, std::string_view bytes) {
    rest += bytes;
    if (status != kOk) return rest.size() <= kRefusalBytesMax;
    size_t begin = 0;
    for (size_t end = rest.find('\n'); end != std::string::npos; end = rest.find('\n', begin)) {
      const std::string_view line(rest.data() + begin, end - begin);
      begin = end + 1;
      const std::optional<KubernetesEvent> event = read_event(line, config_);
      next = event ? take(*event) : access_.failure("its watch tells what is no event");
      if (next.ok() && *next == Next::watch) continue;
      ended = true;
      return false;
    }
    rest.erase(0, begin);
    return rest.size() <= kEventBytesMax;
  });
  if (ended) return next;
  if (!answer.ok()) return access_.failure(answer.error().message);
  retry_after_ = std::min(answer->retry_after, WatchRest::kPauseMax);
  if (answer->status == kGone) return Next::list;
  if (answer->status != kOk) return access_.refusal(answer->status, read_message(rest));
  return Next::watch;
}

Result<KubernetesWatch::Next> KubernetesWatch::take(const KubernetesEvent& event) {
  switch (event.kind) {
    case KubernetesEvent::Kind::error:
      if (event.code == kGone) return Next::list;
      return access_.refusal(event.code, event.message);
    case KubernetesEvent::Kind::deleted:
      members_.remove(event.object.uid);
      break;
    case KubernetesEvent::Kind::changed:
      members_.change(event.object);
      break;
    case KubernetesEvent::Kind::bookmark:
      break;
  }
  version_ = event.resource_version;
  return Next::watch;
}

}  // namespace distcache::discovery
