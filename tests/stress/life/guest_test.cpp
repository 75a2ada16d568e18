#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "setup.h"

// What an engine is to its host: threads that take none of its signals, other engines beside it, an
// exit that nobody prepared.
namespace life {
namespace {

namespace fs = std::filesystem;

struct Task {
  std::string name;
  uint64_t blocked = 0;  // a bit per signal, the lowest one is signal 1
};

std::vector<Task> threads_of_library() {
  std::vector<Task> tasks;
  for (const fs::directory_entry& entry : fs::directory_iterator("/proc/self/task")) {
    Task task;
    std::getline(std::ifstream(entry.path() / "comm"), task.name);
    if (!task.name.starts_with("dc-") && !task.name.starts_with("ZMQbg")) continue;
    std::ifstream status(entry.path() / "status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with("SigBlk:")) task.blocked = std::stoull(line.substr(7), nullptr, 16);
    }
    tasks.push_back(task);
  }
  return tasks;
}

TEST(Guest, ThreadsTakeNoSignals) {
  Gate gate;
  Node node;
  node.source(answer_at_once, gate);
  ASSERT_EQ(node.open(), DISTCACHE_OK) << node.text();
  ASSERT_EQ(node.get("k"), DISTCACHE_OK);
  // Event, observer, io, source, two of libzmq's; each gives itself its name once it runs.
  std::vector<Task> tasks;
  EXPECT_TRUE(eventually(std::chrono::seconds(10),
                         [&tasks] { return (tasks = threads_of_library()).size() >= 6; }));
  for (const Task& task : tasks) {
    for (int number = 1; number < 32; ++number) {
      if (number == SIGKILL || number == SIGSTOP) continue;
      EXPECT_NE(task.blocked & (uint64_t{1} << (number - 1)), 0U) << task.name << " " << number;
    }
  }
}

TEST(Guest, EnginesInOneProcessShareNothing) {
  constexpr size_t kEngines = 6;
  const stress::Footprint before = stress::Footprint::of();
  std::vector<Gate> gates(kEngines);
  std::vector<std::unique_ptr<Node>> nodes;
  for (Gate& gate : gates) {
    nodes.push_back(std::make_unique<Node>());
    nodes.back()->source(answer_at_once, gate);
    ASSERT_EQ(nodes.back()->open(), DISTCACHE_OK) << nodes.back()->text();
  }
  for (size_t closed = 0; closed < kEngines; ++closed) {
    for (size_t i = 0; i < kEngines; ++i) {
      EXPECT_EQ(nodes[i]->get("k" + std::to_string(closed)),
                i < closed ? DISTCACHE_CLOSED : DISTCACHE_OK);
    }
    EXPECT_EQ(nodes[closed]->close(0), DISTCACHE_OK);
  }
  nodes.clear();
  for (Gate& gate : gates) EXPECT_EQ(gate.finalized(), 1);
  EXPECT_TRUE(nothing_left(before));
}

#ifndef __SANITIZE_THREAD__  // which reports the threads that still run
// Never returns. Engines, their threads and those of the program are in the middle of everything.
[[noreturn]] void exit_under_load() {
  // Nothing that would be closed or destroyed on the way out.
  auto* const gate = new Gate;
  auto* const node = new Node;
  auto* const other = new Node;
  node->source(answer_at_once, *gate);
  if (node->open() != DISTCACHE_OK) std::_Exit(3);
  other->source(answer_at_once, *gate);
  other->set("discovery.provider", "static");
  other->set("discovery.peers", node->address());
  if (other->open() != DISTCACHE_OK) std::_Exit(4);
  for (Node* each : {node, other}) {
    std::thread([each] {
      for (size_t i = 0;; ++i) {
        if (each->get("k" + std::to_string(i % 1'000)) != DISTCACHE_OK) return;
      }
    }).detach();
  }
  for (size_t i = 0; i < 200; ++i) node->get("m" + std::to_string(i));
  std::exit(0);
}

TEST(Guest, ProcessMayExitInTheMiddleOfEverything) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  for (int i = 0; i < 5; ++i) {
    EXPECT_EXIT(exit_under_load(), ::testing::ExitedWithCode(0), "");
  }
}
#endif

}  // namespace
}  // namespace life
