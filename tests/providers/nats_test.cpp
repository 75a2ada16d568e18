#include <gtest/gtest.h>
#include <nats/nats.h>

#include <csignal>
#include <fstream>
#include <thread>

#include "asked.h"
#include "base/limits.h"
#include "certificates.h"
#include "discovery/nats/provider.h"
#include "harness/nats_server.h"

namespace providers {
namespace {

using cluster::eventually;
using cluster::NatsServer;
using distcache::Duration;
using distcache::core::NatsConfig;

// A key pair for these tests only.
#define NKEY "UCODRHQYCIES3R2THMY6PKKJNDWVYDLG5MEYGJ5C43FIKGL3L2CRYFKF"
#define NKEY_SEED "SUAPPLEGLAMFWN7WS2ZLKK64XXMVBNCKYYXCTH3YZKV3Z46QBIVG3SELEE"

class Nats : public testing::Test {
 protected:
  void SetUp() override { NEEDS(NatsServer::missing()); }

  NatsConfig config(std::vector<std::string> urls) {
    NatsConfig config;
    config.urls = std::move(urls);
    return config;
  }
  Asked asked(NatsConfig config, const std::string& label = "shop") {
    Asked made(distcache::discovery::make_nats(std::move(config), label));
    made->log_to(lines_);
    return made;
  }

  Folder folder_;
  Lines lines_;
};

// Something else that has the server's ear.
class Stranger {
 public:
  explicit Stranger(const std::string& url) {
    EXPECT_EQ(natsConnection_ConnectTo(&connection_, url.c_str()), NATS_OK);
  }
  ~Stranger() { natsConnection_Destroy(connection_); }
  void say(const std::string& subject, const std::string& text) {
    EXPECT_EQ(natsConnection_Publish(connection_, subject.c_str(), text.data(),
                                     static_cast<int>(text.size())),
              NATS_OK);
    EXPECT_EQ(natsConnection_Flush(connection_), NATS_OK);
  }

