#pragma once

#include <distcache.h>

#include <cstdint>
#include <string>

namespace bench {

inline constexpr size_t kKeyBytes = 24;
inline constexpr size_t kValueBytes = 1024;

// "key-00000000000000000042": 24 bytes.
std::string key_of(uint64_t number);

// An engine with the keyspace "bench", ended with the object. The process ends when anything fails.
class Node {
 public:
  struct Options {
    uint16_t discovery_port = 0;
    uint16_t seed_port = 0;  // 0 = standalone
    bool has_source = true;
    const char* bytes_max = "2GiB";
    size_t value_bytes = kValueBytes;
  };
  explicit Node(const Options& options);
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  distcache_keyspace_t* keyspace() const { return keyspace_; }
  void wait_for_members(size_t count) const;
  uint64_t bytes() const;
  uint64_t entries() const;

 private:
  distcache_t* engine_ = nullptr;
  distcache_keyspace_t* keyspace_ = nullptr;
};

void check(distcache_status_t status, distcache_error_t* error, const char* what);

}  // namespace bench
