// Hit counts of real requests, exact: whoever changes a policy sees what it does. The traces and
// their terms: tests/data/NOTICE.
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "core/cache/store.h"
#include "tests_folder.h"

namespace distcache::core {
namespace {

struct Request {
  std::string key;
  size_t bytes = 1;
};

std::string unpacked(const std::string& name) {
  const auto file = distcache::testing::tests_folder() / "data" / name;
  const std::string command = "xz -dc '" + file.string() + "'";
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::string all;
  char piece[65'536];
  for (size_t got = 0; (got = fread(piece, 1, sizeof piece, pipe.get())) > 0;) {
    all.append(piece, got);
  }
  return all;
}

const std::vector<Request>& web07() {
  static const std::vector<Request> requests = [] {
    const std::string bytes = unpacked("web07.trace.xz");
    std::vector<Request> all;
    for (size_t at = 0; at + 4 <= bytes.size(); at += 4) all.push_back({bytes.substr(at, 4)});
    return all;
  }();
  return requests;
}

// The answers with status 200, with the sizes that they had first.
const std::vector<Request>& nasa() {
  static const std::vector<Request> requests = [] {
    std::istringstream lines(unpacked("nasa-http-1995-08-01.tsv.xz"));
    std::vector<Request> all;
    std::string line;
    std::getline(lines, line);
    while (std::getline(lines, line)) {
      std::istringstream fields(line);
      std::string time, url, status, bytes;
      std::getline(fields, time, '\t');
      std::getline(fields, url, '\t');
      std::getline(fields, status, '\t');
      std::getline(fields, bytes, '\t');
      if (status == "200") all.push_back({url, std::stoul(bytes)});
    }
    return all;
  }();
  return requests;
}

size_t hits(const std::vector<Request>& requests, const char* policy, StoreLimits limits,
            bool real_sizes = false) {
  Store store({limits, policy, 1}, Allocator::system());
  const Instant now = Instant::from_ns(1);
  size_t count = 0;
  for (const Request& request : requests) {
    const Key key = Key::of(request.key);
    if (store.find(key, now)) {
      ++count;
      continue;
    }
    NewEntry fresh;
    fresh.value = Buffer::uninitialized(real_sizes ? request.bytes : 1);
    store.put(key, std::move(fresh), now);
  }
  return count;
}

TEST(Trace, DataIsWhole) {
  EXPECT_EQ(web07().size(), 76'118u) << "is xz-utils installed?";
  EXPECT_EQ(nasa().size(), 27'876u) << "is xz-utils installed?";
}

struct Expected {
  size_t entries_max;
  size_t lru;
  size_t s3fifo;
};

TEST(Trace, Web07) {
  constexpr Expected kExpected[] = {
      {20, 16'228, 18'258}, {204, 29'797, 33'174}, {1024, 38'487, 41'305}, {4096, 46'458, 47'616}};
  for (const Expected& row : kExpected) {
    const StoreLimits limits{SIZE_MAX, row.entries_max};
    EXPECT_EQ(hits(web07(), "lru", limits), row.lru) << row.entries_max;
    EXPECT_EQ(hits(web07(), "auto", limits), row.s3fifo) << row.entries_max;
  }
}

TEST(Trace, Nasa) {
  constexpr Expected kExpected[] = {
      {17, 8'829, 13'035}, {86, 17'380, 19'476}, {347, 22'760, 23'555}};
  for (const Expected& row : kExpected) {
    const StoreLimits limits{SIZE_MAX, row.entries_max};
    EXPECT_EQ(hits(nasa(), "lru", limits), row.lru) << row.entries_max;
    EXPECT_EQ(hits(nasa(), "auto", limits), row.s3fifo) << row.entries_max;
  }
}

// By true bytes the counts depend on the size of a header, so: a lead and not a number.
TEST(Trace, NasaByBytes) {
  for (const size_t megabytes : {1, 4, 10}) {
    const StoreLimits limits{megabytes << 20, SIZE_MAX};
    EXPECT_GT(hits(nasa(), "auto", limits, true), hits(nasa(), "lru", limits, true) * 102 / 100)
        << megabytes;
  }
}

// Tiny caches are where fixed queue shares collapse: never much below LRU.
TEST(Trace, TinyCachesDoNotCollapse) {
  for (size_t entries_max = 4; entries_max <= 512; entries_max *= 2) {
    for (const auto* requests : {&web07(), &nasa()}) {
      const StoreLimits limits{SIZE_MAX, entries_max};
      const size_t floor = hits(*requests, "lru", limits) - requests->size() / 100;
      EXPECT_GE(hits(*requests, "auto", limits), floor) << entries_max;
    }
  }
}

}  // namespace
}  // namespace distcache::core
