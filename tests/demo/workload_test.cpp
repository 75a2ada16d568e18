#include "demo/workload/workload.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "demo/failure.h"
#include "demo/temporary_folder.h"

namespace demo {
namespace {

class File {
 public:
  explicit File(const std::string& text) { std::ofstream(path()) << text; }
  std::string path() const { return folder_.path() / "file"; }

 private:
  const TemporaryFolder folder_;
};

TEST(PageTextTest, FollowsFromUrlAndSize) {
  const PageText text;
  for (const size_t size : {0, 3, 10, 5'000, 100'000}) {
    std::string body, again;
    text.append("/index.html", size, body);
    PageText().append("/index.html", size, again);
    EXPECT_EQ(body.size(), size);
    EXPECT_EQ(body, again);
    EXPECT_TRUE(text.matches("/index.html", size, body));
  }
}

TEST(PageTextTest, AnyChangeIsSeen) {
  const PageText text;
  std::string body;
  text.append("/a", 20'000, body);
  EXPECT_FALSE(text.matches("/b", 20'000, body));
  EXPECT_FALSE(text.matches("/a", 20'001, body));
  for (const size_t at : {size_t{0}, size_t{1}, size_t{4'097}, body.size() - 1}) {
    std::string changed = body;
    changed[at] ^= 1;
    EXPECT_FALSE(text.matches("/a", 20'000, changed)) << at;
  }
}

TEST(WorkloadTest, OfATraceTakesWhatWasAnsweredWithTheLargestSize) {
  const File trace(
      "time_s\turl\tstatus\tbytes\n"
      "100\t/a\t200\t10\n"
      "100\t/gone\t404\t5\n"
      "100\t/b\t200\t7\n"
      "103\t/a\t200\t20\n");
  const Workload workload = Workload::from_trace(trace.path());
  ASSERT_EQ(workload.requests().size(), 3);
  EXPECT_EQ(workload.pages(), 2);
  EXPECT_EQ(workload.bytes(), 27);
  EXPECT_EQ(workload.bytes_max(), 20);
  // The requests of one second are spread over it.
  EXPECT_EQ(workload.requests()[1].at_ms, 500);
  EXPECT_EQ(workload.requests()[2].at_ms, 3'000);
  EXPECT_EQ(workload.duration_ms(), 4'000);
  EXPECT_FALSE(workload.find("/gone"));
}

TEST(WorkloadTest, OfOwnFilesMayAskForWhatIsNotThere) {
  const File data("a\t1\nb\t\nc\tx\ty\n");
  const File keys("b\nnone\nb\n");
  const Workload workload = Workload::from_own(data.path(), keys.path());
  EXPECT_EQ(workload.keys(), 4);
  EXPECT_EQ(workload.pages(), 3);
  EXPECT_EQ(workload.requests().size(), 3);
  EXPECT_FALSE(workload.present(*workload.find("none")));
  EXPECT_TRUE(workload.matches(*workload.find("c"), "x\ty"));
  EXPECT_TRUE(workload.matches(*workload.find("b"), ""));
  EXPECT_FALSE(workload.matches(*workload.find("a"), "2"));
}

TEST(WorkloadTest, FaultsNameFileAndLine) {
  for (const char* text : {"a\t1\na\t2\n", "a\t1\n\t2\n", "a\t1\nb\n"}) {
    const File data(text);
    try {
      Workload::from_own(data.path(), "");
      ADD_FAILURE() << text;
    } catch (const Failure& failure) {
      EXPECT_NE(std::string(failure.what()).find(data.path() + ":2: "), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace demo
