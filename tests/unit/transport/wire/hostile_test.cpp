#include <gtest/gtest.h>

#include <set>

#include "transport/wire/allocation_probe.h"
#include "transport/wire/golden_file.h"
#include "transport/wire/messages.h"

namespace distcache::testing {
namespace {

using wire::decode;
using wire::encode;
using wire::Parts;
using wire::Reject;

// What decode() promises, and what few bytes may cost: the widest ratio is a name of one byte (two
// on the wire, a std::string of 32 here).
size_t bytes_allowed(const Parts& parts) {
  const size_t header = parts.empty() ? 0 : parts.front().size();
  constexpr size_t kMiB = 1024 * 1024;
  return std::min(2 * header + kMiB * 3 / 2, 20 * header + 1024);
}

struct Verdict {
  bool accepted = false;
  Reject why = Reject::none;
};

// Decodes what a peer might have sent and checks everything that must hold for any bytes.
Verdict check(const Parts& parts, bool membership) {
  static ProbedAllocator allocator;
  Verdict verdict;
  Result<core::Message> message = core::Message{};
  size_t allocated = 0;
  {
    AllocationProbe probe;
    message = decode(parts, limits_for(membership), &verdict.why, allocator);
    allocated = probe.bytes();
  }
  EXPECT_LE(allocated, bytes_allowed(parts));
  verdict.accepted = message.ok();
  EXPECT_EQ(verdict.accepted, verdict.why == Reject::none);
  if (!verdict.accepted) return verdict;

  // What was accepted means something: it can be said again, and then means the same.
  message->envelope.version = core::kProtocolVersion;
  const auto again = encode(*message);
  if (!again.ok()) {  // values that came inside the header may be too many parts
    EXPECT_EQ(again.error().status, Status::too_large);
    return verdict;
  }
  const auto second = decode(*again, limits_for(membership));
  EXPECT_TRUE(second.ok() && same(*message, *second));
  return verdict;
}

Parts with_header(const Parts& parts, Bytes header) {
  Parts changed = parts;
  changed.front() = Buffer::copy_of(header);
  return changed;
}

std::vector<Vector> all_vectors() {
  std::vector<Vector> all = read_vectors("messages.json");
  for (const char* file : {"compatible.json", "rejected.json"}) {
    for (Vector& vector : read_vectors(file)) all.push_back(std::move(vector));
  }
  return all;
}

TEST(Hostile, EveryPrefixOfEveryVectorIsRejected) {
  size_t inputs = 0;
  for (const Vector& vector : read_vectors("messages.json")) {
    SCOPED_TRACE(vector.name);
    const std::string whole(vector.parts.front().view());
    for (size_t size = 0; size < whole.size(); ++size) {
      const Verdict verdict =
          check(with_header(vector.parts, Bytes(whole).substr(0, size)), vector.membership);
      ASSERT_FALSE(verdict.accepted) << size;
      ASSERT_EQ(verdict.why, Reject::truncated) << size;
      ++inputs;
    }
  }
  RecordProperty("inputs", static_cast<int>(inputs));
  EXPECT_GT(inputs, 20'000u);
}

TEST(Hostile, EverySingleBitFlipIsAcceptedOrRejected) {
  size_t inputs = 0;
  size_t accepted = 0;
  std::set<Reject> reasons;
  for (const Vector& vector : read_vectors("messages.json")) {
    SCOPED_TRACE(vector.name);
    std::string header(vector.parts.front().view());
    for (size_t bit = 0; bit < header.size() * 8; ++bit) {
      // Inside a long run the next flip tells nothing that the one before did not.
      const size_t byte = bit / 8;
      if (byte > 64 && byte + 64 < header.size() && byte % 16 != 0 &&
          header[byte] == header[byte - 1]) {
        continue;
      }
      header[byte] = static_cast<char>(header[byte] ^ (1 << bit % 8));
      const Verdict verdict = check(with_header(vector.parts, header), vector.membership);
      header[byte] = static_cast<char>(header[byte] ^ (1 << bit % 8));
      ++inputs;
      accepted += verdict.accepted ? 1 : 0;
      reasons.insert(verdict.why);
      if (HasFailure()) FAIL() << "bit " << bit;
    }
  }
  RecordProperty("inputs", static_cast<int>(inputs));
  EXPECT_GT(inputs, 50'000u);
  EXPECT_GT(accepted, inputs / 10);  // keys and values may be anything
  EXPECT_GE(reasons.size(), 14u);
}

TEST(Hostile, PartsLostAddedSwappedOrGivenToOthers) {
  for (const Vector& vector : read_vectors("messages.json")) {
    if (vector.parts.size() == 1) continue;
    SCOPED_TRACE(vector.name);
    Parts parts = vector.parts;
    parts.pop_back();
    EXPECT_EQ(check(parts, vector.membership).why, Reject::part_order);
    parts = vector.parts;
    parts.push_back(parts.back());
    EXPECT_EQ(check(parts, vector.membership).why, Reject::part_order);
    parts = vector.parts;
    parts.back() = Buffer();
    EXPECT_EQ(check(parts, vector.membership).why, Reject::length);
    parts = vector.parts;
    std::swap(parts.front(), parts.back());
    EXPECT_FALSE(check(parts, vector.membership).accepted);
  }
}

TEST(Hostile, TheOtherPlaneRefusesEveryVector) {
  for (const Vector& vector : read_vectors("messages.json")) {
    SCOPED_TRACE(vector.name);
    const Reject expected = vector.parts.size() == 1 ? Reject::wrong_plane : Reject::too_many_parts;
    EXPECT_EQ(check(vector.parts, !vector.membership).why, expected);
  }
}

// Five bytes that made a general decoder reserve gigabytes, and their relatives: rejected.json has
// them; none costs more than its own size allows, and most cost nothing.
TEST(Hostile, BombsCostNothing) {
  size_t bombs = 0;
  for (const Vector& vector : all_vectors()) {
    if (vector.name.rfind("bomb_", 0) != 0) continue;
    SCOPED_TRACE(vector.name);
    ++bombs;
    AllocationProbe probe;
    const auto message = decode(vector.parts, limits_for(vector.membership));
    EXPECT_FALSE(message.ok());
    if (vector.name != "bomb_names" && vector.name != "bomb_names_one_list") {
      EXPECT_LE(probe.largest(), 1024u);
    }
  }
  EXPECT_GE(bombs, 12u);
}

TEST(Hostile, AllVectorsKeepTheBoundOnMemory) {
  for (const Vector& vector : all_vectors()) {
    SCOPED_TRACE(vector.name);
    check(vector.parts, vector.membership);
  }
}

// Every allocation of every vector fails once: NO_MEMORY or, where the allocation was only for the
// words of an error, that error without its words; never an exception.
TEST(Hostile, MemoryThatRunsOutIsAStatus) {
  if (!AllocationProbe::can_fail()) GTEST_SKIP() << "not under a sanitizer";
  ProbedAllocator allocator;
  size_t failures = 0;
  for (const Vector& vector : all_vectors()) {
    SCOPED_TRACE(vector.name);
    for (uint64_t n = 1;; ++n) {
      AllocationProbe probe;
      probe.fail_at(n);
      Reject why = Reject::none;
      const auto message = decode(vector.parts, limits_for(vector.membership), &why, allocator);
      if (probe.count() < n) break;
      ++failures;
      ASSERT_FALSE(message.ok());
      ASSERT_EQ(message.error().status, Status::no_memory);
      ASSERT_EQ(why, Reject::no_memory);
    }
  }
  for (const NamedMessage& named : golden_messages()) {
    SCOPED_TRACE(named.name);
    for (uint64_t n = 1;; ++n) {
      AllocationProbe probe;
      probe.fail_at(n);
      const auto parts = encode(named.message, allocator);
      if (probe.count() < n) break;
      ++failures;
      ASSERT_FALSE(parts.ok());
      ASSERT_EQ(parts.error().status, Status::no_memory);
    }
  }
  EXPECT_GT(failures, 300u);
}

}  // namespace
}  // namespace distcache::testing
