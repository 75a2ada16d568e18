#include "cycle.h"

#include <thread>

#include "common/deadline.h"

namespace stress {
namespace {

using cluster::eventually;
using cluster::Milliseconds;

constexpr Milliseconds kPatience{120'000};
constexpr size_t kWorkers = 2;
constexpr uint64_t kCallsMax = 150;

}  // namespace

Cycle::Cycle(uint64_t seed, Shared& shared)
    : seed_(seed),
      shared_(shared),
      random_(seed),
      pair_(random_() % 3 == 0),
      hanging_(random_() % 4 == 0),
      end_(static_cast<End>(random_() % 3)),
      moment_(random_() % kCallsMax) {
  shared_.pairs += pair_ ? 1 : 0;
  shared_.hanging += hanging_ ? 1 : 0;
  shared_.released_open += end_ == End::release ? 1 : 0;
}

bool Cycle::open() {
  engines_.push_back(Engine::open("", shared_.late, shared_.faults));
  if (!engines_.back()) return false;
  if (!pair_) return true;
  engines_.push_back(Engine::open(engines_[0]->address(), shared_.late, shared_.faults));
  return engines_.back() != nullptr;
}

void Cycle::run() {
  if (!open()) return engines_.clear();
  for (size_t i = 0; i < kWorkers; ++i) {
    operations_.push_back(
        std::make_unique<Operations>(random_(), hanging_, shared_.tally, shared_.faults));
  }
  std::vector<std::thread> workers;
  for (size_t i = 0; i < kWorkers; ++i) {
    workers.emplace_back([this, i] { work(*operations_[i], i); });
  }
  await_moment();
  for (const auto& engine : engines_) end(*engine);
  ended_ = true;
  for (std::thread& worker : workers) worker.join();
  await_completions();
  engines_.clear();
}

// Alternates between the engines until each has answered CLOSED.
void Cycle::work(Operations& operations, size_t first) {
  std::vector<bool> closed(engines_.size());
  size_t open = engines_.size();
  for (size_t turn = first; open > 0; ++turn) {
    const size_t index = turn % engines_.size();
    const bool ended = ended_;
    const bool answered = operations.one(engines_[index]->keyspace());
    ++calls_;
    if (answered && closed[index]) shared_.faults.add("a call after CLOSED was answered otherwise");
    // One that was released while it was open is closed a little later.
    if (answered && ended && end_ != End::release) {
      shared_.faults.add("a call after the close was not answered CLOSED");
      return;
    }
    if (!answered && !closed[index]) {
      closed[index] = true;
      --open;
    }
  }
}

void Cycle::await_moment() {
  if (!eventually(kPatience, [this] { return calls_ >= moment_; })) {
    shared_.faults.add("seed " + std::to_string(seed_) + ": calls do not end");
  }
}

void Cycle::end(Engine& engine) {
  const auto timeout_ms = static_cast<int64_t>(1 + random_() % 40);
  if (end_ == End::release) {
    engine.release();
    return;
  }
  std::thread other;
  if (end_ == End::close_twice) other = std::thread([&, this] { close(engine, timeout_ms); });
  close(engine, timeout_ms);
  if (other.joinable()) other.join();
}

void Cycle::close(Engine& engine, int64_t timeout_ms) {
  const distcache_status_t status = engine.close(timeout_ms);
  if (status == DISTCACHE_OK) return;
  ++shared_.closes_timed_out;
  if (status != DISTCACHE_TIMED_OUT) {
    shared_.faults.add(std::string("close answered ") + distcache_status_name(status));
  }
}

void Cycle::await_completions() {
  const auto open_ends = [this] {
    size_t open = 0;
    for (const auto& operations : operations_) open += operations->open_ends();
    return open;
  };
  if (eventually(kPatience, [&] { return open_ends() == 0; })) return;
  shared_.faults.add("seed " + std::to_string(seed_) + ": " + std::to_string(open_ends()) +
                     " accepted calls without a completion");
}

}  // namespace stress
