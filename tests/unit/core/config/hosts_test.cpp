#include "core/config/hosts.h"

#include <gtest/gtest.h>

namespace distcache::core {
namespace {

TEST(Hosts, LoopbackIsJudgedByTheTextAlone) {
  for (const char* host : {"127.0.0.1", "127.255.255.254", "::1", "0:0:0:0:0:0:0:1",
                           "::ffff:127.0.0.1", "localhost"}) {
    EXPECT_TRUE(is_loopback(host)) << host;
  }
  for (const char* host :
       {"", "128.0.0.1", "10.0.0.1", "0.0.0.0", "::", "::2", "1::1", "::ffff:10.0.0.1",
        "fe80::1%lo", "127.0.0.1.example", "localhost.", "127.1", "node"}) {
    EXPECT_FALSE(is_loopback(host)) << host;
  }
}

TEST(Hosts, WildcardIsAllAddresses) {
  for (const char* host : {"0.0.0.0", "::", "::0", "::ffff:0.0.0.0"}) {
    EXPECT_TRUE(is_wildcard(host)) << host;
  }
  for (const char* host : {"", "127.0.0.1", "::1", "0.0.0.1", "*"}) {
    EXPECT_FALSE(is_wildcard(host)) << host;
  }
}

TEST(Hosts, ANumericAddressEndsWhereItsTextEnds) {
  EXPECT_FALSE(is_ip(std::string("127.0.0.1\0.example", 18)));
  EXPECT_FALSE(is_loopback(std::string("127.0.0.1\0.example", 18)));
}

TEST(Hosts, NumericAddressesMayCarryAZone) {
  EXPECT_TRUE(is_ip("fe80::1%eth0"));
  EXPECT_TRUE(is_ip("192.168.0.1"));
  EXPECT_FALSE(is_ip("192.168.0.1%eth0"));
  EXPECT_FALSE(is_ip("localhost"));
  EXPECT_FALSE(is_ip(""));
}

}  // namespace
}  // namespace distcache::core
