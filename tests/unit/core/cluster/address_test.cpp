#include "core/cluster/address.h"

#include <gtest/gtest.h>

namespace distcache::core {
namespace {

const std::string kKey = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7";

TEST(Address, ReadsEveryForm) {
  const struct {
    std::string text;
    Address address;
  } rows[] = {
      {"host:3322", {"host", 3322, ""}},
      {"10.0.0.7:0", {"10.0.0.7", 0, ""}},
      {"cache-0.cache_svc.local:65535", {"cache-0.cache_svc.local", 65535, ""}},
      {"[::1]:3322", {"::1", 3322, ""}},
      {"[::ffff:10.0.0.7]:1", {"::ffff:10.0.0.7", 1, ""}},
      {"[fe80::1%eth0]:3322", {"fe80::1%eth0", 3322, ""}},
      {"host:3322#" + kKey, {"host", 3322, kKey}},
      {"[::1]:3322#" + kKey, {"::1", 3322, kKey}},
      // '#', ':' and ']' are characters of a key.
      {"host:1#" + std::string(40, '#'), {"host", 1, std::string(40, '#')}},
      {"host:1#" + std::string(40, ':'), {"host", 1, std::string(40, ':')}},
      {"[::1]:1#" + std::string(40, ']'), {"::1", 1, std::string(40, ']')}},
      {std::string(253, 'h') + ":65535#" + kKey, {std::string(253, 'h'), 65535, kKey}},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.text);
    const auto address = parse_address(row.text);
    ASSERT_TRUE(address.ok()) << address.error().message;
    EXPECT_EQ(*address, row.address);
    EXPECT_EQ(format_address(*address), row.text);
  }
}

TEST(Address, TakesTheDefaultPort) {
  EXPECT_EQ(*parse_address("host", 3322), (Address{"host", 3322, ""}));
  EXPECT_EQ(*parse_address("[::1]", 3322), (Address{"::1", 3322, ""}));
  EXPECT_EQ(*parse_address("host#" + kKey, 3322), (Address{"host", 3322, kKey}));
  EXPECT_EQ(*parse_address("host:1", 3322), (Address{"host", 1, ""}));
}

TEST(Address, SaysWhatIsWrong) {
  const struct {
    std::string text;
    std::string sentence;
  } rows[] = {
      {"", "the host is missing"},
      {":3322", "the host is missing"},
      {"host", "the port is missing, as in host:3322"},
      {"[::1]", "the port is missing, as in host:3322"},
      {"host:", "the port is a number from 0 to 65535"},
      {"host:65536", "the port is a number from 0 to 65535"},
      {"host:-1", "the port is a number from 0 to 65535"},
      {"host:+1", "the port is a number from 0 to 65535"},
      {"host:0x1", "the port is a number from 0 to 65535"},
      {"host:1 ", "the port is a number from 0 to 65535"},
      {"::1:3322", "an IPv6 address stands in brackets, as in [::1]:3322"},
      {"a:b:1", "an IPv6 address stands in brackets, as in [::1]:3322"},
      {"[::1:3322", "']' is missing"},
      {"[host]:1", "what stands in brackets is no IPv6 address"},
      {"[]:1", "what stands in brackets is no IPv6 address"},
      {"[fe80::1%]:1", "what stands in brackets is no IPv6 address"},
      {"[::1]3322", "after ']' comes ':' and the port"},
      {"two words:1", "the host has a character that no name or address has"},
      {"tcp//host:1", "the host has a character that no name or address has"},
      {"h\xc3\xa9:1", "the host has a character that no name or address has"},
      {"host:1#", "a public key has 40 characters, this one has 0"},
      {"host:1#abc", "a public key has 40 characters, this one has 3"},
      {"host:1#" + std::string(40, '"'), "the public key is not Z85"},
      {std::string(254, 'h') + ":1", "the host is longer than 253 characters"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.text);
    const auto address = parse_address(row.text);
    ASSERT_FALSE(address.ok());
    EXPECT_EQ(address.error().status, Status::invalid_argument);
    const std::string& message = address.error().message;
    EXPECT_TRUE(message.ends_with("': " + row.sentence)) << message;
  }
}

TEST(Address, QuotesWithoutControlCharactersAndInPart) {
  const auto nasty = parse_address("a\r\n\x1b[31m\xff:1");
  ASSERT_FALSE(nasty.ok());
  EXPECT_EQ(nasty.error().message,
            "address 'a???[31m?:1': the host has a character that no name or address has");
  const auto endless = parse_address(std::string(100'000, 'x') + ":1");
  ASSERT_FALSE(endless.ok());
  EXPECT_LT(endless.error().message.size(), 200u);
}

}  // namespace
}  // namespace distcache::core
