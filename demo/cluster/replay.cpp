#include "demo/cluster/replay.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>
#include <vector>

#include "demo/clock.h"
#include "demo/failure.h"

namespace demo {
namespace {

using namespace std::chrono_literals;

// What half a minute of full speed takes, and a few seconds of it.
constexpr uint64_t kRequestsWanted = 600'000;
constexpr uint64_t kRequestsWantedQuick = 80'000;
// Before a thread without work looks again whether a share has become free.
constexpr auto kLookAgain = 1ms;

void add(std::atomic<uint64_t>& count, uint64_t more) {  // by the one thread that writes it
  count.store(count.load(std::memory_order_relaxed) + more, std::memory_order_relaxed);
}

Answer answer_of(int32_t origin) {
  switch (origin) {
    case DISTCACHE_ORIGIN_LOCAL:
    case DISTCACHE_ORIGIN_MIRROR:
      return Answer::local_memory;
    case DISTCACHE_ORIGIN_OWNER:
      return Answer::owners_memory;
    default:
      return Answer::database;
  }
}

void record(Lane& lane, Answer answer, int64_t duration_ns) {
  lane.latency[static_cast<size_t>(answer)].record(static_cast<uint64_t>(duration_ns));
}

}  // namespace

uint64_t rounds_of(const Options& options, const Workload& workload) {
  if (options.rounds != 0) return options.rounds;
  if (!options.full_speed()) return 1;
  const uint64_t wanted = options.quick ? kRequestsWantedQuick : kRequestsWanted;
  return (wanted + workload.requests().size() - 1) / workload.requests().size();
}

Replay::Replay(const Options& options, const Workload& workload, Board& board, size_t self)
    : options_(options),
      workload_(workload),
      deal_{rounds_of(options, workload), workload.requests().size()},
      board_(board),
      self_(self),
      figures_(board.processes[self]) {}

template <typename Work>
void Replay::on_all_threads(Work work) {
  std::vector<std::thread> threads;
  for (size_t i = 0; i < options_.threads; ++i) {
    threads.emplace_back([&work, &lane = figures_.lanes[i]] { work(lane); });
  }
  for (std::thread& thread : threads) thread.join();
}

void Replay::run(PageCache& cache) {
  on_all_threads([&](Lane& lane) { replay(cache, lane); });
  figures_.finished_ns.store(now_ns());
}

void Replay::replay(PageCache& cache, Lane& lane) {
  bool turn = false;
  uint64_t request = 0;
  while (take(turn, request)) {
    if (!options_.full_speed()) wait_until_due(request);
    get(cache, lane, workload_.requests()[request % deal_.requests].key);
  }
}

// The next request of this process; once another one is dead, every second one is of its share.
// False: nothing is left for anybody.
bool Replay::take(bool& turn, uint64_t& request) {
  for (;;) {
    const uint32_t orphaned = board_.orphaned.load(std::memory_order_acquire);
    turn = !turn;
    if (orphaned != 0 && turn && take_of(orphaned - 1, request)) return true;
    if (take_of(self_, request)) return true;
    if (orphaned != 0) return take_of(orphaned - 1, request);
    std::this_thread::sleep_for(kLookAgain);
  }
}

bool Replay::take_of(size_t process, uint64_t& request) {
  std::atomic<uint64_t>& next = board_.processes[process].next;
  if (next.load(std::memory_order_relaxed) >= deal_.share_of(process)) return false;
  const uint64_t nth = next.fetch_add(1, std::memory_order_relaxed);
  request = deal_.request(process, nth);
  return nth < deal_.share_of(process);
}

void Replay::wait_until_due(uint64_t request) const {
  const uint64_t round = request / deal_.requests;
  const uint64_t recorded_ms =
      round * workload_.duration_ms() + workload_.requests()[request % deal_.requests].at_ms;
  const auto after_ns =
      static_cast<int64_t>(static_cast<double>(recorded_ms) * 1e6 / options_.speed);
  const int64_t due_ns = board_.started_ns.load() + after_ns;
  std::this_thread::sleep_until(
      std::chrono::steady_clock::time_point(std::chrono::nanoseconds(due_ns)));
}

void Replay::get(PageCache& cache, Lane& lane, uint32_t key) {
  PageCache::Page page;
  std::string fault;
  const int64_t begin = now_ns();
  const distcache_status_t status = cache.get(workload_.key(key), page, &fault);
  const int64_t duration = now_ns() - begin;

  if (status == DISTCACHE_OK) {
    record(lane, answer_of(page.origin()), duration);
    judge(lane, key, page.body());
  } else if (status == DISTCACHE_NOT_FOUND && !workload_.present(key)) {
    record(lane, Answer::nowhere, duration);
  } else {
    report(lane.errors, key, std::string(distcache_status_name(status)) + ", " + fault);
  }
  const int64_t killed_at = board_.killed_at_ns.load(std::memory_order_relaxed);
  const auto spent = static_cast<uint64_t>(duration);
  if (killed_at != 0 && spent > lane.slowest_after_kill_ns.load(std::memory_order_relaxed)) {
    lane.slowest_after_kill_ns.store(spent, std::memory_order_relaxed);
  }
  add(lane.gets, 1);  // last: who sees it sees the rest
}

void Replay::judge(Lane& lane, uint32_t key, std::string_view body) {
  add(lane.bytes, body.size());
  if (!workload_.present(key)) {
    report(lane.wrong, key, "a value, and the database has none");
  } else if (!workload_.matches(key, body)) {
    report(lane.wrong, key, "not what the database has");
  }
}

void Replay::report(std::atomic<uint64_t>& count, uint32_t key, std::string_view what) {
  add(count, 1);
  figures_.record_fault("process " + std::to_string(self_ + 1) + ", '" +
                        std::string(workload_.key(key).substr(0, 80)) + "': " + std::string(what));
}

Replay::PlainFigures Replay::run_plain(ConnectionPool& database, int64_t duration_ns) {
  const int64_t begin = now_ns();
  std::atomic<uint64_t> next{0};
  on_all_threads([&](Lane& lane) {
    std::string body;
    while (now_ns() < begin + duration_ns) {
      const uint64_t request = deal_.request(self_, next.fetch_add(1)) % deal_.requests;
      const int64_t asked = now_ns();
      database.find(workload_.key(workload_.requests()[request].key), body);
      record(lane, Answer::plain_query, now_ns() - asked);
    }
  });
  return {next.load(), now_ns() - begin};
}

}  // namespace demo
