#include "ring/network.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "harness/child.h"

namespace stress {
namespace {

using cluster::HarnessFailure;

void shell(const std::string& command) {
  if (std::system(command.c_str()) != 0) throw HarnessFailure("failed: " + command);
}

bool write_file(const char* path, const std::string& text) {
  std::ofstream file(path);
  file << text << std::flush;
  return file.good();
}

int open_namespace() {
  const int descriptor = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) throw HarnessFailure("no network namespace");
  return descriptor;
}

void enter(int descriptor) {
  if (setns(descriptor, CLONE_NEWNET) != 0) throw HarnessFailure("cannot enter a namespace");
}

bool unshare_network() {
  const std::string user = std::to_string(geteuid());
  const std::string group = std::to_string(getegid());
  if (unshare(CLONE_NEWNET) != 0) {
    // As a user who is root in a namespace of his own.
    if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) return false;
    if (!write_file("/proc/self/setgroups", "deny") ||
        !write_file("/proc/self/uid_map", "0 " + user + " 1") ||
        !write_file("/proc/self/gid_map", "0 " + group + " 1")) {
      return false;
    }
  }
  return write_file("/proc/sys/net/ipv4/ip_forward", "1") && std::system("ip link set lo up") == 0;
}

// All that is needed later.
bool try_it() {
  if (!unshare_network()) return false;
  try {
    Network two(2, true);
    two.cut(0, 1);
    two.mend();
    return true;
  } catch (const HarnessFailure&) {
    return false;
  }
}

}  // namespace

// A child tries, and takes with it what half an attempt leaves.
bool Network::leave_the_machine() {
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) _exit(try_it() ? 0 : 1);
  int status = -1;
  return child > 0 && waitpid(child, &status, 0) == child && status == 0 && unshare_network();
}

Network::Network(size_t hosts, bool own) : own_(own) {
  if (own_) router_ = open_namespace();
  // Loopback has 2^24 addresses: those of this process are used by no other.
  const auto pid = static_cast<unsigned>(getpid());
  const std::string loopback =
      "127." + std::to_string(1 + pid / 254 % 254) + '.' + std::to_string(1 + pid % 254) + '.';
  for (size_t host = 0; host < hosts; ++host) {
    addresses_.push_back(own_ ? "10.77." + std::to_string(host + 1) + ".2"
                              : loopback + std::to_string(host + 1));
    if (own_) add_host(host);
  }
  if (own_) relay_ = Relay::create();
}

void Network::add_host(size_t host) {
  if (unshare(CLONE_NEWNET) != 0) throw HarnessFailure("no further network namespace");
  hosts_.push_back(open_namespace());
  enter(router_);
  const std::string number = std::to_string(host + 1);
  const std::string gateway = "10.77." + number + ".1";
  shell("ip link add v" + number + " type veth peer name eth0 netns /proc/" +
        std::to_string(getpid()) + "/fd/" + std::to_string(hosts_.back()) + " && ip addr add " +
        gateway + "/30 dev v" + number + " && ip link set v" + number + " up");
  const Inside inside(*this, host);
  shell("ip link set lo up && ip addr add " + addresses_[host] +
        "/30 dev eth0 && ip link set eth0 up && ip route add default via " + gateway);
}

Network::~Network() {
  for (const int host : hosts_) close(host);
  if (own_) close(router_);
}

Network::Inside::Inside(const Network& network, size_t host) : network_(network) {
  if (network_.own_) enter(network_.hosts_[host]);
}

Network::Inside::~Inside() {
  if (network_.own_ && setns(network_.router_, CLONE_NEWNET) != 0) std::abort();
}

void Network::cut(size_t from, size_t to) {
  add_rule("from " + addresses_[from] + " to " + addresses_[to] + " blackhole");
}

void Network::impair(size_t from, size_t to, const Impairment& how) {
  relay_->impair(addresses_[from], addresses_[to], how);
  add_rule("from " + addresses_[from] + " to " + addresses_[to] + " lookup " +
           std::to_string(Relay::kTable));
}

void Network::add_rule(const std::string& rule) {
  shell("ip rule add " + rule);
  rules_.push_back(rule);
}

void Network::mend() {
  for (const std::string& rule : rules_) shell("ip rule del " + rule);
  rules_.clear();
}

}  // namespace stress
