#include "discovery/dns_message.h"

#include <gtest/gtest.h>

#include <string_view>

#include "base/rng.h"

namespace distcache::discovery {
namespace {

using Bytes = std::vector<uint8_t>;

// Puts a message together, RFC 1035, 4.1.
class Message {
 public:
  Message(uint16_t questions, uint16_t answers, uint16_t authorities, uint16_t additional) {
    for (const uint16_t number :
         {uint16_t{7}, uint16_t{0x8180}, questions, answers, authorities, additional}) {
      put16(number);
    }
  }
  Message& put8(uint8_t byte) {
    bytes.push_back(byte);
    return *this;
  }
  Message& put16(uint16_t number) {
    return put8(static_cast<uint8_t>(number >> 8)).put8(static_cast<uint8_t>(number));
  }
  Message& put32(uint32_t number) {
    return put16(static_cast<uint16_t>(number >> 16)).put16(static_cast<uint16_t>(number));
  }
  Message& text(std::string_view text) {
    put8(static_cast<uint8_t>(text.size()));
    bytes.insert(bytes.end(), text.begin(), text.end());
    return *this;
  }
  Message& name(std::string_view dotted) {
    while (!dotted.empty()) {
      const size_t dot = std::min(dotted.find('.'), dotted.size());
      text(dotted.substr(0, dot));
      dotted.remove_prefix(std::min(dot + 1, dotted.size()));
    }
    return put8(0);
  }
  Message& pointer(uint16_t offset) { return put16(static_cast<uint16_t>(0xc000 | offset)); }
  Message& question(std::string_view dotted, uint16_t type) {
    return name(dotted).put16(type).put16(1);
  }
  // What follows the owner's name; the data come next.
  Message& record(uint16_t type, uint32_t ttl, uint16_t length, uint16_t kind = 1) {
    return put16(type).put16(kind).put32(ttl).put16(length);
  }
  Result<std::vector<DnsRecord>> parsed() const { return parse_dns(bytes); }

