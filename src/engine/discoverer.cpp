#include "engine/discoverer.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <string>
#include <tuple>

#include "base/limits.h"
#include "base/mutex.h"
#include "core/cluster/address.h"
#include "core/cluster/record_check.h"
#include "core/config/hosts.h"
#include "engine/thread_role.h"

namespace distcache::engine {
namespace {

using std::chrono::steady_clock;

// However often a provider calls out that something has changed.
constexpr Duration kAskGapMin = Duration::ms(100);
// For one that was never started or is given up: nothing is registered.
constexpr Duration kDestructorWait = Duration::seconds(1);

std::chrono::nanoseconds chrono_of(Duration span) {
  return std::chrono::nanoseconds(std::max(span, Duration()).as_ns());
}

// None of ours throws on purpose; without memory all may.
template <typename T, typename Call>
Result<T> guarded(Call&& call) {
  try {
    return call();
  } catch (const std::bad_alloc&) {
    return Error{Status::no_memory, "no memory"};
  } catch (const std::exception& thrown) {
    return Error{Status::internal, std::string("the provider threw: ") + thrown.what()};
  } catch (...) {
    return Error{Status::internal, "the provider threw"};
  }
}

}  // namespace

struct Discoverer::State {
  State(std::shared_ptr<core::Provider> the_provider, Options the_options, const Clock& the_clock,
        Rng& rng, Log& the_log, Found the_found)
      : provider(std::move(the_provider)),
        options(std::move(the_options)),
        clock(the_clock),
        log(the_log),
        found(std::move(the_found)),
        schedule(options.schedule, rng) {}

  const std::shared_ptr<core::Provider> provider;
  const Options options;
  const Clock& clock;
  Log& log;
  const Found found;

  // Of the thread alone.
  core::DiscoverySchedule schedule;
  bool initialized = false;
  bool registered = false;
  std::optional<std::vector<core::Address>> last;
  size_t last_dropped = 0;

  mutable Mutex mutex;
  std::condition_variable changed;
  bool ending GUARDED_BY(mutex) = false;
  bool ended GUARDED_BY(mutex) = true;  // until it is started
  bool hurried GUARDED_BY(mutex) = false;
  bool told GUARDED_BY(mutex) = false;  // `found` has been called
  std::optional<Error> refusal GUARDED_BY(mutex);
  std::shared_ptr<void> kept GUARDED_BY(mutex);

