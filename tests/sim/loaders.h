#pragma once

#include <memory>

#include "base/time.h"
#include "engine/source.h"

namespace distcache::sim {

// What a get_with brings. Its load goes through the FetchRunner like every other, which knows it by
// this. `alive` counts those that the cluster has not let go of.
class CallLoader final : public engine::Source {
 public:
  CallLoader(Instant deadline, std::shared_ptr<uint64_t> alive)
      : deadline_(deadline), alive_(std::move(alive)) {
    ++*alive_;
  }
  ~CallLoader() override { --*alive_; }

  void fetch(engine::FetchPtr) override {}
  Instant deadline() const { return deadline_; }  // of its call
  // False: it has been run before.
  bool first_run() { return !std::exchange(run_, true); }

 private:
  const Instant deadline_;
  const std::shared_ptr<uint64_t> alive_;
  bool run_ = false;
};

}  // namespace distcache::sim
