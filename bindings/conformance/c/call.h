#pragma once

#include <distcache.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>

#include "engine.h"
#include "source.h"

namespace conformance {

// Text of a failure, with what the step wants the message to say.
std::string text_of(const Failure& failure, const Json& step);

// What steps keep of the versions that they saw, by name.
using Versions = std::map<std::string, distcache_entry_version_t>;

// One operation on keys, blocking or asynchronous, and its outcome as the output shows it.
class Call {
 public:
  // `loader` is that of a get_with.
  Call(const Json& step, distcache_keyspace_t* keyspace, Versions& versions,
       std::shared_ptr<Source> loader);
  ~Call();
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  void run();    // the blocking form
  void begin();  // the asynchronous form
  void cancel();
  std::string outcome();  // waits for the completion of one that was begun

 private:
  // What the completion of an asynchronous call leaves; lives until both sides are through.
  struct Completion {
    std::mutex mutex;
    std::condition_variable changed;
    bool done = false;
    distcache_status_t status = DISTCACHE_OK;
    distcache_result_t* result = nullptr;
    distcache_error_t* error = nullptr;
  };

  static void complete(uintptr_t context, distcache_status_t status, distcache_result_t* result,
                       distcache_error_t* error);
  void await_completion();
  bool run_one();  // false: the step is of another kind
  void run_many();
  bool begin_one(uintptr_t context);
  bool begin_many(uintptr_t context);
  const int64_t* ttls() const;
  std::string item_text(size_t index) const;
  std::string version_text();

  const Json& step_;
  const std::string op_;
  distcache_keyspace_t* const keyspace_;
  Versions& versions_;
  const std::shared_ptr<Source> loader_;
  bool many_ = false;
  bool reads_ = false;
  std::string keys_;  // packed, as the interface takes them
  std::vector<uint32_t> key_lens_;
  std::string values_;
  std::vector<uint32_t> value_lens_;
  std::vector<int64_t> ttls_ms_;  // of put_many; empty: none given
  distcache_entry_version_t expected_ = {0, 0, 0};
  distcache_entry_version_t version_ = {0, 0, 0};  // that a put_if was told
  distcache_options_t options_ = DISTCACHE_OPTIONS_INIT;

  bool begun_ = false;
  std::shared_ptr<Completion> completion_;
  distcache_op_t* handle_ = nullptr;
  distcache_status_t status_ = DISTCACHE_OK;
  distcache_result_t* result_ = nullptr;
  distcache_error_t* error_ = nullptr;
};

}  // namespace conformance
