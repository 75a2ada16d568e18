#include <arpa/inet.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <thread>

#include "figures.h"
#include "node.h"
#include "raw_zmq.h"

// Hits at another process, which owns every key, against raw ZeroMQ with the same payload. The
// other process is forked before this one has any thread.
namespace bench {
namespace {

constexpr uint64_t kKeys = 10'000;

uint16_t free_port() {
  const int descriptor = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  bind(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address);
  getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size);
  close(descriptor);
  return ntohs(address.sin_port);
}

// The owner of all keys, and the raw ROUTER, each on threads of their own, until killed.
[[noreturn]] void serve(uint16_t port, uint16_t raw_port) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  Node::Options options;
  options.discovery_port = port;
  const Node node(options);
  RawServer::serve(raw_port);
  _exit(0);
}

// Asynchronous gets, `in_flight` of them at any time, each completion submitting the next one.
class Pipeline {
 public:
  explicit Pipeline(distcache_keyspace_t* keyspace) : keyspace_(keyspace) {}

  double rate(size_t in_flight, double seconds) {
    running_ = true;
    answered_ = 0;
    for (size_t i = 0; i < in_flight; ++i) ask();
    const Stopwatch watch;
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    const double answered = static_cast<double>(answered_.load());
    const double elapsed = watch.seconds();
    running_ = false;
    std::unique_lock lock(mutex_);
    drained_.wait(lock, [this] { return pending_ == 0; });
    return answered / elapsed;
  }

 private:
  void ask() {
    {
      const std::lock_guard lock(mutex_);
      ++pending_;
    }
    const std::string key = key_of(next_++ % kKeys);
    check(distcache_get_async(keyspace_, reinterpret_cast<const uint8_t*>(key.data()), key.size(),
                              nullptr, done, reinterpret_cast<uintptr_t>(this), nullptr, nullptr),
          nullptr, "get_async");
  }

  static void done(uintptr_t context, distcache_status_t status, distcache_result_t* result,
                   distcache_error_t* error) {
    auto& self = *reinterpret_cast<Pipeline*>(context);
    check(status, error, "get_async");
    distcache_result_release(result);
    ++self.answered_;
    if (self.running_) self.ask();
    const std::lock_guard lock(self.mutex_);
    if (--self.pending_ == 0) self.drained_.notify_all();
  }

  distcache_keyspace_t* keyspace_;
  std::atomic<bool> running_{false};
  std::atomic<uint64_t> answered_{0}, next_{0};
  std::mutex mutex_;
  std::condition_variable drained_;
  size_t pending_ = 0;
};

double blocking_rate(distcache_keyspace_t* keyspace, double seconds) {
  uint64_t answered = 0;
  distcache_view_t view = DISTCACHE_VIEW_INIT;
  const Stopwatch watch;
  while (watch.seconds() < seconds) {
    const std::string key = key_of(answered % kKeys);
    distcache_error_t* error = nullptr;
    check(distcache_get_view(keyspace, reinterpret_cast<const uint8_t*>(key.data()), key.size(),
                             nullptr, &view, &error),
          error, "get");
    distcache_view_release(&view);
    ++answered;
  }
  return static_cast<double>(answered) / watch.seconds();
}

void load_all(distcache_keyspace_t* keyspace) {
  for (uint64_t i = 0; i < kKeys; ++i) {
    const std::string key = key_of(i);
    distcache_result_t* result = nullptr;
    distcache_error_t* error = nullptr;
    check(distcache_get(keyspace, reinterpret_cast<const uint8_t*>(key.data()), key.size(), nullptr,
                        &result, &error),
          error, "load");
    distcache_result_release(result);
  }
}

std::string measure(const Settings& settings, Node& node, RawClient& raw) {
  Pipeline pipeline(node.keyspace());
  std::vector<double> us, raw_us;
  std::vector<double> rates[3], raw_rates[3];
  constexpr size_t kInFlight[3] = {1, 16, 256};
  for (int round = 0; round < settings.rounds; ++round) {
    us.push_back(1e6 / blocking_rate(node.keyspace(), settings.round_s));
    raw_us.push_back(1e6 / raw.rate(1, settings.round_s));
    for (size_t i = 0; i < 3; ++i) {
      rates[i].push_back(pipeline.rate(kInFlight[i], settings.round_s));
      raw_rates[i].push_back(raw.rate(kInFlight[i], settings.round_s));
    }
  }
  Table table("Remote hits, two processes on loopback, 24 B keys, 1 KiB values");
  table.add("blocking get, 1 caller", "us", us, raw_us);
  for (size_t i = 0; i < 3; ++i) {
    table.add("async, " + std::to_string(kInFlight[i]) + " in flight", "hits/s", rates[i],
              raw_rates[i]);
  }
  table.print();
  char text[160];
  std::snprintf(text, sizeof text,
                "remote hit %.0f us (raw ZeroMQ %.0f), %.0f/%.0f/%.0f hits/s with 1/16/256 in "
                "flight (raw %.0f/%.0f/%.0f)",
                spread(us).median, spread(raw_us).median, spread(rates[0]).median,
                spread(rates[1]).median, spread(rates[2]).median, spread(raw_rates[0]).median,
                spread(raw_rates[1]).median, spread(raw_rates[2]).median);
  return text;
}

}  // namespace

std::string run_remote(const Settings& settings) {
  const uint16_t port = free_port();
  const uint16_t raw_port = free_port();
  const pid_t owner = fork();
  if (owner == 0) serve(port, raw_port);

  std::string summary;
  {
    Node::Options options;
    options.seed_port = port;
    options.has_source = false;  // so the other process owns every key
    Node node(options);
    node.wait_for_members(2);
    load_all(node.keyspace());
    RawClient raw(raw_port);
    summary = measure(settings, node, raw);
  }
  kill(owner, SIGKILL);
  waitpid(owner, nullptr, 0);
  return summary;
}

}  // namespace bench
