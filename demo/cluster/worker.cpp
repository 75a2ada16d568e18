#include "demo/cluster/worker.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <thread>

#include "demo/clock.h"
#include "demo/cluster/board.h"
#include "demo/cluster/channel.h"
#include "demo/cluster/page_cache.h"
#include "demo/cluster/replay.h"
#include "demo/database/connection_pool.h"
#include "demo/database/database.h"
#include "demo/failure.h"
#include "demo/workload/workload.h"

namespace demo {
namespace {

using namespace std::chrono_literals;

constexpr uint64_t kMiB = 1024 * 1024;
constexpr size_t kSourceThreads = 8;  // the default of source.threads

class Worker {
 public:
  explicit Worker(const Options& options)
      : options_(options),
        self_(static_cast<size_t>(options.worker)),
        board_(options.board),
        workload_(read_workload(options)),
        database_(make_database(options.database)),
        connections_(*database_, options.location,
                     std::max<size_t>(kSourceThreads, options.threads)),
        replay_(options, workload_, *board_, self_) {}

  // False: the parent has hung up.
  bool obey(Channel& parent) {
    std::string line;
    if (parent.receive(-1, line) != Channel::Heard::line) return false;
    std::istringstream words(line);
    std::string word;
    words >> word;
    if (word == "open") open(words);
    if (word == "join") join();
    if (word == "replay") replay_.run(*cache_);
    if (word == "close") cache_->close();
    parent.send(word == "plain" ? plain(words) : word);
    return true;
  }

 private:
  void open(std::istringstream& words) {
    PageCache::Settings settings;
    settings.name = "process-" + std::to_string(self_ + 1);
    words >> settings.discovery_port >> settings.peers;
    // Room for everything in each process: what is measured is sharing, not eviction.
    settings.bytes_max = 64 * kMiB + 4 * workload_.bytes();
    settings.value_bytes_max = std::max(kMiB, workload_.bytes_max());
    settings.log_level = options_.verbose ? "info" : "off";
    cache_ = std::make_unique<PageCache>(
        settings, [this](std::string_view url, std::string& body) { return load(url, body); },
        [this](std::string_view) { notice(); });
  }

  // The data source. Every query that the cache makes is recorded here and nowhere else.
  bool load(std::string_view url, std::string& body) {
    const std::optional<uint32_t> key = workload_.find(url);
    if (!key) throw Failure("nobody asked for '" + std::string(url) + "'");
    board_->processes[self_].record_load(now_ns(), *key);
    return connections_.find(url, body);
  }

  // The cache tells that a peer is gone: the one that was killed, unless the cluster is closing.
  void notice() {
    int64_t not_yet = 0;
    if (board_->killed_at_ns.load() != 0) {
      board_->processes[self_].noticed_ns.compare_exchange_strong(not_yet, now_ns());
    }
  }

  void join() {
    while (cache_->members() < kProcesses) std::this_thread::sleep_for(1ms);
  }

  std::string plain(std::istringstream& words) {
    int64_t duration_ms = 0;
    words >> duration_ms;
    const Replay::PlainFigures figures = replay_.run_plain(connections_, duration_ms * 1'000'000);
    return "plain " + std::to_string(figures.asked) + " " +
           std::to_string(figures.duration_ns / 1000);
  }

  const Options& options_;
  const size_t self_;
  const SharedBoard board_;
  const Workload workload_;
  const std::unique_ptr<Database> database_;
  ConnectionPool connections_;
  Replay replay_;
  std::unique_ptr<PageCache> cache_;  // its source uses all of the above
};

}  // namespace

int run_worker(const Options& options) {
  Channel parent(options.channel);
  try {
    Worker worker(options);
    while (worker.obey(parent)) {
    }
    return 0;
  } catch (const Failure& failure) {
    parent.send(std::string("failed ") + failure.what());
    return 1;
  }
}

}  // namespace demo
