#pragma once

#include <distcache.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "common/deadline.h"
#include "common/fields.h"
#include "common/ledger.h"
#include "node/recorder.h"

namespace cluster {

// The "database" of one keyspace in one node, which tests can stop at two places, count and spoil.
//
// The value of a key tells where it comes from: "node/content/key/load", load being the how manieth
// load of the key in this process it is, numbered as the load begins. A key "size:N:..." has a
// pattern of N bytes. Everything may be called by any thread.
class Source {
 public:
  struct Setup {
    std::string node;
    size_t process = 0;  // the row of the ledger
    Ledger* ledger = nullptr;
    Recorder* recorder = nullptr;  // once it is on, it answers
    bool answers_later = false;    // from a thread of its own instead of the SOURCE thread
  };

  explicit Source(Setup setup) : setup_(std::move(setup)) {}
  ~Source();
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;

  static void entry(uintptr_t context, distcache_fetch_t* fetch);
  static void finalize(uintptr_t context);
  int finalized() const { return finalized_; }  // the library must do it once, and not too early

  void set_content(std::string content);
  // How a key is answered from now on: "value", "not_found", "fail" (with `text`), "throw",
  // "never", "twice", "nest" (with the value of `inner` in `inner_keyspace`, got from the cache).
  void behave(const std::string& key, Fields how);

  // A closed gate stops every load of the key that comes to it, before it reads the content
  // ("read") or after that and before it answers ("answer").
  void close_gate(const std::string& key, const std::string& stage);
  void open_gate(const std::string& key, const std::string& stage);
  void release(const std::string& key, const std::string& stage, uint32_t load);
  bool await_gate(const std::string& key, const std::string& stage, size_t count,
                  Milliseconds within);
  void open_all();  // for good

  void use_engine(distcache_t* engine) { engine_ = engine; }

 private:
  struct Gate {
    bool closed = false;
    std::set<uint32_t> waiting;
    std::set<uint32_t> released;
  };

  void serve(distcache_fetch_t* fetch, const std::string& key, uint32_t load);
  void answer(distcache_fetch_t* fetch, const std::string& key, const Fields& how,
              const std::string& value);
  void answer_nested(distcache_fetch_t* fetch, const Fields& how);
  void pass(const std::string& key, const std::string& stage, uint32_t load);
  std::string value_of(const std::string& key, uint32_t load);

  const Setup setup_;
  std::atomic<distcache_t*> engine_{nullptr};
  std::atomic<int> finalized_{0};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string content_ = "first";
  std::map<std::string, uint32_t> loads_;
  std::map<std::string, Fields> behaviours_;
  std::map<std::pair<std::string, std::string>, Gate> gates_;  // by key and stage
  std::vector<std::thread> answering_;
  bool open_all_ = false;
};

}  // namespace cluster
