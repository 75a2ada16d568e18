#pragma once

#include <sys/types.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace demo {

// A process that this one started. It ends with its handle at the latest, and also when this
// process dies without a chance to end it. It is in a process group of its own: Ctrl-C reaches the
// parent, which ends the others in order.
class Process {
 public:
  struct Setup {
    std::vector<std::string> arguments;  // the program first
    int stop_signal = SIGKILL;
    std::vector<int> inherited;    // descriptors to keep open in it
    std::string user;              // run as; empty: as this process
    std::filesystem::path folder;  // working folder; empty: this process's
    std::filesystem::path log;     // for stdout and stderr; empty: this process's
  };

  explicit Process(const Setup& setup);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  // Nothing once it has ended and been waited for.
  void signal(int number);
  // What waitpid told, once it has ended; nothing if it has not by then. Throws Interrupted.
  std::optional<int> wait(std::chrono::milliseconds timeout);

 private:
  std::optional<int> poll();

  pid_t pid_ = -1;
  int stop_signal_;
  std::optional<int> status_;
};

// "exit code 3", "signal 9 (Killed)"
std::string describe_exit(int wait_status);

}  // namespace demo
