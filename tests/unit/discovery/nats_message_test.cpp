#include "discovery/nats/message.h"

#include <gtest/gtest.h>

namespace distcache::discovery {
namespace {

using Kind = NatsMessage::Kind;

const std::string kKey(40, 'k');

TEST(NatsMessage, IsAsTheDocumentSays) {
  EXPECT_EQ(format_nats_message({Kind::ask, {"10.0.0.7", 3322, ""}, "shop"}),
            "distcache/1 ask\n10.0.0.7:3322\nshop\n");
  EXPECT_EQ(format_nats_message({Kind::here, {"fe80::1", 1, kKey}, "a b"}),
            "distcache/1 here\n[fe80::1]:1#" + kKey + "\na b\n");
}

TEST(NatsMessage, ComesOutAsItWentIn) {
  for (const Kind kind : {Kind::ask, Kind::here, Kind::gone}) {
    for (const std::string& label : {std::string("x"), std::string(255, 'l')}) {
      const NatsMessage message{kind, {"node-1.shop", 65535, kKey}, label};
      EXPECT_EQ(parse_nats_message(format_nats_message(message)), message);
    }
  }
}

TEST(NatsMessage, LaterVersionsAppend) {
  const NatsMessage expected{Kind::here, {"h", 1, ""}, "l"};
  EXPECT_EQ(parse_nats_message("distcache/2 here\nh:1\nl\nwhat is new\n\n"), expected);
  EXPECT_EQ(parse_nats_message("distcache/99999 here\nh:1\nl"), expected);
}

TEST(NatsMessage, AnythingElseIsNone) {
  for (const char* text : {"",
                           "distcache",
                           "distcache/",
                           "distcache/1",
                           "distcache/1 ",
                           "distcache/1 ask",
                           "distcache/0 ask\nh:1\nl\n",
                           "distcache/01 ask\nh:1\nl\n",
                           "distcache/123456 ask\nh:1\nl\n",
                           "distcache/x ask\nh:1\nl\n",
                           "distcache/1 Ask\nh:1\nl\n",
                           "distcache/1  ask\nh:1\nl\n",
                           "distcache/1 ask \nh:1\nl\n",
                           "distcache/1 ask\n\nl\n",
                           "distcache/1 ask\nh\nl\n",
                           "distcache/1 ask\nh:0\nl\n",
                           "distcache/1 ask\nh:65536\nl\n",
                           "distcache/1 ask\n:1\nl\n",
                           "distcache/1 ask\nh:1#short\nl\n",
                           "distcache/1 ask\nh:1\n\n",
                           "distcache/1 ask\nh:1",
                           "Distcache/1 ask\nh:1\nl\n",
                           R"({"host":"h","port":1,"name":"n","type":2})"}) {
    EXPECT_FALSE(parse_nats_message(text)) << text;
  }
  EXPECT_FALSE(parse_nats_message("distcache/1 ask\nh:1\n" + std::string(256, 'l') + '\n'));
  EXPECT_FALSE(parse_nats_message("distcache/1 ask\nh:1\nl\n" + std::string(5000, '\n')));
  EXPECT_FALSE(parse_nats_message(std::string(100, '\0')));
}

}  // namespace
}  // namespace distcache::discovery
