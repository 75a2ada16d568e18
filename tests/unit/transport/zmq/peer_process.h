#pragma once

#include <spawn.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <vector>

#include "transport/transport.h"

extern char** environ;

namespace distcache::testing {

// An echoing node in a process of its own, to be killed and stopped: this very program, started
// again with kPeerVariable set, which then serves instead of testing (process_test.cpp).
class PeerProcess {
 public:
  static constexpr const char* kPeerVariable = "DC_TEST_PEER";  // "data_port membership_port"
  static constexpr int kReportDescriptor = 3;

  explicit PeerProcess(const BoundPorts& wanted = {}) {
    int report[2] = {};
    if (pipe(report) != 0) return;
    const std::string variable = std::string(kPeerVariable) + "=" + std::to_string(wanted.data) +
                                 " " + std::to_string(wanted.membership);
    std::vector<char*> environment;
    for (char** entry = environ; *entry; ++entry) environment.push_back(*entry);
    environment.push_back(const_cast<char*>(variable.c_str()));
    environment.push_back(nullptr);
    char name[] = "peer";
    char* arguments[] = {name, nullptr};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, report[1], kReportDescriptor);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", 1, 0);
    posix_spawn(&pid_, "/proc/self/exe", &actions, nullptr, arguments, environment.data());
    posix_spawn_file_actions_destroy(&actions);
    ::close(report[1]);
    BoundPorts bound;
    if (read(report[0], &bound, sizeof bound) == sizeof bound) ports_ = bound;
    ::close(report[0]);
  }
  ~PeerProcess() { kill(); }
  PeerProcess(const PeerProcess&) = delete;
  PeerProcess& operator=(const PeerProcess&) = delete;

  const BoundPorts& ports() const { return ports_; }  // zero when it could not start

  void stop() const { ::kill(pid_, SIGSTOP); }
  void go_on() const { ::kill(pid_, SIGCONT); }
  void kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }

 private:
  pid_t pid_ = 0;
  BoundPorts ports_;
};

}  // namespace distcache::testing
