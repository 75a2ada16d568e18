#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace cluster {

// What a process did or saw, with the times of it (ns_of, the same clock in all processes).
struct Record {
  enum class Act : uint8_t {
    get,
    put,
    remove,
    refresh,  // `version` is what the source had when it began
    load,     // of the source
    ring,     // it sees another ring: `version` is its id, `key` how many members it has
    peer,     // it learned of a member: `version` is its name's fingerprint, `status` the event
    stall,    // it was not run
  };
  enum Flag : uint8_t {
    from_put = 1,  // the value that was read is one that a put made, not a load
    broken = 2,    // the value is not one that anybody made for that key
    unnamed = 4,   // PARTIAL that names nobody
    mirror = 8,    // the value came from a mirror
    older = 16,    // a refresh that gave what the source had before it
  };

  int64_t begin_ns = 0;
  std::atomic<int64_t> end_ns{0};  // 0: it has not ended, or the process died before
  uint64_t version = 0;            // which was read, written to the truth, or loaded
  uint64_t expected = 0;           // of a put_if: a fingerprint of the version that it names
  uint32_t key = 0;
  int32_t late_ms = 0;  // beyond its deadline, what the machine took away subtracted
  Act act = Act::get;
  uint8_t status = 0;
  uint8_t flags = 0;
};

// What one process tells: shared memory, so that it stays when the process is killed. The file is
// as large as this and takes only what is written.
struct Records {
  static constexpr uint64_t kMax = 1 << 20;

  std::atomic<uint64_t> count{0};  // may exceed kMax: then some are missing
  Record records[kMax];
};

// The data behind the source: the current version of each key "k0", "k1", ..., which only writes
// change, and how the source is to behave.
struct Truth {
  static constexpr uint32_t kKeys = 4'096;
  enum Behaviour : uint32_t { answers, fails, never_answers };

  std::atomic<uint64_t> versions[kKeys];
  std::atomic<uint32_t> behaviour;
  std::atomic<uint32_t> longest_load_us;
};

// Shared memory with a T in it that another process has as /proc/PID/fd/N, or nullptr.
template <typename T>
T* map_shared(int descriptor) {
  void* memory = mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  return memory == MAP_FAILED ? nullptr : static_cast<T*>(memory);
}

template <typename T>
T* map_shared(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (descriptor < 0) return nullptr;
  T* memory = map_shared<T>(descriptor);
  close(descriptor);
  return memory;
}

}  // namespace cluster
