#pragma once

#include <distcache.h>

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "bytes.h"

namespace conformance {

// The source of one keyspace in one engine: answers by the rules of the scenario. Its fetches run
// on SOURCE threads, everything else on the runner's.
class Source : public std::enable_shared_from_this<Source> {
 public:
  Source(std::string engine, const Json& rules);
  ~Source();

  // Gives the definition this source; it lives until the library's finaliser ends it, or longer.
  void attach(distcache_keyspace_def_t* def);
  // The same for one call: the context of `fetch`, which `finalize` ends.
  uintptr_t lend();
  static void fetch(uintptr_t context, distcache_fetch_t* fetch);
  static void finalize(uintptr_t context);
  void engine_is(distcache_t* cache);

  void await_held(const std::string& key);
  void await_cancelled(const std::string& key);
  void release(const std::string& key);
  void release_all();
  uint64_t loads(const std::string* key);

 private:
  const Json* next_rule(const std::string& key, uint64_t& load);
  void answer(const Json& rule, distcache_fetch_t* fetch, const std::string& key, uint64_t load);
  void wait_until_allowed(const Json& rule, distcache_fetch_t* fetch, const std::string& key);
  void give(const Json& rule, distcache_fetch_t* fetch, const std::string& value);
  void give_other(const Json& rule, distcache_fetch_t* fetch);

  const std::string engine_;
  const Json rules_;
  std::mutex mutex_;
  std::condition_variable changed_;
  distcache_t* cache_ = nullptr;
  std::vector<uint64_t> used_;  // loads that each rule has answered
  std::map<std::string, uint64_t> loads_;
  std::set<std::string> held_;       // keys with a load that waited at least once
  std::set<std::string> cancelled_;  // keys with a load that saw its cancellation
  std::set<std::string> released_;
  bool all_released_ = false;
  std::vector<std::thread> threads_;  // those that answer later
};

}  // namespace conformance
