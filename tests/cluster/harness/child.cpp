#include "harness/child.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>

extern char** environ;

namespace cluster {
namespace {

struct Pipe {
  int read = -1;
  int write = -1;
};

Pipe make_pipe() {
  int ends[2] = {};
  if (pipe2(ends, O_CLOEXEC) != 0) throw HarnessFailure("no pipe: " + std::string(strerror(errno)));
  return {ends[0], ends[1]};
}

}  // namespace

Child::Child(const std::vector<std::string>& command, int shared, int shared_as) {
  ::signal(SIGPIPE, SIG_IGN);  // a node that died is told by write()
  const Pipe in = make_pipe();
  const Pipe out = make_pipe();
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in.read, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out.write, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, shared, shared_as);
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const int failure =
      posix_spawn(&pid_, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(in.read);
  close(out.write);
  input_ = in.write;
  output_ = out.read;
  if (failure != 0) {
    close(input_);
    close(output_);
    throw HarnessFailure("cannot start " + command[0] + ": " + strerror(failure));
  }
}

Child::~Child() {
  kill();
  close(input_);
  close(output_);
}

void Child::write_line(const std::string& line) {
  const std::string text = line + '\n';
  for (size_t at = 0; at < text.size();) {
    const ssize_t written = write(input_, text.data() + at, text.size() - at);
    if (written < 0) throw HarnessFailure("a node does not read: " + std::string(strerror(errno)));
    at += static_cast<size_t>(written);
  }
}

std::optional<std::string> Child::read_line(Clock::time_point until) {
  while (true) {
    if (const size_t end = received_.find('\n'); end != std::string::npos) {
      std::string line = received_.substr(0, end);
      received_.erase(0, end + 1);
      return line;
    }
    const int64_t left_ms = std::max<int64_t>(ms_between(Clock::now(), until), 0);
    pollfd readable{output_, POLLIN, 0};
    if (poll(&readable, 1, static_cast<int>(left_ms)) == 0) return std::nullopt;
    char buffer[65536];
    const ssize_t count = read(output_, buffer, sizeof buffer);
    if (count > 0) {
      received_.append(buffer, static_cast<size_t>(count));
    } else if (count == 0) {
      const std::optional<int> end = wait(Milliseconds(10'000));
      throw HarnessFailure("a node ended: " + (end ? describe_end(*end) : "closed its output"));
    }
  }
}

void Child::signal(int number) const {
  if (!ended_) ::kill(pid_, number);
}

std::optional<int> Child::wait(Milliseconds within) {
  eventually(within, [this] {
    int status = 0;
    if (!ended_ && waitpid(pid_, &status, WNOHANG) == pid_) ended_ = status;
    return ended_.has_value();
  });
  return ended_;
}

void Child::kill() {
  if (ended_) return;
  signal(SIGKILL);
  int status = 0;
  waitpid(pid_, &status, 0);
  ended_ = status;
}

std::string describe_end(int wait_status) {
  if (WIFEXITED(wait_status)) return "exit code " + std::to_string(WEXITSTATUS(wait_status));
  return "signal " + std::to_string(WTERMSIG(wait_status));
}

}  // namespace cluster