  Bytes bytes;
};

constexpr uint16_t kQuestionName = 12;  // where the name of the question is

TEST(DnsMessage, ReadsAddresses) {
  Message message(1, 3, 0, 0);
  message.question("cache.test", 1);
  message.pointer(kQuestionName).record(5, 60, 2).pointer(kQuestionName);  // CNAME: passed over
  message.pointer(kQuestionName).record(1, 30, 4).put32(0x0a000001);
  message.pointer(kQuestionName).record(28, 40, 16).put32(0xfd000000).put32(0).put32(0).put32(1);
  const auto records = message.parsed();
  ASSERT_TRUE(records.ok());
  ASSERT_EQ(records->size(), 2U);
  EXPECT_EQ(records->at(0).host, "10.0.0.1");
  EXPECT_EQ(records->at(0).owner, "cache.test");
  EXPECT_EQ(records->at(0).ttl_s, 30U);
  EXPECT_FALSE(records->at(0).additional);
  EXPECT_EQ(records->at(1).type, DnsType::aaaa);
  EXPECT_EQ(records->at(1).host, "fd00::1");
}

TEST(DnsMessage, ReadsServicesWithTheirAdditionalAddresses) {
  Message message(1, 2, 1, 1);
  message.question("cache.test", 33);
  message.pointer(kQuestionName).record(33, 5, 11).put16(0).put16(0).put16(3322);
  message.text("n1").pointer(kQuestionName + 6);  // n1.test
  message.pointer(kQuestionName).record(33, 5, 7).put16(0).put16(0).put16(1).put8(0);
  message.name("test").record(2, 5, 2).pointer(kQuestionName);  // an authority
  message.name("n1.test").record(1, 9, 4).put32(0x7f000001);
  const auto records = message.parsed();
  ASSERT_TRUE(records.ok());
  ASSERT_EQ(records->size(), 3U);
  EXPECT_EQ(records->at(0).host, "n1.test");
  EXPECT_EQ(records->at(0).port, 3322);
  EXPECT_EQ(records->at(1).host, ".");
  EXPECT_TRUE(records->at(2).additional);
  EXPECT_EQ(records->at(2).owner, "n1.test");
  EXPECT_EQ(records->at(2).host, "127.0.0.1");
}

TEST(DnsMessage, JoinsTheStringsOfATextAndPassesOtherClassesOver) {
  Message message(0, 3, 0, 0);
  message.name("c.test").record(16, 0x80000001, 8).text("ab").text("").text("cde");
  message.name("c.test").record(16, 1, 3, 3).text("xx");  // CHAOS
  message.name("c.test").record(16, 1, 0);
  const auto records = message.parsed();
  ASSERT_TRUE(records.ok());
  ASSERT_EQ(records->size(), 2U);
  EXPECT_EQ(records->at(0).text, "abcde");
  EXPECT_EQ(records->at(0).ttl_s, 0U);  // beyond the highest one
  EXPECT_EQ(records->at(1).text, "");
}

TEST(DnsMessage, AnEmptyAnswerIsOne) { EXPECT_TRUE(Message(0, 0, 0, 0).parsed()->empty()); }

TEST(DnsMessage, RefusesWhatIsCutOffAnywhere) {
  Message message(1, 2, 0, 1);
  message.question("cache.test", 33);
  message.pointer(kQuestionName).record(33, 5, 8).put16(0).put16(0).put16(3).pointer(kQuestionName);
  message.pointer(kQuestionName).record(16, 5, 3).text("ab");
  message.pointer(kQuestionName).record(28, 5, 16).put32(1).put32(1).put32(1).put32(1);
  ASSERT_TRUE(message.parsed().ok());
  for (size_t size = 0; size < message.bytes.size(); ++size) {
    const Bytes part(message.bytes.begin(), message.bytes.begin() + static_cast<long>(size));
    EXPECT_FALSE(parse_dns(part).ok()) << size;
  }
}

TEST(DnsMessage, RefusesLengthsThatDoNotFitTheType) {
  for (const uint16_t length : {uint16_t{0}, uint16_t{3}, uint16_t{5}}) {
    Message address(0, 1, 0, 0);
    address.name("c").record(1, 1, length);
    for (uint16_t i = 0; i < length; ++i) address.put8(0);
    EXPECT_FALSE(address.parsed().ok()) << length;
  }
  Message text(0, 1, 0, 0);
  text.name("c").record(16, 1, 2).put8(9).put8('x');
  EXPECT_FALSE(text.parsed().ok());
  Message service(0, 1, 0, 0);
  service.name("c").record(33, 1, 6).put16(0).put16(0).put16(1);
  EXPECT_FALSE(service.parsed().ok());
}

TEST(DnsMessage, RefusesANameThatNeverEnds) {
  Message message(0, 1, 0, 0);
  message.pointer(12).record(1, 1, 4).put32(1);  // to itself
  EXPECT_FALSE(message.parsed().ok());
}

// Whatever the bytes are, there is an answer; the sanitizers watch.
TEST(DnsMessage, AnyBytesAreReadOrRefused) {
  SeededRng rng(42);
  Message whole(1, 2, 0, 1);
  whole.question("cache.test", 33);
  whole.pointer(kQuestionName).record(33, 5, 8).put16(0).put16(0).put16(3).pointer(kQuestionName);
  whole.pointer(kQuestionName).record(16, 5, 3).text("ab");
  whole.pointer(kQuestionName).record(1, 5, 4).put32(1);
  for (int round = 0; round < 20'000; ++round) {
    Bytes bytes = whole.bytes;
    for (uint64_t changes = 1 + rng.below(4); changes > 0; --changes) {
      bytes[rng.below(bytes.size())] = static_cast<uint8_t>(rng.next());
    }
    bytes.resize(rng.below(bytes.size() + 1));
    const auto records = parse_dns(bytes);
    EXPECT_TRUE(!records.ok() || records->size() <= bytes.size());
  }
}

}  // namespace
}  // namespace distcache::discovery
