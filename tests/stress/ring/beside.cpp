#include "ring/beside.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "harness/child.h"

namespace stress {

Beside::Beside(const std::function<Outcome()>& run) {
  int ends[2] = {};
  if (pipe2(ends, O_CLOEXEC) != 0) throw cluster::HarnessFailure("no pipe");
  std::fflush(stdout);  // else both write it
  const pid_t parent = getpid();
  process_ = fork();
  if (process_ < 0) throw cluster::HarnessFailure("no process");
  if (process_ > 0) {
    close(ends[1]);
    figures_ = ends[0];
    return;
  }
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(2);
  const auto [passed, figures] = run();
  const ssize_t written = write(ends[1], figures.data(), figures.size());
  _exit(passed && written == static_cast<ssize_t>(figures.size()) ? 0 : 1);
}

Beside::~Beside() {
  if (process_ > 0) {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
  }
  close(figures_);
}

Outcome Beside::wait() {
  std::string figures;
  char buffer[4096];
  while (true) {
    const ssize_t count = read(figures_, buffer, sizeof buffer);
    if (count <= 0) break;
    figures.append(buffer, static_cast<size_t>(count));
  }
  int status = 0;
  waitpid(process_, &status, 0);
  process_ = -1;
  const bool passed = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  return {passed, figures.empty() ? cluster::describe_end(status) : figures};
}

}  // namespace stress
