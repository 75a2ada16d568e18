#pragma once

#include <sys/types.h>

#include <deque>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "common/deadline.h"

namespace cluster {

// What makes a test impossible to go on with: a node that died or does not answer in time.
class HarnessFailure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// A process that is spoken to line by line through its stdin and stdout. It dies with this object
// at the latest. Belongs to one thread.
class Child {
 public:
  // `shared`: a descriptor that the child has as `shared_as`.
  Child(const std::vector<std::string>& command, int shared, int shared_as);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const { return pid_; }
  void write_line(const std::string& line);
  // The next line; nothing if none came by then. Throws HarnessFailure when the child has ended.
  std::optional<std::string> read_line(Clock::time_point until);

  void signal(int number) const;
  // Waits for the end of the process: what waitpid told, or nothing if it has not ended by then.
  std::optional<int> wait(Milliseconds within);
  void kill();  // SIGKILL, and waits

 private:
  pid_t pid_ = -1;
  int input_ = -1;   // our end of its stdin
  int output_ = -1;  // our end of its stdout
  std::string received_;
  std::optional<int> ended_;
};

// "exit code 3", "signal 9"
std::string describe_end(int wait_status);

}  // namespace cluster
