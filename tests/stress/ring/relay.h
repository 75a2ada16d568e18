#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <queue>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace stress {

// What happens to the packets of one host to another.
struct Impairment {
  uint32_t loss_percent = 0;
  uint32_t delay_ms = 0, jitter_ms = 0;  // jitter: up to that much more, each packet anew
};

// Loses and delays packets that the router of a Network sends through it: a TUN device, which hands
// them to this process instead of to a wire. Their order stays. Any thread.
class Relay {
 public:
  static constexpr int kTable = 77;  // of routes: all lead into the relay

  // In the network namespace of the calling thread; nullptr where there are no such devices.
  static std::unique_ptr<Relay> create();
  ~Relay();
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  void impair(const std::string& from, const std::string& to, const Impairment& how);

 private:
  using Clock = std::chrono::steady_clock;
  using Path = std::pair<uint32_t, uint32_t>;  // addresses in network order
  struct Packet {
    Clock::time_point due;
    uint64_t number;
    std::vector<char> bytes;
    bool operator<(const Packet& other) const {
      return std::pair(due, number) > std::pair(other.due, other.number);
    }
  };

  explicit Relay(int device, int wake) : device_(device), wake_(wake), thread_([this] { run(); }) {}
  void run();
  void take(const char* bytes, size_t size);
  void hand_on();
  int wait_ms() const;

  const int device_, wake_;
  std::mutex mutex_;
  std::map<Path, Impairment> paths_;
  std::map<Path, Clock::time_point> last_due_;
  std::priority_queue<Packet> waiting_;
  uint64_t next_number_ = 0;
  std::minstd_rand random_;
  std::thread thread_;
};

}  // namespace stress
