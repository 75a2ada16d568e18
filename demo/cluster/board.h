#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "demo/cluster/histogram.h"

namespace demo {

constexpr size_t kProcesses = 3;
constexpr size_t kThreadsMax = 64;       // per process
constexpr size_t kLoadsMax = 1'000'000;  // recorded per process

// Where a get was answered, and the plain database for comparison.
enum class Answer : uint8_t {
  local_memory,
  owners_memory,
  database,
  nowhere,  // there is no such page: answered by memory or database, which is not told
  plain_query
};
constexpr size_t kAnswers = 5;

// The figures of one thread that replays requests. It alone writes them.
struct Lane {
  std::atomic<uint64_t> gets;  // that have returned
  std::atomic<uint64_t> errors;
  std::atomic<uint64_t> wrong;  // values that are not the page's, or of a page that does not exist
  std::atomic<uint64_t> bytes;
  std::atomic<uint64_t> slowest_after_kill_ns;
  std::array<Histogram, kAnswers> latency;
};

// A database query made by the cache.
struct Load {
  int64_t started_ns;
  uint32_t key;
};

struct ProcessFigures {
  std::atomic<uint64_t> next;       // request of this process's share to be taken next
  std::atomic<int64_t> noticed_ns;  // when the cache told that the killed process is gone, or 0
  std::atomic<int64_t> finished_ns;
  std::atomic<uint64_t> loads;        // may exceed kLoadsMax: then the surplus is not recorded
  std::atomic<uint32_t> fault_state;  // 0 none, 1 being written, 2 written
  std::array<char, 300> fault;        // the first error or wrong value, as a sentence
  std::array<Lane, kThreadsMax> lanes;
  std::array<Load, kLoadsMax> load_log;

  // SOURCE threads.
  void record_load(int64_t started_ns, uint32_t key);
  // Any thread; only the first one is kept.
  void record_fault(std::string_view sentence);
  std::string first_fault() const;
  std::span<const Load> recorded_loads() const;
};

// What all processes write into and the parent reads: memory that they share, since what a process
// knew when it was killed must not die with it. All of it starts as zero.
struct Board {
  std::atomic<int64_t> started_ns;    // of the replay
  std::atomic<int64_t> killed_at_ns;  // just before the signal, 0 before that
  std::atomic<uint32_t> orphaned;     // 1 + the process whose share the others have taken over
  std::array<ProcessFigures, kProcesses> processes;
};
static_assert(std::atomic<uint64_t>::is_always_lock_free, "or processes could not share them");

// The memory, made by the parent and attached to by its children through an inherited descriptor.
class SharedBoard {
 public:
  SharedBoard();
  explicit SharedBoard(int descriptor);
  ~SharedBoard();
  SharedBoard(const SharedBoard&) = delete;
  SharedBoard& operator=(const SharedBoard&) = delete;

  int descriptor() const { return descriptor_; }
  Board& operator*() const { return *board_; }
  Board* operator->() const { return board_; }

 private:
  void map();

  int descriptor_;
  Board* board_ = nullptr;
};

}  // namespace demo
