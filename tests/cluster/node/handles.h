#pragma once

#include <distcache.h>

#include <memory>
#include <string>

#include "common/fields.h"

namespace cluster {

struct Release {
  void operator()(distcache_config_t* it) const { distcache_config_release(it); }
  void operator()(distcache_keyspace_def_t* it) const { distcache_keyspace_def_release(it); }
  void operator()(distcache_keyspace_t* it) const { distcache_keyspace_release(it); }
  void operator()(distcache_result_t* it) const { distcache_result_release(it); }
  void operator()(distcache_peers_t* it) const { distcache_peers_release(it); }
  void operator()(distcache_error_t* it) const { distcache_error_release(it); }
};

template <typename Type>
using Owned = std::unique_ptr<Type, Release>;

// Receives what a call of the C interface gives through a pointer: `Out(owned)` as its argument.
template <typename Type>
class Out {
 public:
  explicit Out(Owned<Type>& owned) : owned_(owned) {}
  ~Out() { owned_.reset(received_); }
  Out(const Out&) = delete;
  Out& operator=(const Out&) = delete;
  operator Type**() { return &received_; }  // NOLINT: that is its use

 private:
  Owned<Type>& owned_;
  Type* received_ = nullptr;
};

inline const uint8_t* bytes_of(const std::string& text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

inline std::string text_of(const uint8_t* bytes, size_t len) {
  return bytes == nullptr ? std::string() : std::string(reinterpret_cast<const char*>(bytes), len);
}

// What a call answered, for the harness: status, text, whether a retry may help, who was missed.
Fields answer_of(distcache_status_t status, const distcache_error_t* error);

// One item of a result: status, value (fingerprint and length if it is long), origin.
Fields answer_of(const distcache_item_t& item, const char* message);

}  // namespace cluster
