#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "demo/cluster/board.h"
#include "demo/cluster/channel.h"
#include "demo/cluster/held_port.h"
#include "demo/process.h"

namespace demo {

// The three processes, as their parent sees them. One thread.
class Cluster {
 public:
  // Starts them; `arguments` are those of this program, for its copies to understand the same.
  Cluster(const std::vector<std::string>& arguments, const std::string& location,
          const SharedBoard& board);

  // Each opens its cache and meets the others.
  void form();
  // Tells all that live a word (worker.h), and waits until each has answered. Their answers without
  // the word. Throws Failure if one of them fails or takes longer.
  std::vector<std::string> say(const std::string& words, std::chrono::milliseconds timeout);
  void tell(const std::string& words);
  std::vector<std::string> hear(const std::string& word, std::chrono::milliseconds timeout);
  // Whether one that is supposed to live has failed or ended: throws Failure.
  void check();

  // SIGKILL; gone for certain when it returns.
  void kill(size_t process);
  bool lives(size_t process) const { return members_[process].process != nullptr; }
  pid_t pid(size_t process) const { return members_[process].process->pid(); }
  // Waits for the exits of all that were told to close.
  void end();

 private:
  struct Member {
    std::unique_ptr<Channel> channel;
    std::unique_ptr<Process> process;  // destroyed first: ended before its channel is closed
  };

  std::string hear(size_t process, const std::string& word,
                   std::chrono::steady_clock::time_point deadline);
  [[noreturn]] void give_up_on(size_t process, const std::string& why);

  const std::array<HeldPort, kProcesses> ports_;  // where the members listen
  std::array<Member, kProcesses> members_;
};

}  // namespace demo
