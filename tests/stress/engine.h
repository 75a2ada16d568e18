#pragma once

#include <distcache.h>

#include <atomic>
#include <memory>
#include <string>

#include "faults.h"
#include "node/handles.h"
#include "source.h"

namespace stress {

// One engine on loopback with a keyspace "main", and whatever it was given that has a finaliser.
class Engine {
 public:
  // `peer`: address of a member to join, or "". Null, and a fault, when it does not open.
  static std::unique_ptr<Engine> open(const std::string& peer, Late& late, Faults& faults);
  // Faults unless every finaliser runs exactly once. Ends the engine first, if that is still to do.
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  distcache_t* handle() const { return engine_; }
  distcache_keyspace_t* keyspace() const { return keyspace_.get(); }
  const std::string& address() const { return address_; }
  Source& source() { return source_; }

  distcache_status_t close(int64_t timeout_ms) {
    return distcache_close(engine_, timeout_ms, nullptr);
  }
  void release();

 private:
  Engine(Late& late, Faults& faults) : faults_(faults), source_(late) {}
  distcache_status_t start(const std::string& peer, cluster::Owned<distcache_error_t>& error);
  static void count(uintptr_t context) { ++*reinterpret_cast<std::atomic<uint32_t>*>(context); }

  Faults& faults_;
  Source source_;
  distcache_t* engine_ = nullptr;
  cluster::Owned<distcache_keyspace_t> keyspace_;
  std::string address_;
  std::atomic<uint64_t> records_{0};
  std::atomic<uint32_t> log_finalized_{0};
  std::atomic<uint32_t> event_finalized_{0};
};

}  // namespace stress
