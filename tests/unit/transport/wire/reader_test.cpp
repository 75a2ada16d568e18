#include "transport/wire/reader.h"

#include <gtest/gtest.h>

#include <msgpack.hpp>

#include "base/rng.h"

// The cursor against msgpack-cxx's own parser: they must agree on where an item ends.
namespace distcache::wire {
namespace {

constexpr int kDeep = 64;

struct OurTypesOnly : msgpack::null_visitor {
  bool visit_negative_integer(int64_t) { return false; }
  bool visit_float32(float) { return false; }
  bool visit_float64(double) { return false; }
  bool visit_ext(const char*, uint32_t) { return false; }
  bool start_map(uint32_t) { return false; }
  bool start_array(uint32_t) { return ++depth <= kDeep; }
  bool end_array() {
    --depth;
    return true;
  }
  int depth = 0;
};

// The length of the one item at the beginning as msgpack-cxx sees it, or 0.
size_t their_length(const std::string& bytes) {
  OurTypesOnly visitor;
  size_t end = 0;
  return msgpack::parse(bytes.data(), bytes.size(), end, visitor) ? end : 0;
}

size_t our_length(const std::string& bytes) {
  Reader reader(bytes);
  return reader.skip(kDeep) ? bytes.size() - reader.left() : 0;
}

TEST(Reader, AgreesWithMsgpackOnRandomBytes) {
  SeededRng rng(7);
  size_t accepted = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string bytes(1 + rng.below(24), '\0');
    for (char& c : bytes) {
      // Arrays and short lengths more often than chance has them.
      c = static_cast<char>(rng.below(3) == 0 ? 0x90 + rng.below(4) : rng.next());
    }
    const size_t theirs = their_length(bytes);
    ASSERT_EQ(our_length(bytes), theirs) << ::testing::PrintToString(bytes);
    accepted += theirs > 0 ? 1 : 0;
  }
  EXPECT_GT(accepted, 20'000u);
}

TEST(Reader, ReadsEveryWidthOfANumber) {
  for (int shift = 0; shift < 64; ++shift) {
    for (const uint64_t value : {uint64_t{1} << shift, (uint64_t{1} << shift) - 1}) {
      msgpack::sbuffer packed;
      msgpack::pack(packed, value);
      Reader reader(Bytes(packed.data(), packed.size()));
      uint64_t read = 0;
      ASSERT_TRUE(reader.number(read));
      EXPECT_EQ(read, value);
      EXPECT_TRUE(reader.at_end());
    }
  }
}

TEST(Reader, ReadsEveryWidthOfATextAndAValue) {
  for (const size_t size : {0u, 1u, 31u, 32u, 255u, 256u, 65'535u, 65'536u}) {
    const std::string body(size, 'b');
    msgpack::sbuffer packed;
    msgpack::packer<msgpack::sbuffer> packer(packed);
    packer.pack_str(static_cast<uint32_t>(size))
        .pack_str_body(body.data(), static_cast<uint32_t>(size));
    packer.pack_bin(static_cast<uint32_t>(size))
        .pack_bin_body(body.data(), static_cast<uint32_t>(size));
    Reader reader(Bytes(packed.data(), packed.size()));
    Bytes text;
    Bytes binary;
    EXPECT_TRUE(reader.text(text) && reader.binary(binary) && reader.at_end());
    EXPECT_EQ(text, body);
    EXPECT_EQ(binary, body);
  }
}

TEST(Reader, SaysWhyItStopped) {
  const auto reason = [](const std::string& bytes, auto read) {
    Reader reader(bytes);
    EXPECT_FALSE(read(reader));
    return reader.reject();
  };
  const auto number = [](Reader& reader) {
    uint64_t value = 0;
    return reader.number(value);
  };
  EXPECT_EQ(reason("", number), Reject::truncated);
  EXPECT_EQ(reason("\xcd\x01", number), Reject::truncated);
  EXPECT_EQ(reason("\xa1x", number), Reject::wrong_type);
  EXPECT_EQ(reason("\xff", number), Reject::forbidden_type);
  EXPECT_EQ(reason("\xca\1\2\3\4", number), Reject::forbidden_type);
  const auto array = [](Reader& reader) {
    uint32_t count = 0;
    return reader.array(count);
  };
  EXPECT_EQ(reason("\x92\x01", array), Reject::truncated);  // two announced, one byte left
  EXPECT_EQ(reason("\xdd\xff\xff\xff\xff", array), Reject::truncated);
  EXPECT_EQ(reason("\x81\x01\x01", array), Reject::forbidden_type);
  const auto shallow = [](Reader& reader) { return reader.skip(2); };
  EXPECT_EQ(reason("\x91\x91\x91\x01", shallow), Reject::depth);
}

}  // namespace
}  // namespace distcache::wire
