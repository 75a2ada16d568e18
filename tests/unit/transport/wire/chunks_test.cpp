#include "transport/wire/chunks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "base/rng.h"

namespace distcache::wire {
namespace {

constexpr size_t kPiece = limits::kChunkBytesMax;
constexpr size_t kValueMax = 4 * kPiece;
constexpr Instant kNow = Instant::from_ns(1'000'000);

// Another byte for each 4 KiB, so that a piece in the wrong place is seen.
Buffer value_of(size_t size) {
  Buffer value = Buffer::uninitialized(size);
  for (size_t at = 0; at < size; at += 4096) {
    std::memset(value.mutable_data() + at, static_cast<int>(at / 4096 * 7 % 251),
                std::min<size_t>(4096, size - at));
  }
  return value;
}

std::vector<core::Chunk> pieces_of(uint64_t id, bool of_reply, const Buffer& value) {
  std::vector<core::Chunk> pieces;
  for (Splitter splitter(id, of_reply, value); !splitter.done();) {
    auto piece = splitter.next();
    EXPECT_TRUE(piece.ok());
    pieces.push_back(std::move(*piece));
  }
  return pieces;
}

core::Chunk chunk(uint64_t offset, uint64_t total, size_t size, uint64_t id = 1) {
  return {id, false, offset, total, Buffer::copy_of(std::string(size, 'x'))};
}

TEST(Splitter, CutsAtEachMebibyte) {
  for (const size_t size : {kPiece + 1, 2 * kPiece, 3 * kPiece - 1}) {
    const Buffer value = value_of(size);
    const auto pieces = pieces_of(7, true, value);
    ASSERT_EQ(pieces.size(), (size + kPiece - 1) / kPiece);
    std::string whole;
    for (const core::Chunk& piece : pieces) {
      EXPECT_EQ(piece.id, 7u);
      EXPECT_TRUE(piece.of_reply);
      EXPECT_EQ(piece.total, size);
      EXPECT_EQ(piece.offset, whole.size());
      whole += piece.bytes.view();
    }
    EXPECT_EQ(whole, value.view());
  }
}

TEST(Splitter, GoesOnAfterItHadNoMemory) {
  class Sometimes final : public Allocator {
   public:
    void* allocate(size_t bytes) override {
      return ++asked == 2 ? nullptr : system().allocate(bytes);
    }
    void deallocate(void* block, size_t bytes) override { system().deallocate(block, bytes); }
    size_t true_size(size_t bytes) const override { return bytes; }
    int asked = 0;
  } allocator;
  Splitter splitter(1, false, value_of(2 * kPiece + 5));
  EXPECT_EQ(splitter.next(allocator)->offset, 0u);
  EXPECT_EQ(splitter.next(allocator).error().status, Status::no_memory);
  EXPECT_EQ(splitter.next(allocator)->offset, kPiece);
  EXPECT_EQ(splitter.next(allocator)->bytes.size(), 5u);
  EXPECT_TRUE(splitter.done());
}

TEST(Reassembler, GivesTheValueBackOnce) {
  Reassembler reassembler(kValueMax);
  const Buffer value = value_of(3 * kPiece + 17);
  for (core::Chunk& piece : pieces_of(7, true, value)) {
    EXPECT_EQ(reassembler.add(std::move(piece), kNow), ChunkReject::none);
  }
  EXPECT_EQ(reassembler.bytes_held(), value.size());
  EXPECT_TRUE(reassembler.take(7, false)->is_null());  // of a call: another value
  EXPECT_TRUE(reassembler.take(8, true)->is_null());
  EXPECT_EQ(reassembler.take(7, true)->view(), value.view());
  EXPECT_TRUE(reassembler.take(7, true)->is_null());
  EXPECT_EQ(reassembler.bytes_held(), 0u);
}

TEST(Reassembler, KeepsPiecesAsTheyCameUntilItIsAsked) {
  class Counting final : public Allocator {
   public:
    void* allocate(size_t bytes) override {
      asked += bytes;
      return refuse ? nullptr : system().allocate(bytes);
    }
    void deallocate(void* block, size_t bytes) override { system().deallocate(block, bytes); }
    size_t true_size(size_t bytes) const override { return bytes; }
    size_t asked = 0;
    bool refuse = false;
  } allocator;
  Reassembler reassembler(kValueMax);
  const Buffer value = value_of(2 * kPiece);
  for (core::Chunk& piece : pieces_of(1, false, value)) reassembler.add(std::move(piece), kNow);
  EXPECT_EQ(reassembler.take(1, false, allocator)->view(), value.view());
  EXPECT_GE(allocator.asked, value.size());
  EXPECT_LT(allocator.asked, value.size() + 100);

  for (core::Chunk& piece : pieces_of(2, false, value)) reassembler.add(std::move(piece), kNow);
  allocator.refuse = true;
  EXPECT_EQ(reassembler.take(2, false, allocator).error().status, Status::no_memory);
  EXPECT_EQ(reassembler.bytes_held(), 0u);
}

TEST(Reassembler, PutsSeveralValuesTogetherAtOnce) {
  Reassembler reassembler(kValueMax);
  std::vector<std::vector<core::Chunk>> all;
  for (uint64_t id = 0; id < limits::kReassembliesMax; ++id) {
    all.push_back(pieces_of(id / 2, id % 2 == 1, value_of(2 * kPiece + id)));
  }
  for (size_t piece = 0; piece < 3; ++piece) {
    for (auto& pieces : all) {
      if (piece < pieces.size()) {
        EXPECT_EQ(reassembler.add(std::move(pieces[piece]), kNow), ChunkReject::none);
      }
    }
  }
  for (uint64_t id = 0; id < limits::kReassembliesMax; ++id) {
    EXPECT_EQ(reassembler.take(id / 2, id % 2 == 1)->view(), value_of(2 * kPiece + id).view());
  }
}

struct Step {
  core::Chunk chunk;
  ChunkReject expected;
};

// Feeds the steps and returns the reassembler; each refusal is counted under its reason.
void expect_steps(std::vector<Step> steps, bool survives) {
  Reassembler reassembler(kValueMax);
  std::array<uint64_t, kChunkRejects> refused{};
  size_t held = 0;
  for (Step& step : steps) {
    ++refused[static_cast<size_t>(step.expected)];
    EXPECT_EQ(reassembler.add(std::move(step.chunk), kNow), step.expected);
    held = reassembler.bytes_held();
  }
  for (size_t why = 1; why < kChunkRejects; ++why) {
    EXPECT_EQ(reassembler.rejected(static_cast<ChunkReject>(why)), refused[why]) << why;
  }
  EXPECT_EQ(held > 0, survives);
}

TEST(Reassembler, RefusesWhatIsNotTheNextPiece) {
  using enum ChunkReject;
  constexpr uint64_t kTotal = 3 * kPiece;
  expect_steps({{chunk(kPiece, kTotal, kPiece), gap}}, false);  // no first piece
  expect_steps({{chunk(0, kTotal, kPiece), none}, {chunk(2 * kPiece, kTotal, kPiece), gap}}, false);
  expect_steps({{chunk(0, kTotal, kPiece), none}, {chunk(0, kTotal, kPiece), duplicate}}, true);
  expect_steps({{chunk(0, kTotal, kPiece), none}, {chunk(5, kTotal, kPiece), overlap}}, false);
  expect_steps({{chunk(0, kTotal, kPiece), none}, {chunk(0, kTotal, 5), overlap}}, false);
  expect_steps({{chunk(0, kTotal, kPiece), none}, {chunk(kPiece, kTotal + 1, kPiece), wrong_total}},
               false);
  expect_steps({{chunk(0, kTotal, kPiece - 1), wrong_size}}, false);
  expect_steps({{chunk(0, kTotal, kPiece), none}, {chunk(kPiece, kTotal, 1), wrong_size}}, false);
  // The last one has the rest, no more.
  expect_steps({{chunk(0, kPiece + 9, kPiece), none}, {chunk(kPiece, kPiece + 9, 10), wrong_size}},
               false);
  expect_steps({{chunk(0, kPiece + 9, kPiece), none},
                {chunk(kPiece, kPiece + 9, 9), none},
                {chunk(kPiece, kPiece + 9, 9), duplicate},
                {chunk(kPiece + 9, kPiece + 9, 1), overlap}},
               false);
}

TEST(Reassembler, RefusesValuesOfTheWrongSize) {
  using enum ChunkReject;
  expect_steps({{chunk(0, 0, 0), too_small}}, false);
  expect_steps({{chunk(0, kPiece, kPiece), too_small}}, false);
  expect_steps({{chunk(0, kValueMax + 1, kPiece), too_large}}, false);
  expect_steps({{chunk(0, UINT64_MAX, kPiece), too_large}}, false);
  expect_steps({{chunk(UINT64_MAX, UINT64_MAX, kPiece), gap}}, false);
  expect_steps({{chunk(0, kValueMax, kPiece), none}}, true);
}

TEST(Reassembler, KeepsFewValuesOfOnePeer) {
  Reassembler reassembler(kValueMax);
  for (uint64_t id = 0; id < limits::kReassembliesMax; ++id) {
    EXPECT_EQ(reassembler.add(chunk(0, kValueMax, kPiece, id), kNow), ChunkReject::none);
  }
  for (uint64_t id = 100; id < 1'100; ++id) {
    EXPECT_EQ(reassembler.add(chunk(0, kValueMax, kPiece, id), kNow), ChunkReject::too_many);
  }
  EXPECT_EQ(reassembler.bytes_held(), limits::kReassembliesMax * kPiece);
  EXPECT_EQ(reassembler.rejected(ChunkReject::too_many), 1'000u);
  // Whose call came without the rest gives its place back.
  EXPECT_TRUE(reassembler.take(0, false)->is_null());
  EXPECT_EQ(reassembler.rejected(ChunkReject::unfinished), 1u);
  EXPECT_EQ(reassembler.add(chunk(0, kValueMax, kPiece, 100), kNow), ChunkReject::none);
  // So does one that nobody waits for any more.
  reassembler.drop(100, true);  // of a reply: another value
  EXPECT_EQ(reassembler.bytes_held(), limits::kReassembliesMax * kPiece);
  reassembler.drop(100, false);
  EXPECT_EQ(reassembler.bytes_held(), (limits::kReassembliesMax - 1) * kPiece);
  reassembler.clear();
  EXPECT_EQ(reassembler.bytes_held(), 0u);
}

TEST(Reassembler, ForgetsWhatIsTooOld) {
  Reassembler reassembler(kValueMax);
  EXPECT_TRUE(reassembler.next_deadline().is_never());
  reassembler.add(chunk(0, kValueMax, kPiece, 1), kNow);
  reassembler.add(chunk(0, kValueMax, kPiece, 2), kNow + Duration::seconds(10));
  EXPECT_EQ(reassembler.next_deadline(), kNow + Duration::seconds(30));
  EXPECT_EQ(reassembler.expire(kNow + kReassemblyAgeMax - Duration::ns(1)), 0u);
  EXPECT_EQ(reassembler.expire(kNow + kReassemblyAgeMax), 1u);
  EXPECT_EQ(reassembler.next_deadline(), kNow + Duration::seconds(10) + kReassemblyAgeMax);
  // Its next piece finds nothing; adding alone forgets, too.
  EXPECT_EQ(reassembler.add(chunk(kPiece, kValueMax, kPiece, 2), kNow + Duration::seconds(41)),
            ChunkReject::gap);
  EXPECT_EQ(reassembler.rejected(ChunkReject::expired), 2u);
  EXPECT_EQ(reassembler.bytes_held(), 0u);
}

// Pieces of a few values, lost, repeated, reordered or damaged: what is taken is whole and right,
// and the bound on memory holds at every step.
TEST(Reassembler, RandomTroubleNeverGivesAWrongValue) {
  SeededRng rng(11);
  size_t whole = 0;
  size_t lost = 0;
  for (int round = 0; round < 150; ++round) {
    Reassembler reassembler(kValueMax);
    const Buffer value = value_of(kPiece + 1 + rng.below(2 * kPiece));
    auto pieces = pieces_of(1, false, value);
    std::vector<core::Chunk> sent;
    for (const core::Chunk& piece : pieces) {
      if (rng.below(10) == 0) continue;
      sent.push_back(piece);
      if (rng.below(5) == 0) sent.push_back(piece);
      if (rng.below(10) == 0) sent.back().offset += kPiece / 2;
      if (rng.below(20) == 0) sent.back().total ^= 1;
    }
    if (sent.size() > 1 && rng.below(5) == 0) std::swap(sent.front(), sent.back());
    for (core::Chunk& piece : sent) {
      reassembler.add(std::move(piece), kNow);
      EXPECT_LE(reassembler.bytes_held(), kValueMax);
    }
    const auto taken = reassembler.take(1, false);
    ASSERT_TRUE(taken.ok());
    if (taken->is_null()) {
      ++lost;
    } else {
      ++whole;
      ASSERT_EQ(taken->view(), value.view());
    }
  }
  EXPECT_GT(whole, 40u);
  EXPECT_GT(lost, 40u);
}

}  // namespace
}  // namespace distcache::wire
