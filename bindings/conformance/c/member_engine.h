#pragma once

#include <distcache.h>

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "member_value.h"

namespace conformance {

// A call that failed: status and message.
struct Refused {
  distcache_status_t status;
  std::string message;
};

// The engine of a ring member: one keyspace whose source makes values and writes each load down.
class MemberEngine {
 public:
  ~MemberEngine() { close(); }

  // `settings`: PROPERTY=TEXT. Throws Refused, like all of these.
  void open(const std::string& ledger, const std::vector<std::string>& settings);
  void await_ready(int64_t timeout_ms);
  void close();

  // The value as it is. Of a failure: its status.
  distcache_status_t get(std::string_view key, std::string& value) const;
  std::string read(const std::string& key, bool peek) const;
  void put(const std::string& key, std::string_view value) const;
  void remove(const std::string& key) const;
  Making making(const std::string& key, const std::string& number) const;
  std::string peers() const;
  uint64_t loads() const { return loads_; }
  distcache_keyspace_t* pages() const { return pages_; }

 private:
  static void fetch(uintptr_t context, distcache_fetch_t* fetch);
  std::string load(const std::string& key);

  distcache_t* cache_ = nullptr;
  distcache_keyspace_t* pages_ = nullptr;
  std::string name_;
  int ledger_ = -1;
  std::mutex mutex_;
  std::map<std::string, uint64_t> made_;  // loads of each key
  std::atomic<uint64_t> loads_ = 0;
};

}  // namespace conformance
