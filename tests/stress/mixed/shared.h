#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <string>

#include "common/history.h"
#include "harness/child.h"

namespace stress {

// Shared memory with a T in it, all zeros, that processes started by this one map by its path.
template <typename T>
class Shared {
 public:
  Shared() : descriptor_(memfd_create("shared", MFD_CLOEXEC)) {
    const bool there = descriptor_ >= 0 && ftruncate(descriptor_, sizeof(T)) == 0;
    memory_ = there ? cluster::map_shared<T>(descriptor_) : nullptr;
    if (memory_ == nullptr) throw cluster::HarnessFailure("no shared memory");
  }
  ~Shared() {
    munmap(memory_, sizeof(T));
    close(descriptor_);
  }
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;

  std::string path() const {
    return "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(descriptor_);
  }
  T& operator*() const { return *memory_; }
  T* operator->() const { return memory_; }

 private:
  const int descriptor_;
  T* memory_ = nullptr;
};

}  // namespace stress
