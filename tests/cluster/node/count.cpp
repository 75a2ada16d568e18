#include "node/count.h"

#include <charconv>
#include <mutex>
#include <thread>
#include <vector>

namespace cluster {
namespace {

class Count {
 public:
  Count(distcache_keyspace_t* keyspace, const Fields& command)
      : keyspace_(keyspace),
        key_(command.text("key")),
        rounds_(static_cast<size_t>(command.number("rounds"))) {
    options_.timeout_ms = 20'000;
  }

  Fields run(size_t threads) {
    std::vector<std::thread> all;
    for (size_t i = 0; i < threads; ++i) {
      all.emplace_back([this] {
        for (size_t done = 0; done < rounds_;) done += next() ? 1 : 0;
      });
    }
    for (std::thread& thread : all) thread.join();
    Fields answer;
    answer.set({"status", "OK"});
    answer.set_list("put", put_);
    answer.set({"unsure", unsure_});
    answer.set({"mismatches", mismatches_});
    answer.set({"failures", failures_});
    return answer;
  }

 private:
  // Whether it has put another number.
  bool next() {
    distcache_entry_version_t version{};
    const uint64_t number = read(version) + 1;
    const std::string text = std::to_string(number);
    const distcache_status_t status =
        distcache_put_if(keyspace_, bytes_of(key_), key_.size(), bytes_of(text), text.size(),
                         &version, &options_, nullptr, nullptr);
    const std::lock_guard lock(mutex_);
    // With PARTIAL it is done, too, and somebody may not know of it.
    const bool done = status == DISTCACHE_OK || status == DISTCACHE_PARTIAL;
    if (done) {
      put_.push_back(text);
    } else if (status == DISTCACHE_UNKNOWN) {
      ++unsure_;
    } else if (status == DISTCACHE_VERSION_MISMATCH) {
      ++mismatches_;
    } else {
      ++failures_;
    }
    return done;
  }

  uint64_t read(distcache_entry_version_t& version) {
    Owned<distcache_result_t> result;
    const distcache_status_t status =
        distcache_get(keyspace_, bytes_of(key_), key_.size(), &options_, Out(result), nullptr);
    const distcache_item_t* item = distcache_result_item(result.get(), 0);
    if (status != DISTCACHE_OK || item == nullptr) return 0;
    version = item->version;
    const std::string text(reinterpret_cast<const char*>(item->data), item->len);
    uint64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
  }

  distcache_keyspace_t* const keyspace_;
  const std::string key_;
  const size_t rounds_;
  distcache_options_t options_ = DISTCACHE_OPTIONS_INIT;
  std::mutex mutex_;
  std::vector<std::string> put_;
  uint64_t unsure_ = 0, mismatches_ = 0, failures_ = 0;
};

}  // namespace

Fields count(Engine& engine, const Fields& command) {
  Fields failure;
  const auto keyspace = engine.keyspace(command, failure);
  if (!keyspace) return failure;
  return Count(keyspace.get(), command).run(static_cast<size_t>(command.number("threads", 1)));
}

}  // namespace cluster
