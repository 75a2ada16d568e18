#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "demo/cluster/board.h"
#include "demo/cluster/page_cache.h"
#include "demo/database/connection_pool.h"
#include "demo/options.h"
#include "demo/workload/workload.h"

namespace demo {

// How often the requests are replayed.
uint64_t rounds_of(const Options& options, const Workload& workload);

// The requests of all rounds, dealt out to the processes like cards: request i is process i % 3's.
// The figures that say how far each is lie on the board, so that the survivors can go on with the
// share of the one that was killed.
struct Deal {
  uint64_t rounds;
  uint64_t requests;  // of one round

  uint64_t total() const { return rounds * requests; }
  uint64_t share_of(size_t process) const {
    return (total() + kProcesses - 1 - process) / kProcesses;
  }
  uint64_t request(size_t process, uint64_t nth) const { return nth * kProcesses + process; }
};

// The threads of one process that ask. Made and used by one thread.
class Replay {
 public:
  Replay(const Options& options, const Workload& workload, Board& board, size_t self);

  // Returns when nobody's share is left.
  void run(PageCache& cache);

  struct PlainFigures {
    uint64_t asked;
    int64_t duration_ns;
  };
  // The same requests, by as many threads, without a cache, for `duration_ns`.
  PlainFigures run_plain(ConnectionPool& database, int64_t duration_ns);

 private:
  template <typename Work>
  void on_all_threads(Work work);
  void replay(PageCache& cache, Lane& lane);
  bool take(bool& turn, uint64_t& request);
  bool take_of(size_t process, uint64_t& request);
  void wait_until_due(uint64_t request) const;
  void get(PageCache& cache, Lane& lane, uint32_t key);
  void judge(Lane& lane, uint32_t key, std::string_view body);
  void report(std::atomic<uint64_t>& count, uint32_t key, std::string_view what);

  const Options& options_;
  const Workload& workload_;
  const Deal deal_;
  Board& board_;
  const size_t self_;
  ProcessFigures& figures_;
};

}  // namespace demo