  void run();
  bool may_go_on() const;
  void pause(Duration span);
  Result<std::vector<core::Address>> attempt();
  Result<void> prepare();
  std::vector<core::Address> accepted(std::vector<core::Address> addresses);
  Duration on_failure(const Error& error);
  Duration on_answer(std::vector<core::Address> addresses);
  void hurry();
  void give_up();
  void refuse(const Error& error);
  std::string name() const { return std::string(provider->id()) + ": "; }
};

Discoverer::Discoverer(std::shared_ptr<core::Provider> provider, Options options,
                       const Clock& clock, Rng& rng, Log& log, Found found)
    : state_(std::make_shared<State>(std::move(provider), std::move(options), clock, rng, log,
                                     std::move(found))) {}

Discoverer::~Discoverer() {
  end();
  static_cast<void>(join(kDestructorWait, nullptr));
}

void Discoverer::start() {
  const std::weak_ptr<State> state = state_;
  state_->provider->log_to(state_->log);
  state_->provider->on_change([state] {
    if (const std::shared_ptr<State> alive = state.lock()) alive->hurry();
  });
  {
    MutexLock lock(state_->mutex);
    state_->ended = false;
  }
  thread_ = start_thread("discovery", ThreadRole::discovery, [state = state_] { state->run(); });
}

void Discoverer::give_up() { state_->give_up(); }

std::optional<Error> Discoverer::refusal() const {
  MutexLock lock(state_->mutex);
  return state_->refusal;
}

void Discoverer::end() {
  {
    MutexLock lock(state_->mutex);
    if (std::exchange(state_->ending, true) || state_->ended) return;
    state_->changed.notify_all();
  }
  state_->provider->cancel();
}

bool Discoverer::join(Duration timeout, std::shared_ptr<void> kept) {
  if (!thread_.joinable()) return true;
  const auto until = steady_clock::now() + chrono_of(timeout);
  {
    MutexLock lock(state_->mutex);
    while (!state_->ended) {
      if (lock.wait_until(state_->changed, until) == std::cv_status::timeout) break;
    }
    if (!state_->ended) {
      state_->kept = std::move(kept);
      thread_.detach();
      return false;
    }
  }
  thread_.join();
  return true;
}

// -- on the thread --------------------------------------------------------------------------------

void Discoverer::State::run() {
  while (may_go_on()) {
    Result<std::vector<core::Address>> answer = attempt();
    if (!may_go_on()) break;  // what came of a call that was cancelled is of no interest
    pause(answer.ok() ? on_answer(std::move(*answer)) : on_failure(answer.error()));
  }
  if (registered) {
    const Result<void> done = guarded<void>([this] { return provider->deregister_node(); });
    if (!done) log.warn("discovery", name() + "deregister: " + done.error().message);
  }
  static_cast<void>(guarded<void>([this] {
    provider->close();
    return Result<void>();
  }));
  std::shared_ptr<void> held;  // goes when no lock is held
  MutexLock lock(mutex);
  ended = true;
  held.swap(kept);
  changed.notify_all();
}

bool Discoverer::State::may_go_on() const {
  MutexLock lock(mutex);
  return !ending;
}

void Discoverer::State::pause(Duration span) {
  const auto now = steady_clock::now();
  const auto until = now + chrono_of(span);
  const auto not_before = now + chrono_of(std::min(span, kAskGapMin));
  MutexLock lock(mutex);
  while (!ending) {
    const auto next = hurried ? not_before : until;
    if (steady_clock::now() >= next) break;
    static_cast<void>(lock.wait_until(changed, next));
  }
  hurried = false;
}

Result<std::vector<core::Address>> Discoverer::State::attempt() {
  const Instant begun = clock.now();
  if (const Result<void> ready = prepare(); !ready) return ready.error();
  auto answer = guarded<std::vector<core::Address>>([this] { return provider->discover(); });
  const Duration took = clock.now() - begun;
  if (answer.ok() && took > options.answer_max) {
    return Error{Status::timed_out, "the answer took " + std::to_string(took.as_ms()) +
                                        " ms, longer than bootstrap.timeout.ms, and was dropped"};
  }
  return answer;
}

Result<void> Discoverer::State::prepare() {
  if (!initialized) {
    Result<void> done = guarded<void>([this] { return provider->initialize(); });
    if (!done) return done;
    initialized = true;
  }
  if (!registered && may_go_on()) {
    Result<void> done = guarded<void>([this] { return provider->register_node(options.self); });
    if (!done) return done;
    registered = true;
  }
  return {};
}

Duration Discoverer::State::on_failure(const Error& error) {
  const Duration pause = schedule.after_failure();
  const std::string line = name() + error.message;
  if (schedule.first_failure()) {
    log.warn("discovery", line);
  } else {
    log.debug("discovery", line);
  }
  if (error.status == Status::invalid_config && !(initialized && registered)) refuse(error);
  if (schedule.spent()) give_up();
  return pause;
}

Duration Discoverer::State::on_answer(std::vector<core::Address> addresses) {
  addresses = accepted(std::move(addresses));
  const bool others = std::any_of(
      addresses.begin(), addresses.end(),
      [this](const core::Address& address) { return !core::same_place(address, options.self); });
  if (!last || *last != addresses) {
    last = addresses;
    log.info("discovery", name() + std::to_string(addresses.size()) + " address(es)");
  }
  {
    MutexLock lock(mutex);
    if (!ending) {
      told = true;
      found(std::move(addresses));
    }
  }
  return schedule.after_answer(others, provider->valid_for());
}

// In one order and each once, so that what has not changed looks the same.
std::vector<core::Address> Discoverer::State::accepted(std::vector<core::Address> addresses) {
  const auto kept_out = [this](const core::Address& address) {
    return !core::usable(address) || (options.loopback_only && !core::is_loopback(address.host));
  };
  const auto where = [](const core::Address& address) {
    return std::tie(address.host, address.port, address.public_key);
  };
  const size_t named = addresses.size();
  addresses.erase(std::remove_if(addresses.begin(), addresses.end(), kept_out), addresses.end());
  const size_t dropped = named - addresses.size();
  if (dropped != std::exchange(last_dropped, dropped) && dropped > 0) {
    log.warn("discovery",
             name() + std::to_string(dropped) + " of " + std::to_string(named) +
                 " addresses were dropped: they are malformed, or not of this machine while "
                 "security.plaintext = loopback");
  }
  std::sort(
      addresses.begin(), addresses.end(),
      [&where](const core::Address& a, const core::Address& b) { return where(a) < where(b); });
  addresses.erase(std::unique(addresses.begin(), addresses.end(), core::same_place),
                  addresses.end());
  if (addresses.size() > limits::kMembersMax) {
    log.warn("discovery", name() + std::to_string(addresses.size()) + " addresses are more than " +
                              std::to_string(limits::kMembersMax) + ", the rest was dropped");
    addresses.resize(limits::kMembersMax);
  }
  return addresses;
}

// -- any thread -----------------------------------------------------------------------------------

void Discoverer::State::hurry() {
  MutexLock lock(mutex);
  hurried = true;
  changed.notify_all();
}

void Discoverer::State::give_up() {
  MutexLock lock(mutex);
  if (std::exchange(told, true) || ending) return;
  log.warn("discovery", name() + "no answer yet; running alone and looking on");
  found({});
}

void Discoverer::State::refuse(const Error& error) {
  {
    MutexLock lock(mutex);
    refusal = Error{error.status, name() + error.message};
  }
  give_up();
}

}  // namespace distcache::engine
