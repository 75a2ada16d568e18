#include "demo/report/figures.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <string>

#include "demo/cluster/replay.h"
#include "demo/temporary_folder.h"

namespace demo {
namespace {

// Three keys, loaded by hand.
class FiguresTest : public testing::Test {
 protected:
  FiguresTest() : workload(make_workload()) {
    kill.process = 2;
    kill.at_ns = 1'000;
    board->started_ns = 0;
    for (ProcessFigures& process : board->processes) process.finished_ns = 2'000;
  }

  static Workload make_workload() {
    const TemporaryFolder folder;
    const std::string file = folder.path() / "data";
    std::ofstream(file) << "a\t1\nb\t2\nc\t3\n";
    return Workload::from_own(file, "");
  }

  void load(size_t process, int64_t at_ns, const char* key) {
    board->processes[process].record_load(at_ns, *workload.find(key));
  }
  std::vector<std::string> broken() {
    return broken_promises(count_figures(*board, kill, workload, 0));
  }
  bool complains_of(const std::string& text) {
    const std::vector<std::string> sentences = broken();
    return std::any_of(sentences.begin(), sentences.end(), [&text](const std::string& sentence) {
      return sentence.find(text) != std::string::npos;
    });
  }

  const Workload workload;
  SharedBoard board;
  KillRecord kill;
};

TEST_F(FiguresTest, OneLoadPerKeyAndOneMoreOfAKeyThatMovedIsAsPromised) {
  load(0, 10, "a");
  load(1, 20, "b");
  load(2, 30, "c");
  load(0, 1'100, "c");
  EXPECT_TRUE(broken().empty());
  const Figures figures = count_figures(*board, kill, workload, 0);
  EXPECT_EQ(figures.before.keys, 3);
  EXPECT_EQ(figures.again.keys, 1);
  EXPECT_EQ(figures.cluster.queries, 4);
}

TEST_F(FiguresTest, WhatTheKilledProcessLoadedItLoadedBefore) {
  load(2, 1'010, "c");  // between the look at the clock and the signal
  load(0, 1'100, "c");
  EXPECT_TRUE(broken().empty());
}

TEST_F(FiguresTest, ASecondLoadBeforeTheKillBreaksThePromise) {
  load(0, 10, "a");
  load(1, 20, "a");
  EXPECT_TRUE(complains_of("before the kill a key was loaded 2 times"));
  EXPECT_TRUE(complains_of("'a' was loaded by process 1 990 ns before the kill, process 2"));
}

TEST_F(FiguresTest, AThirdLoadAfterTheKillBreaksThePromise) {
  load(2, 30, "c");
  load(0, 1'100, "c");
  load(1, 1'200, "c");
  EXPECT_TRUE(broken().empty());
  load(1, 1'300, "c");
  EXPECT_TRUE(complains_of("after the kill a key was loaded 3 times"));
  EXPECT_TRUE(complains_of("'c' was loaded by process 1 100 ns after it, process 2"));
}

TEST_F(FiguresTest, AKeyThatIsFirstAskedForAfterTheKillIsLoadedTwiceAtMostToo) {
  load(0, 10, "a");
  load(1, 1'100, "b");
  load(0, 1'200, "b");
  EXPECT_TRUE(broken().empty());
  load(0, 1'300, "b");
  EXPECT_TRUE(complains_of("after the kill a key was loaded 3 times"));
}

TEST_F(FiguresTest, ALoadAgainOfAKeyThatDidNotMoveBreaksThePromise) {
  load(0, 10, "a");
  load(1, 1'100, "a");
  EXPECT_TRUE(complains_of("although their owner lives"));
}

TEST_F(FiguresTest, ErrorsWrongBytesAndLostRequestsBreakThePromise) {
  board->processes[0].lanes[0].errors = 1;
  board->processes[1].lanes[3].wrong = 1;
  board->processes[1].record_fault("process 2, 'b': not what the database has");
  board->processes[1].record_fault("a later one");
  EXPECT_TRUE(complains_of("1 gets ended in an error"));
  EXPECT_TRUE(complains_of("1 gets gave wrong bytes"));
  EXPECT_TRUE(complains_of("'b': not what the database has"));
  EXPECT_FALSE(complains_of("a later one"));
  EXPECT_FALSE(broken_promises(count_figures(*board, kill, workload, 5)).empty());
}

TEST(DealTest, EveryRequestBelongsToOneProcess) {
  for (const uint64_t requests : {1, 2, 3, 4, 100}) {
    const Deal deal{1, requests};
    std::vector<int> dealt(requests);
    for (size_t process = 0; process < kProcesses; ++process) {
      for (uint64_t nth = 0; nth < deal.share_of(process); ++nth) {
        ++dealt.at(deal.request(process, nth));
      }
    }
    EXPECT_EQ(std::count(dealt.begin(), dealt.end(), 1), requests);
  }
}

}  // namespace
}  // namespace demo
