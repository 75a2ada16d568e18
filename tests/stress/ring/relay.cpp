#include "ring/relay.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace stress {
namespace {

constexpr char kName[] = "relay0";
constexpr size_t kSourceAt = 12, kDestinationAt = 16, kHeaderBytes = 20;  // of IPv4

uint32_t number_of(const std::string& address) {
  in_addr parsed{};
  inet_pton(AF_INET, address.c_str(), &parsed);
  return parsed.s_addr;
}

uint32_t word_at(const char* bytes) {
  uint32_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

// What comes out of it goes on to where it was going.
bool lead_routes_into_it() {
  const std::string table = std::to_string(Relay::kTable);
  const std::string name = kName;
  return std::system(("ip link set " + name + " up && ip route add default dev " + name +
                      " table " + table + " && ip rule add pref 50 iif " + name +
                      " lookup main && echo 0 > /proc/sys/net/ipv4/conf/all/rp_filter && echo 0 "
                      "> /proc/sys/net/ipv4/conf/" +
                      name + "/rp_filter")
                         .c_str()) == 0;
}

}  // namespace

std::unique_ptr<Relay> Relay::create() {
  const int device = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
  if (device < 0) return nullptr;
  ifreq request{};
  std::strncpy(request.ifr_name, kName, sizeof request.ifr_name - 1);
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  if (ioctl(device, TUNSETIFF, &request) != 0 || !lead_routes_into_it()) {
    close(device);
    return nullptr;
  }
  return std::unique_ptr<Relay>(new Relay(device, eventfd(0, EFD_CLOEXEC)));
}

Relay::~Relay() {
  eventfd_write(wake_, 1);
  thread_.join();
  close(wake_);
  close(device_);
}

void Relay::impair(const std::string& from, const std::string& to, const Impairment& how) {
  const std::lock_guard lock(mutex_);
  paths_[{number_of(from), number_of(to)}] = how;
}

int Relay::wait_ms() const {
  if (waiting_.empty()) return -1;
  const auto left = waiting_.top().due - Clock::now();
  const auto ms = std::chrono::ceil<std::chrono::milliseconds>(left).count();
  return static_cast<int>(std::max<int64_t>(ms, 0));
}

void Relay::run() {
  char buffer[65536];
  while (true) {
    pollfd ready[] = {{device_, POLLIN, 0}, {wake_, POLLIN, 0}};
    poll(ready, 2, wait_ms());
    if (ready[1].revents != 0) return;
    while (true) {
      const ssize_t size = read(device_, buffer, sizeof buffer);
      if (size <= 0) break;
      take(buffer, static_cast<size_t>(size));
    }
    hand_on();
  }
}

void Relay::take(const char* bytes, size_t size) {
  if (size < kHeaderBytes) return;
  const Path path{word_at(bytes + kSourceAt), word_at(bytes + kDestinationAt)};
  Impairment how;
  {
    const std::lock_guard lock(mutex_);
    how = paths_[path];
  }
  if (random_() % 100 < how.loss_percent) return;
  const uint64_t ms = how.delay_ms + random_() % (how.jitter_ms + 1);
  Clock::time_point& due = last_due_[path];
  due = std::max(due, Clock::now() + std::chrono::milliseconds(ms));
  waiting_.push({due, next_number_++, std::vector<char>(bytes, bytes + size)});
}

void Relay::hand_on() {
  while (!waiting_.empty() && waiting_.top().due <= Clock::now()) {
    const std::vector<char>& bytes = waiting_.top().bytes;
    // One that the device does not take is one more that is lost.
    static_cast<void>(!write(device_, bytes.data(), bytes.size()));
    waiting_.pop();
  }
}

}  // namespace stress
