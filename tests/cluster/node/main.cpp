#include <dlfcn.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <mutex>
#include <thread>

#include "node/count.h"
#include "node/engine.h"
#include "node/mixed.h"
#include "node/sweep.h"
#include "node/traffic.h"

// cluster_node NAME PROCESS PARENT: one engine in a process of its own. Reads a command a line from
// stdin, "id=7 verb=get key=k1", and answers each with a line on stdout, "id=7 status=OK ...", in
// the order in which they end. Each command has a thread, so that one that waits delays no other.
// It ends with "quit", with its input, or with its parent.
namespace cluster {
namespace {

// Where tests/cluster/wall_clock.c has been preloaded.
Fields set_wall_clock(const Fields& command) {
  void* const found = dlsym(RTLD_DEFAULT, "wall_clock_jump");
  if (found == nullptr) return {{"status", "NO_CLOCK"}};
  reinterpret_cast<void (*)(int64_t)>(found)(command.number("ms"));
  return {{"status", "OK"}};
}

class Commands {
 public:
  explicit Commands(Engine& engine) : engine_(engine), traffic_(engine), mixed_(engine) { learn(); }
  ~Commands() {
    engine_.open_all_gates();
    traffic_.stop();
    mixed_.stop();
    std::unique_lock lock(running_mutex_);
    ended_.wait(lock, [this] { return running_ == 0; });
  }

  void run(const Fields& command) {
    const auto verb = verbs_.find(command.text("verb"));
    if (verb == verbs_.end()) return answer(command, {{"status", "UNKNOWN_VERB"}});
    const std::lock_guard lock(running_mutex_);
    ++running_;
    std::thread([this, command, act = verb->second] {
      const auto began = Clock::now();
      Fields done = act(command);
      done.set({"began", ns_of(began)});
      answer(command, std::move(done));
      const std::lock_guard ending(running_mutex_);
      --running_;
      ended_.notify_all();
    }).detach();
  }

 private:
  using Verb = std::function<Fields(const Fields&)>;

  void answer(const Fields& command, Fields answer) {
    answer.set({"id", command.text("id")});
    const std::string line = answer.line() + '\n';
    const std::lock_guard lock(mutex_);
    for (size_t at = 0; at < line.size();) {
      const ssize_t written = write(STDOUT_FILENO, line.data() + at, line.size() - at);
      if (written < 0) return;
      at += static_cast<size_t>(written);
    }
  }

  // A verb of the keyspace's source.
  template <typename Act>
  Verb of_source(Act act) {
    return [this, act](const Fields& command) -> Fields {
      Source* source = engine_.source(command.text("keyspace", "main"));
      if (source == nullptr) return {{"status", "NO_SOURCE"}};
      return {{"status", act(*source, command) ? "OK" : "TIMED_OUT"}};
    };
  }

  void learn() {
    const auto engine = [this](auto member) {
      return [this, member](const Fields& command) { return (engine_.*member)(command); };
    };
    verbs_["open"] = [this](const Fields& command) {
      Fields settings;
      for (const auto& [name, value] : command.values()) {
        if (name != "id" && name != "verb") settings.set({name, value});
      }
      return engine_.open(settings);
    };
    verbs_["keyspace"] = engine(&Engine::add_keyspace);
    verbs_["remove_keyspace"] = engine(&Engine::remove_keyspace);
    verbs_["close"] = engine(&Engine::close);
    verbs_["members"] = [this](const Fields&) { return engine_.members(); };
    verbs_["await_members"] = engine(&Engine::await_members);
    verbs_["explain"] = engine(&Engine::explain);
    verbs_["stats"] = engine(&Engine::stats);
    verbs_["await_stat"] = engine(&Engine::await_stat);
    verbs_["ring"] = engine(&Engine::ring);
    verbs_["events"] = [this](const Fields& command) { return engine_.journal().events(command); };
    verbs_["stalls"] = [this](const Fields& command) { return traffic_.stalls(command); };
    verbs_["in_child"] = engine(&Engine::in_child);
    verbs_["get"] = engine(&Engine::get);
    verbs_["get_many"] = engine(&Engine::get_many);
    verbs_["peek"] = engine(&Engine::peek);
    verbs_["put"] = engine(&Engine::put);
    verbs_["delete"] = engine(&Engine::remove);
    verbs_["delete_many"] = engine(&Engine::remove_many);
    verbs_["sweep"] = [this](const Fields& command) { return sweep(engine_, command); };
    verbs_["count"] = [this](const Fields& command) { return count(engine_, command); };
    verbs_["traffic"] = [this](const Fields& command) { return traffic_.start(command); };
    verbs_["passes"] = [this](const Fields& command) { return traffic_.await_passes(command); };
    verbs_["traffic_report"] = [this](const Fields& command) { return traffic_.report(command); };
    verbs_["traffic_stop"] = [this](const Fields&) { return traffic_.stop(); };
    verbs_["record"] = [this](const Fields& command) { return engine_.recorder().start(command); };
    verbs_["mixed"] = [this](const Fields& command) { return mixed_.start(command); };
    verbs_["mixed_stop"] = [this](const Fields&) { return mixed_.stop(); };
    verbs_["wall_clock"] = set_wall_clock;
    learn_source();
  }

  void learn_source() {
    verbs_["content"] = of_source([](Source& source, const Fields& command) {
      source.set_content(command.text("text"));
      return true;
    });
    verbs_["behave"] = of_source([](Source& source, const Fields& command) {
      source.behave(command.text("key"), command);
      return true;
    });
    verbs_["gate"] = of_source([](Source& source, const Fields& command) {
      const std::string key = command.text("key");
      const std::string stage = command.text("stage");
      if (command.text("do") == "close") source.close_gate(key, stage);
      if (command.text("do") == "open") source.open_gate(key, stage);
      if (command.text("do") == "release") {
        source.release(key, stage, static_cast<uint32_t>(command.number("load")));
      }
      return true;
    });
    verbs_["await_gate"] = of_source([](Source& source, const Fields& command) {
      return source.await_gate(command.text("key"), command.text("stage"),
                               static_cast<size_t>(command.number("count", 1)),
                               Milliseconds(command.number("within", 30'000)));
    });
  }

  Engine& engine_;
  Traffic traffic_;
  Mixed mixed_;
  std::map<std::string, Verb> verbs_;
  std::mutex mutex_;  // of stdout
  std::mutex running_mutex_;
  std::condition_variable ended_;
  size_t running_ = 0;
};

int serve(const std::string& name, size_t process) {
  Engine engine(name, process, Ledger::map(Ledger::kDescriptor));
  Commands commands(engine);
  std::string line;
  while (std::getline(std::cin, line)) {
    const Fields command = Fields::parse(line);
    if (command.text("verb") == "quit") return 0;
    commands.run(command);
  }
  _exit(1);  // the harness has gone: nobody reads what a sanitizer would say
}

}  // namespace
}  // namespace cluster

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != std::atoi(argv[3])) return 2;
  return cluster::serve(argv[1], static_cast<size_t>(std::atoi(argv[2])));
}
