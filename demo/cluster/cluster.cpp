#include "demo/cluster/cluster.h"

#include <algorithm>
#include <csignal>
#include <filesystem>

#include "demo/failure.h"
#include "demo/interrupt.h"

namespace demo {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto kOpenTimeout = 40s;  // more than bootstrap.timeout.ms, which the cache tells better
constexpr auto kJoinTimeout = 20s;
constexpr auto kExitTimeout = 10s;
constexpr int kListenMs = 50;  // before looking whether Ctrl-C came

std::string name_of(size_t process) { return "process " + std::to_string(process + 1); }

}  // namespace

Cluster::Cluster(const std::vector<std::string>& arguments, const std::string& location,
                 const SharedBoard& board) {
  for (size_t i = 0; i < kProcesses; ++i) {
    const auto [ours, theirs] = Channel::make_ends();
    members_[i].channel = std::make_unique<Channel>(ours);
    const Channel given(theirs);  // closed here once the process has it
    Process::Setup setup;
    setup.arguments = {std::filesystem::read_symlink("/proc/self/exe")};
    setup.arguments.insert(setup.arguments.end(), arguments.begin(), arguments.end());
    for (const std::string& argument :
         {std::string("--worker"), std::to_string(i), std::string("--board"),
          std::to_string(board.descriptor()), std::string("--channel"), std::to_string(theirs),
          std::string("--location"), location}) {
      setup.arguments.push_back(argument);
    }
    setup.inherited = {board.descriptor(), theirs};
    members_[i].process = std::make_unique<Process>(setup);
  }
}

void Cluster::form() {
  std::string peers;
  for (const HeldPort& port : ports_) {
    peers += (peers.empty() ? "" : ",") + ("127.0.0.1:" + std::to_string(port.number()));
  }
  for (size_t i = 0; i < kProcesses; ++i) {
    members_[i].channel->send("open " + std::to_string(ports_[i].number()) + " " + peers);
  }
  hear("open", kOpenTimeout);
  say("join", kJoinTimeout);
}

void Cluster::tell(const std::string& words) {
  for (Member& member : members_) {
    if (member.process) member.channel->send(words);
  }
}

std::vector<std::string> Cluster::hear(const std::string& word, std::chrono::milliseconds timeout) {
  const auto deadline = Clock::now() + timeout;
  std::vector<std::string> answers;
  for (size_t i = 0; i < kProcesses; ++i) {
    if (lives(i)) answers.push_back(hear(i, word, deadline));
  }
  return answers;
}

std::vector<std::string> Cluster::say(const std::string& words, std::chrono::milliseconds timeout) {
  tell(words);
  return hear(words.substr(0, words.find(' ')), timeout);
}

std::string Cluster::hear(size_t process, const std::string& word, Clock::time_point deadline) {
  std::string line;
  for (;;) {
    throw_if_interrupted();
    switch (members_[process].channel->receive(kListenMs, line)) {
      case Channel::Heard::line: {
        const size_t end = line.find(' ');
        if (line.substr(0, end) != word) give_up_on(process, line);
        return end == std::string::npos ? "" : line.substr(end + 1);
      }
      case Channel::Heard::end:
        give_up_on(process, "");
      case Channel::Heard::nothing:
        break;
    }
    if (Clock::now() > deadline) {
      give_up_on(process, "does not get done with '" + word + "' in time");
    }
  }
}

void Cluster::check() {
  std::string line;
  for (size_t i = 0; i < kProcesses; ++i) {
    if (lives(i) && members_[i].process->wait(0ms)) give_up_on(i, "");
  }
}

void Cluster::give_up_on(size_t process, const std::string& why) {
  std::string reason = why;
  if (why.empty()) {
    // Its end of the channel closes a moment before it has ended.
    std::string line;
    if (members_[process].channel->receive(0, line) == Channel::Heard::line) reason = line;
    const std::optional<int> status = members_[process].process->wait(2s);
    if (status && reason.empty()) reason = "ended with " + describe_exit(*status);
  }
  throw Failure(name_of(process) + ": " + reason);
}

void Cluster::kill(size_t process) {
  members_[process].process->signal(SIGKILL);
  members_[process].process.reset();  // waits for it
  members_[process].channel.reset();
}

void Cluster::end() {
  for (size_t i = 0; i < kProcesses; ++i) {
    if (!lives(i)) continue;
    members_[i].channel.reset();
    const std::optional<int> status = members_[i].process->wait(kExitTimeout);
    if (!status) throw Failure(name_of(i) + " does not end");
    if (*status != 0) throw Failure(name_of(i) + " ended with " + describe_exit(*status));
    members_[i].process.reset();
  }
}

}  // namespace demo