 private:
  natsConnection* connection_ = nullptr;
};

TEST_F(Nats, MembersFindEachOtherAndNotThemselves) {
  NatsServer server;
  server.start();
  Asked a = asked(config({server.url()}));
  Asked b = asked(config({server.url()}));
  Asked c = asked(config({server.url()}));
  EXPECT_EQ(a->id(), "nats");
  ASSERT_EQ(a.start(1), "");
  EXPECT_TRUE(a.finds({}));
  ASSERT_EQ(b.start(2), "");
  ASSERT_EQ(c.start(3), "");
  EXPECT_TRUE(a.finds({2, 3}));
  EXPECT_TRUE(b.finds({1, 3}));
  EXPECT_TRUE(c.finds({1, 2}));
  EXPECT_TRUE(c->deregister_node().ok());
  EXPECT_TRUE(a.finds({2}));
}

TEST_F(Nats, WhoComesIsHeardWithoutBeingAskedFor) {
  NatsServer server;
  server.start();
  std::atomic<int> changes{0};
  Asked a = asked(config({server.url()}));
  a->on_change([&changes] { ++changes; });
  ASSERT_EQ(a.start(1), "");
  Asked b = asked(config({server.url()}));
  ASSERT_EQ(b.start(2), "");
  EXPECT_TRUE(eventually(kPatience, [&] { return changes.load() > 0; }));
  b->close();
  EXPECT_TRUE(a.finds({2}));  // heard, not asked: nobody is there to answer
  EXPECT_TRUE(a.finds({}));
}

TEST_F(Nats, OtherLabelsAndSubjectsAreOtherClusters) {
  NatsServer server;
  server.start();
  Asked a = asked(config({server.url()}), "shop");
  Asked b = asked(config({server.url()}), "shop2");
  NatsConfig elsewhere = config({server.url()});
  elsewhere.subject = "distcache.elsewhere";
  Asked c = asked(elsewhere, "shop");
  Asked d = asked(config({server.url()}), "shop");
  ASSERT_EQ(a.start(1), "");
  ASSERT_EQ(b.start(2), "");
  ASSERT_EQ(c.start(3), "");
  EXPECT_TRUE(b.finds({}));
  EXPECT_TRUE(c.finds({}));
  ASSERT_EQ(d.start(4), "");
  EXPECT_TRUE(d.finds({1}));
}

TEST_F(Nats, ServerThatComesLateIsFound) {
  NatsServer server;
  Asked a = asked(config({server.url()}));
  const std::string why = a.start(1);
  EXPECT_NE(why.find("discovery.nats.url = " + server.url() + ": "), std::string::npos) << why;
  EXPECT_NE(why.find("is a server running there?"), std::string::npos) << why;
  EXPECT_TRUE(a.fails(server.url()));
  server.start();
  EXPECT_TRUE(a.finds({}));
  Asked b = asked(config({server.url()}));
  ASSERT_EQ(b.start(2), "");
  EXPECT_TRUE(a.finds({2}));
  EXPECT_TRUE(b.finds({1}));
}

TEST_F(Nats, ServerThatIsKilledAndComesBackCostsNothingButDiscovery) {
  NatsServer server;
  server.start();
  Asked a = asked(config({server.url()}));
  Asked b = asked(config({server.url()}));
  ASSERT_EQ(a.start(1), "");
  ASSERT_EQ(b.start(2), "");
  for (int round = 0; round < 3; ++round) {
    ASSERT_TRUE(a.finds({2}));
    server.kill();
    ASSERT_TRUE(a.fails("discovery.nats.url = "));
    server.start();
  }
  EXPECT_TRUE(a.finds({2}));
  EXPECT_TRUE(b.finds({1}));
}

TEST_F(Nats, AnyOfSeveralServersWillDo) {
  NatsServer one;
  NatsServer other;
  one.start();
  Asked a = asked(config({one.url(), other.url()}));
  Asked b = asked(config({other.url(), one.url()}));
  ASSERT_EQ(a.start(1), "");
  ASSERT_EQ(b.start(2), "");
  EXPECT_TRUE(a.finds({2}));
  other.start();
  one.kill();  // both move to the other one
  EXPECT_TRUE(a.finds({2}));
  EXPECT_TRUE(b.finds({1}));
}

TEST_F(Nats, PasswordIsReadAnewWhenTheServerChangesIt) {
  NatsServer server({"--user", "members", "--pass", "one"});
  server.start();
  NatsConfig with = config({server.url()});
  with.user = "members";
  with.password_file = folder_.file("password", "one\n");
  Asked stranger = asked(config({server.url()}));
  EXPECT_NE(stranger.start(9).find("the server refuses the credentials"), std::string::npos);
  Asked a = asked(with);
  ASSERT_EQ(a.start(1), "");
  EXPECT_TRUE(a.finds({}));

  server.kill();
  server.set_options({"--user", "members", "--pass", "two"});
  server.start();
  EXPECT_TRUE(a.fails("the server refuses the credentials"));
  EXPECT_EQ(a.error().find("one"), std::string::npos);  // what it is stays a secret
  folder_.file("password", "two\n");
  EXPECT_TRUE(a.finds({}));
}

TEST_F(Nats, TokenAndNkeyOpenTheDoorToo) {
  NatsServer server({"--auth", "sesame"});
  server.start();
  NatsConfig token = config({server.url()});
  token.token_file = folder_.file("token", "sesame");
  Asked a = asked(token);
  EXPECT_EQ(a.start(1), "");

  NatsServer keyed(
      {"-c", folder_.file("nkeys.conf", "authorization: {users: [{nkey: " NKEY "}]}")});
  keyed.start();
  NatsConfig nkey = config({keyed.url()});
  nkey.nkey = NKEY;
  nkey.nkey_seed_file = folder_.file("seed", NKEY_SEED "\n");
  Asked b = asked(nkey);
  EXPECT_EQ(b.start(2), "");
  nkey.nkey_seed_file = folder_.file("nonsense", "nonsense\n");
  Asked c = asked(nkey);
  EXPECT_NE(c.start(3).find("discovery.nats.url = "), std::string::npos);
}

TEST_F(Nats, FilesThatAreMissingAreNamedForGood) {
  NatsConfig with = config({"nats://" + cluster::own_loopback_address() + ":1"});
  with.token_file = folder_.path("nowhere");
  Asked a = asked(with);
  const Result<void> done = a->register_node({"127.0.0.1", 1, {}});
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().status, distcache::Status::invalid_config);  // open fails with it
  EXPECT_EQ(done.error().message,
            "discovery.nats.token.file = " + with.token_file + ": No such file or directory");
  with.token_file.clear();
  with.creds_file = folder_.file("creds", "no credentials\n");
  Asked b = asked(with);
  EXPECT_NE(b.start(2), "");
}

TEST_F(Nats, PermissionsThatAreMissingAreTold) {
  NatsServer server({"-c", folder_.file("permissions.conf",
                                        "authorization: {users: [{user: members, password: one, "
                                        "permissions: {publish: \"other\", subscribe: \"other\"}}]}"
                                        "\n")});
  server.start();
  NatsConfig with = config({server.url()});
  with.user = "members";
  with.password_file = folder_.file("password", "one\n");
  Asked a = asked(with);
  a.start(1);
  EXPECT_TRUE(a.fails("must allow to publish and subscribe to discovery.nats.subject"));
}

TEST_F(Nats, TlsProvesBothEnds) {
  const Certificates certificates(folder_);
  certificates.sign("server", "IP:" + cluster::own_loopback_address());
  certificates.sign("elsewhere", "DNS:elsewhere.test");
  certificates.sign("member", "DNS:member");
  NatsServer server({"--tlsverify", "--tlscacert", folder_.path("authority.pem"), "--tlscert",
                     folder_.path("server.pem"), "--tlskey", folder_.path("server.key")});
  server.start();
  NatsConfig with = config({"tls://" + server.address()});
  with.timeout = Duration::seconds(5);
  with.tls_ca_file = folder_.path("authority.pem");
  with.tls_cert_file = folder_.path("member.pem");
  with.tls_key_file = folder_.path("member.key");
  Asked a = asked(with);
  Asked b = asked(with);
  ASSERT_EQ(a.start(1), "");
  ASSERT_EQ(b.start(2), "");
  EXPECT_TRUE(a.finds({2}));

  NatsConfig nameless = with;
  nameless.tls_cert_file.clear();
  nameless.tls_key_file.clear();
  EXPECT_NE(asked(nameless).start(3), "");
  NatsConfig trusting_others = with;  // the system's authorities
  trusting_others.tls_ca_file.clear();
  EXPECT_NE(asked(trusting_others).start(3), "");
  NatsConfig no_authority = with;
  no_authority.tls_ca_file = folder_.path("nowhere");
  EXPECT_NE(asked(no_authority).start(3).find("discovery.nats.tls.ca.file = "), std::string::npos);

  NatsServer impostor({"--tls", "--tlscert", folder_.path("elsewhere.pem"), "--tlskey",
                       folder_.path("elsewhere.key")});
  impostor.start();
  with.urls = {"tls://" + impostor.address()};
  const std::string why = asked(with).start(3);
  EXPECT_NE(why.find("see discovery.nats.tls.ca.file"), std::string::npos) << why;
  with.tls_hostname = "elsewhere.test";
  Asked named = asked(with);
  EXPECT_EQ(named.start(3), "");
}

TEST_F(Nats, TlsIsNeverDroppedSilently) {
  NatsServer plain;
  plain.start();
  const Certificates certificates(folder_);
  NatsConfig with = config({"tls://" + plain.address()});
  with.tls_ca_file = folder_.path("authority.pem");
  const std::string why = asked(with).start(1);
  EXPECT_NE(why.find("the server offers no TLS"), std::string::npos) << why;
}

TEST_F(Nats, HostileMessagesAreDroppedAndCounted) {
  NatsServer server;
  server.start();
  Asked a = asked(config({server.url()}));
  Asked b = asked(config({server.url()}));
  ASSERT_EQ(a.start(1), "");
  ASSERT_EQ(b.start(2), "");
  Stranger stranger(server.url());
  stranger.say("distcache", "");
  stranger.say("distcache", R"({"host":"127.0.0.1","port":3322,"name":"x","type":0})");
  stranger.say("distcache", "distcache/1 here\n127.0.0.1:0\nshop\n");
  stranger.say("distcache", "distcache/1 here\n127.0.0.1:\nshop\n");
  stranger.say("distcache", "distcache/1 gone\n127.0.0.1:2\n");
  stranger.say("distcache", std::string(900'000, '\xff'));
  for (int i = 0; i < 5'000; ++i) {  // more than there are members
    stranger.say("distcache",
                 "distcache/1 here\n127.0.0.9:" + std::to_string(10'000 + i) + "\nshop\n");
  }
  const Result<std::vector<Address>> found = a->discover();
  ASSERT_TRUE(found.ok()) << found.error().message;
  EXPECT_LE(found->size(), distcache::limits::kMembersMax);
  EXPECT_TRUE(eventually(kPatience, [&] {
    a.ports();
    return lines_.text().find("were dropped: not of this protocol") != std::string::npos;
  })) << lines_.text();
  EXPECT_TRUE(a.finds({2}));
}

TEST_F(Nats, CancelEndsTheWaitForAnswers) {
  NatsServer server;
  server.start();
  NatsConfig patient = config({server.url()});
  patient.timeout = Duration::seconds(3'600);
  Asked a = asked(patient);
  Asked b = asked(config({server.url()}));
  ASSERT_EQ(b.start(2), "");
  ASSERT_EQ(a.start(1), "");
  b->close();
  std::thread asking([&a] { a.ports(); });
  a->cancel();
  asking.join();
}

std::vector<std::string> thread_names() {
  std::vector<std::string> names;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::string name;
    std::ifstream(task.path() / "comm") >> name;
    names.push_back(name);
  }
  return names;
}

TEST_F(Nats, ThreadsAndSignalsAreLeftAsTheyWere) {
  struct sigaction mine = {};
  mine.sa_handler = [](int) {};
  ASSERT_EQ(sigaction(SIGPIPE, &mine, nullptr), 0);
  NatsServer server;  // starting a process ignores SIGPIPE, so again:
  server.start();
  ASSERT_EQ(sigaction(SIGPIPE, &mine, nullptr), 0);
  Asked a = asked(config({server.url()}));
  ASSERT_EQ(a.start(1), "");
  struct sigaction now = {};
  ASSERT_EQ(sigaction(SIGPIPE, nullptr, &now), 0);
  EXPECT_EQ(now.sa_handler, mine.sa_handler);
  const auto there = [] { return testing::Matches(testing::Contains("dc-nats"))(thread_names()); };
  EXPECT_TRUE(eventually(kPatience, there));
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    if (task.path().filename() == std::to_string(getpid())) continue;
    std::ifstream status(task.path() / "status");
    for (std::string line; std::getline(status, line);) {
      if (!line.starts_with("SigBlk:")) continue;
      EXPECT_NE(line.find("ffff"), std::string::npos) << line;
    }
  }
  a->close();
  a->close();
  EXPECT_THAT(thread_names(), testing::Not(testing::Contains("dc-nats")));
}

}  // namespace
}  // namespace providers
