#include "demo/process.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <thread>

#include "demo/failure.h"
#include "demo/interrupt.h"

namespace demo {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto kStopTimeout = 10s;

[[noreturn]] void give_up(const char* doing) {
  dprintf(STDERR_FILENO, "distcache-demo: %s: %s\n", doing, std::strerror(errno));
  _exit(127);
}

// Between fork and exec.
[[noreturn]] void become(const Process::Setup& setup, const passwd* user, pid_t parent) {
  setpgid(0, 0);
  if (!setup.log.empty()) {
    const int log = open(setup.log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (log < 0) give_up(setup.log.c_str());
    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
  }
  if (!setup.folder.empty() && chdir(setup.folder.c_str()) != 0) give_up(setup.folder.c_str());
  if (user && (initgroups(user->pw_name, user->pw_gid) != 0 || setgid(user->pw_gid) != 0 ||
               setuid(user->pw_uid) != 0)) {
    give_up(user->pw_name);
  }
  // After the change of user, which clears it. The parent may have died before this took effect.
  prctl(PR_SET_PDEATHSIG, setup.stop_signal);
  if (getppid() != parent) _exit(127);
  for (const int descriptor : setup.inherited) fcntl(descriptor, F_SETFD, 0);
  std::vector<char*> arguments;
  for (const std::string& argument : setup.arguments) {
    arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  arguments.push_back(nullptr);
  execv(arguments[0], arguments.data());
  give_up(arguments[0]);
}

}  // namespace

Process::Process(const Setup& setup) : stop_signal_(setup.stop_signal) {
  const passwd* user = setup.user.empty() ? nullptr : getpwnam(setup.user.c_str());
  if (!setup.user.empty() && !user) throw Failure("there is no user '" + setup.user + "'");
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ < 0) throw Failure(std::string("fork: ") + std::strerror(errno));
  if (pid_ == 0) become(setup, user, parent);
}

Process::~Process() {
  const auto end = Clock::now() + kStopTimeout;
  signal(stop_signal_);
  while (!poll() && Clock::now() < end) std::this_thread::sleep_for(2ms);
  if (status_) return;
  signal(SIGKILL);
  while (!poll()) std::this_thread::sleep_for(2ms);
}

void Process::signal(int number) {
  if (!poll()) kill(pid_, number);
}

std::optional<int> Process::poll() {
  int status = 0;
  if (!status_ && waitpid(pid_, &status, WNOHANG) == pid_) status_ = status;
  return status_;
}

std::optional<int> Process::wait(std::chrono::milliseconds timeout) {
  const auto end = Clock::now() + timeout;
  while (!poll() && Clock::now() < end) {
    throw_if_interrupted();
    std::this_thread::sleep_for(1ms);
  }
  return status_;
}

std::string describe_exit(int wait_status) {
  if (WIFEXITED(wait_status)) return "exit code " + std::to_string(WEXITSTATUS(wait_status));
  const int number = WTERMSIG(wait_status);
  return "signal " + std::to_string(number) + " (" + strsignal(number) + ")";
}

}  // namespace demo
