#include "node/sweep.h"

#include <algorithm>
#include <atomic>
#include <latch>
#include <numeric>
#include <random>
#include <semaphore>
#include <thread>

#include "common/pattern.h"

namespace cluster {
namespace {

constexpr std::ptrdiff_t kPendingMax = 64;  // asynchronous gets of one thread at once

class Sweep {
 public:
  Sweep(distcache_keyspace_t* keyspace, const Fields& command)
      : keyspace_(keyspace),
        first_(static_cast<size_t>(command.number("first"))),
        batch_(static_cast<size_t>(command.number("batch", 100))),
        form_(command.text("form", "result")),
        seed_(static_cast<uint64_t>(command.number("seed"))),
        start_(command.number("threads", 1)),
        values_(static_cast<size_t>(command.number("count"))) {
    options_.timeout_ms = command.number("timeout");
  }

  Fields run(size_t threads) {
    std::vector<std::thread> all;
    for (size_t i = 0; i < threads; ++i) all.emplace_back([this, i] { run_thread(i); });
    for (std::thread& thread : all) thread.join();
    return report();
  }

 private:
  struct Asynchronous {
    Sweep* sweep;
    size_t index;
    std::counting_semaphore<kPendingMax>* free;
  };

  std::string key(size_t index) const { return Ledger::key(first_ + index); }

  void run_thread(size_t thread) {
    std::vector<size_t> order(values_.size());
    std::iota(order.begin(), order.end(), 0);
    std::shuffle(order.begin(), order.end(), std::mt19937_64(seed_ * 1000 + thread));
    start_.arrive_and_wait();
    if (form_ == "many") return get_many(order);
    if (form_ == "async") return get_async(order);
    for (const size_t index : order) get(index);
  }

  void get(size_t index) {
    const std::string name = key(index);
    Owned<distcache_result_t> result;
    Owned<distcache_error_t> error;
    const distcache_status_t status =
        distcache_get(keyspace_, bytes_of(name), name.size(), &options_, Out(result), Out(error));
    saw(index, status, distcache_result_item(result.get(), 0),
        distcache_error_message(error.get()));
  }

  // Batches of the thread's order, of which each asks for its first key twice.
  void get_many(const std::vector<size_t>& order) {
    for (size_t begin = 0; begin < order.size(); begin += batch_ - 1) {
      const size_t end = std::min(order.size(), begin + batch_ - 1);
      std::vector<size_t> indices(order.begin() + static_cast<std::ptrdiff_t>(begin),
                                  order.begin() + static_cast<std::ptrdiff_t>(end));
      indices.push_back(order[begin]);
      std::string keys;
      std::vector<uint32_t> lens;
      for (const size_t index : indices) {
        keys += key(index);
        lens.push_back(static_cast<uint32_t>(key(index).size()));
      }
      Owned<distcache_result_t> result;
      Owned<distcache_error_t> error;
      const distcache_status_t status = distcache_get_many(
          keyspace_, bytes_of(keys), lens.data(), lens.size(), &options_, Out(result), Out(error));
      for (size_t i = 0; i < indices.size(); ++i) {
        const distcache_item_t* item = distcache_result_item(result.get(), i);
        saw(indices[i], item ? item->status : status, item,
            item ? distcache_result_message(result.get(), i)
                 : distcache_error_message(error.get()));
      }
    }
  }

  void get_async(const std::vector<size_t>& order) {
    std::counting_semaphore<kPendingMax> free(kPendingMax);
    std::vector<Asynchronous> calls;
    calls.reserve(order.size());
    for (const size_t index : order) {
      free.acquire();
      calls.push_back({this, index, &free});
      const std::string name = key(index);
      Owned<distcache_error_t> error;
      const distcache_status_t status =
          distcache_get_async(keyspace_, bytes_of(name), name.size(), &options_, &Sweep::done,
                              reinterpret_cast<uintptr_t>(&calls.back()), nullptr, Out(error));
      if (status == DISTCACHE_OK) continue;
      saw(index, status, nullptr, distcache_error_message(error.get()));
      free.release();
    }
    for (std::ptrdiff_t i = 0; i < kPendingMax; ++i) free.acquire();
  }

  static void done(uintptr_t context, distcache_status_t status, distcache_result_t* result,
                   distcache_error_t* error) {
    const auto& call = *reinterpret_cast<Asynchronous*>(context);
    const distcache_item_t* item = distcache_result_item(result, 0);
    call.sweep->saw(call.index, item ? item->status : status, item,
                    item ? distcache_result_message(result, 0) : distcache_error_message(error));
    distcache_result_release(result);
    distcache_error_release(error);
    call.free->release();
  }

  void saw(size_t index, distcache_status_t status, const distcache_item_t* item,
           const char* message) {
    ++gets_;
    const std::lock_guard lock(mutexes_[index % std::size(mutexes_)]);
    if (status != DISTCACHE_OK || item == nullptr) {
      const std::lock_guard failure_lock(failure_mutex_);
      if (failures_++ == 0) {
        failure_ = key(index) + ": " + distcache_status_name(status) + ": " + message;
      }
      return;
    }
    std::string value = text_of(item->data, item->len);
    if (values_[index].empty()) {
      values_[index] = std::move(value);
    } else if (values_[index] != value) {
      ++mixed_;
    }
  }

  Fields report() {
    uint64_t digest = 0;
    std::map<std::string, size_t> from;
    for (const std::string& value : values_) {
      digest = mix(digest, fingerprint(value));
      ++from[value.substr(0, value.find('/'))];
    }
    Fields answer{{"status", "OK"},      {"gets", gets_.load()},   {"failures", failures_},
                  {"failure", failure_}, {"mixed", mixed_.load()}, {"digest", digest}};
    for (const auto& [node, count] : from) answer.set({"from." + node, count});
    return answer;
  }

  distcache_keyspace_t* keyspace_;
  const size_t first_;
  const size_t batch_;
  const std::string form_;
  const uint64_t seed_;
  distcache_options_t options_ = DISTCACHE_OPTIONS_INIT;
  std::latch start_;
  std::mutex mutexes_[64];
  std::vector<std::string> values_;  // the first one seen of each key
  std::atomic<uint64_t> gets_{0};
  std::atomic<uint64_t> mixed_{0};
  std::mutex failure_mutex_;
  uint64_t failures_ = 0;
  std::string failure_;
};

}  // namespace

Fields sweep(Engine& engine, const Fields& command) {
  Fields failure;
  const auto keyspace = engine.keyspace(command, failure);
  if (!keyspace) return failure;
  return Sweep(keyspace.get(), command).run(static_cast<size_t>(command.number("threads", 1)));
}

}  // namespace cluster
