#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/config/settings.h"

namespace distcache::core {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

EngineSettings with(const Pairs& pairs) {
  EngineSettings settings;
  for (const auto& [name, value] : pairs) {
    const Result<void> done = settings.set(name, value);
    EXPECT_TRUE(done.ok()) << done.error().message;
  }
  return settings;
}

Error refused(const Pairs& pairs) {
  const Result<EngineConfig> config = with(pairs).validate();
  EXPECT_FALSE(config.ok());
  return config.ok() ? Error{} : config.error();
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(EngineSettings, DefaultsOfTableAndStructAreTheSame) {
  const Result<EngineConfig> config = EngineSettings().validate();
  ASSERT_TRUE(config.ok()) << config.error().message;
  EXPECT_EQ(*config, EngineConfig{});
}

TEST(EngineSettings, EveryAvailablePropertyReachesItsField) {
  const Result<EngineConfig> config = with({{"cluster.label", "shop"},
                                            {"node.name", "n1"},
                                            {"node.weight", "7"},
                                            {"node.role", "client"},
                                            {"bind.address", "127.0.0.2"},
                                            {"bind.port", "1"},
                                            {"discovery.port", "2"},
                                            {"advertise.address", "localhost"},
                                            {"discovery.provider", "static"},
                                            {"discovery.peers", "127.0.0.1,[::1]:5"},
                                            {"peers.max", "3"},
                                            {"bootstrap.timeout.ms", "4s"},
                                            {"join.retry.interval.ms", "50ms"},
                                            {"join.attempts.max", "6"},
                                            {"quorum.min", "2"},
                                            {"shutdown.timeout.ms", "8s"},
                                            {"read.timeout.ms", "9s"},
                                            {"write.timeout.ms", "10s"},
                                            {"keepalive.period.ms", "off"},
                                            {"source.threads", "12"},
                                            {"log.level", "debug"},
                                            {"security.plaintext", "i-accept-plaintext"},
                                            {"ring.hash", "xxh3"}})
                                          .validate();
  ASSERT_TRUE(config.ok()) << config.error().message;
  EngineConfig expected;
  expected.cluster_label = "shop";
  expected.node_name = "n1";
  expected.node_weight = 7;
  expected.node_role = Role::client;
  expected.bind_address = "127.0.0.2";
  expected.bind_port = 1;
  expected.discovery_port = 2;
  expected.advertise_address = "localhost";
  expected.discovery_provider = DiscoveryProvider::static_list;
  expected.discovery_peers = {{"127.0.0.1", 3322, ""}, {"::1", 5, ""}};
  expected.peers_max = 3;
  expected.bootstrap_timeout = Duration::seconds(4);
  expected.join_retry_interval = Duration::ms(50);
  expected.join_attempts_max = 6;
  expected.quorum_min = 2;
  expected.shutdown_timeout = Duration::seconds(8);
  expected.read_timeout = Duration::seconds(9);
  expected.write_timeout = Duration::seconds(10);
  expected.keepalive_period = Duration();
  expected.source_threads = 12;
  expected.log_level = LogLevel::debug;
  expected.plaintext_accepted = true;
  EXPECT_EQ(*config, expected);
}

TEST(EngineSettings, LogLevelsFollowTheChoices) {
  const std::map<std::string, LogLevel> levels = {{"debug", LogLevel::debug},
                                                  {"info", LogLevel::info},
                                                  {"warn", LogLevel::warn},
                                                  {"error", LogLevel::error},
                                                  {"off", LogLevel::off}};
  for (const auto& [name, level] : levels) {
    EXPECT_EQ(with({{"log.level", name}}).validate()->log_level, level) << name;
  }
}

TEST(EngineSettings, EveryFaultIsNamedInOneError) {
  EngineSettings settings = with({{"discovery.peers", "127.0.0.1:3322"},
                                  {"quorum.min", "300"},
                                  {"node.role", "client"},
                                  {"discovery.port", "3320"}});
  EXPECT_FALSE(settings.set("peers.max", "many").ok());
  const Result<EngineConfig> config = settings.validate();
  ASSERT_FALSE(config.ok());
  EXPECT_EQ(config.error().status, Status::invalid_config);
  const std::string& text = config.error().message;
  EXPECT_TRUE(has(text, "peers.max = many: not a whole number")) << text;
  EXPECT_TRUE(has(text, "discovery.peers = 127.0.0.1:3322: discovery.provider = standalone"));
  EXPECT_TRUE(has(text, "quorum.min = 300: discovery.provider = standalone"));
  EXPECT_TRUE(has(text, "quorum.min = 300: peers.max = 256 never lets that many in"));
  EXPECT_TRUE(has(text, "node.role = client: "));
  EXPECT_TRUE(has(text, "discovery.port = 3320: bind.port is the same"));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 5);
}

TEST(EngineSettings, WhatBelongsToOneProviderIsSetWithItOnly) {
  const std::string why = refused({{"discovery.provider", "static"},
                                   {"discovery.peers", "127.0.0.1:1"},
                                   {"discovery.dns.name", "cache.test"}})
                              .message;
  EXPECT_TRUE(has(why, "discovery.dns.name = cache.test: discovery.provider = static")) << why;
  EXPECT_TRUE(has(refused({{"discovery.provider", "dns"},
                           {"discovery.dns.name", "cache.test"},
                           {"discovery.peers", "127.0.0.1:1"}})
                      .message,
                  "discovery.peers"));
}

TEST(EngineSettings, DnsIsReadWhole) {
  const Pairs dns = {{"discovery.provider", "dns"},
                     {"discovery.dns.name", "cache.test."},
                     {"discovery.dns.record", "srv"},
                     {"discovery.dns.port", "7"},
                     {"discovery.dns.servers", "127.0.0.1:5353, [::1]:53,127.0.0.2"},
                     {"discovery.dns.timeout.ms", "2s"},
                     {"discovery.interval.ms", "150"}};
  const Result<EngineConfig> config = with(dns).validate();
  ASSERT_TRUE(config.ok()) << config.error().message;
  EXPECT_EQ(config->discovery_provider, DiscoveryProvider::dns);
  EXPECT_EQ(config->discovery_dns_name, "cache.test.");
  EXPECT_EQ(config->discovery_dns_record, DnsRecordKind::srv);
  EXPECT_EQ(config->discovery_dns_port, 7);
  EXPECT_EQ(config->discovery_dns_servers,
            (std::vector<std::string>{"127.0.0.1:5353", "[::1]:53", "127.0.0.2"}));
  EXPECT_EQ(config->discovery_dns_timeout, Duration::seconds(2));
  EXPECT_EQ(config->discovery_interval, Duration::ms(150));
}

TEST(EngineSettings, DnsNeedsAPortAndNumericServers) {
  const Pairs dns = {{"discovery.provider", "dns"}, {"discovery.dns.name", "cache.test"}};
  Pairs any_port = dns;
  any_port.emplace_back("discovery.port", "0");
  EXPECT_TRUE(has(refused(any_port).message, "discovery.dns.port = 0: "));
  any_port.emplace_back("discovery.dns.record", "txt");
  EXPECT_TRUE(with(any_port).validate().ok());
  for (const std::string server : {"ns.example", "127.0.0.1:0", "127.0.0.1:x", "::1"}) {
    Pairs other = dns;
    other.emplace_back("discovery.dns.servers", server);
    EXPECT_TRUE(has(refused(other).message, "discovery.dns.servers = " + server)) << server;
  }
}

TEST(EngineSettings, StaticNeedsPeersAndAReachableAddress) {
  EXPECT_TRUE(has(refused({{"discovery.provider", "static"}}).message, "discovery.peers"));
  EXPECT_TRUE(has(refused({{"discovery.provider", "dns"}}).message, "discovery.dns.name"));
  const Pairs everywhere = {{"discovery.provider", "static"},
                            {"discovery.peers", "10.0.0.1"},
                            {"bind.address", "0.0.0.0"},
                            {"security.plaintext", "i-accept-plaintext"}};
  EXPECT_TRUE(has(refused(everywhere).message, "advertise.address"));
  Pairs complete = everywhere;
  complete.push_back({"advertise.address", "10.0.0.7"});
  EXPECT_TRUE(with(complete).validate().ok());
  complete.back().second = "0.0.0.0";
  EXPECT_TRUE(has(refused(complete).message, "advertise.address = 0.0.0.0: no address"));
}

TEST(EngineSettings, BothPortsMayBeAny) {
  EXPECT_TRUE(with({{"bind.port", "0"}, {"discovery.port", "0"}}).validate().ok());
}

TEST(EngineSettings, AddressAndInterfaceExcludeEachOther) {
  EXPECT_TRUE(has(refused({{"bind.address", "127.0.0.1"}, {"bind.interface", "lo"}}).message,
                  "only one of them"));
  EXPECT_TRUE(with({{"bind.interface", "lo"}}).validate().ok());
}

TEST(EngineSettings, PeerKeysAreNotIgnoredSilently) {
  const std::string key(40, 'k');
  const Error error =
      refused({{"discovery.provider", "static"}, {"discovery.peers", "127.0.0.1:3322#" + key}});
  EXPECT_EQ(error.status, Status::invalid_config);
  EXPECT_TRUE(has(error.message, "security.mode = none")) << error.message;
}

struct Network {
  Pairs pairs;
  bool insecure;
};

class PlainTraffic : public testing::TestWithParam<Network> {};

TEST_P(PlainTraffic, LeavesTheMachineOnlyIfSaidSo) {
  Pairs pairs = GetParam().pairs;
  const Result<EngineConfig> config = with(pairs).validate();
  ASSERT_EQ(config.ok(), !GetParam().insecure) << config.error().message;
  if (GetParam().insecure) {
    EXPECT_EQ(config.error().status, Status::insecure);
    EXPECT_TRUE(has(config.error().message, "security.plaintext = i-accept-plaintext"));
  }
  pairs.push_back({"security.plaintext", "i-accept-plaintext"});
  EXPECT_TRUE(with(pairs).validate().ok());
}

INSTANTIATE_TEST_SUITE_P(
    Forms, PlainTraffic,
    testing::Values(
        Network{{{"bind.address", "127.0.0.1"}}, false}, Network{{{"bind.address", "::1"}}, false},
        Network{{{"bind.address", "127.9.9.9"}}, false},
        Network{{{"bind.address", "0.0.0.0"}}, true}, Network{{{"bind.address", "::"}}, true},
        Network{{{"bind.address", "10.0.0.1"}}, true},
        Network{{{"bind.address", "::ffff:10.0.0.1"}}, true},
        Network{{{"bind.interface", "lo"}}, false}, Network{{{"bind.interface", "eth0"}}, true},
        Network{{{"advertise.address", "localhost"}}, false},
        Network{{{"advertise.address", "node-1.example"}}, true},
        Network{{{"discovery.provider", "static"}, {"discovery.peers", "localhost,[::1]:3322"}},
                false},
        Network{{{"discovery.provider", "static"}, {"discovery.peers", "localhost,node-2"}}, true},
        Network{{{"discovery.provider", "static"}, {"discovery.peers", "192.168.1.2:3322"}},
                true}));

TEST(EngineSettings, InsecurityIsNamedBesideOtherFaults) {
  const Error error = refused({{"bind.address", "10.0.0.1"}, {"quorum.min", "2"}});
  EXPECT_EQ(error.status, Status::invalid_config);
  EXPECT_TRUE(has(error.message, "bind.address = 10.0.0.1: traffic"));
  EXPECT_TRUE(has(error.message, "quorum.min = 2"));
}

TEST(EngineSettings, EnvironmentSetsWhatItKnowsAndNamesAllFaults) {
  const std::map<std::string, std::string> environment = {{"DISTCACHE_BIND_PORT", "4001"},
                                                          {"DISTCACHE_PEERS_MAX", "x"},
                                                          {"DISTCACHE_READ_TIMEOUT_MS", "0"},
                                                          {"DISTCACHE_LIB_DIR", "/opt"}};
  const auto lookup = [&environment](const std::string& name) -> const char* {
    const auto at = environment.find(name);
    return at == environment.end() ? nullptr : at->second.c_str();
  };
  EngineSettings settings;
  const Result<void> done = settings.set_from(lookup);
  ASSERT_FALSE(done.ok());
  EXPECT_TRUE(has(done.error().message, "DISTCACHE_PEERS_MAX: peers.max = x"));
  EXPECT_TRUE(has(done.error().message, "DISTCACHE_READ_TIMEOUT_MS: "));
  EXPECT_FALSE(has(done.error().message, "LIB_DIR"));
  EXPECT_STREQ(settings.get("bind.port"), "4001");
}

const Pairs kNats = {
    {"discovery.provider", "nats"},         {"discovery.nats.url", "tls://n1:1, tls://[::1]"},
    {"discovery.nats.subject", "a.b"},      {"discovery.nats.timeout.ms", "2s"},
    {"discovery.nats.user", "u"},           {"discovery.nats.password.file", "p"},
    {"discovery.nats.tls.ca.file", "ca"},   {"discovery.nats.tls.cert.file", "cert"},
    {"discovery.nats.tls.key.file", "key"}, {"discovery.nats.tls.hostname", "h"}};

Pairs changed(Pairs pairs, const Pairs& more) {
  pairs.insert(pairs.end(), more.begin(), more.end());
  return pairs;
}

TEST(EngineSettings, NatsReachesItsFields) {
  const Result<EngineConfig> config = with(kNats).validate();
  ASSERT_TRUE(config.ok()) << config.error().message;
  NatsConfig expected;
  expected.urls = {"tls://n1:1", "tls://[::1]"};
  expected.subject = "a.b";
  expected.timeout = Duration::seconds(2);
  expected.user = "u";
  expected.password_file = "p";
  expected.tls_ca_file = "ca";
  expected.tls_cert_file = "cert";
  expected.tls_key_file = "key";
  expected.tls_hostname = "h";
  EXPECT_EQ(config->nats, expected);
  const Pairs others = {{"discovery.provider", "nats"},
                        {"discovery.nats.url", "nats://localhost"},
                        {"discovery.nats.nkey", "U"},
                        {"discovery.nats.nkey.seed.file", "s"}};
  EXPECT_EQ(with(others).validate()->nats.nkey_seed_file, "s");
  EXPECT_EQ(with(others).validate()->nats.nkey, "U");
}

TEST(EngineSettings, NatsFaultsAreNamed) {
  const std::map<std::string, Pairs> faults = {
      {"discovery.provider = nats: needs servers", {{"discovery.nats.url", ""}}},
      {"begins with neither nats:// nor tls://", {{"discovery.nats.url", "http://h:1"}}},
      {"either all servers are tls:// or none",
       {{"discovery.nats.url", "tls://h:1,nats://localhost"}}},
      {"not of the form nats://host:port", {{"discovery.nats.url", "tls://h:0"}}},
      {"the port is a number", {{"discovery.nats.url", "tls://h:x"}}},
      {"credentials do not belong there", {{"discovery.nats.url", "tls://a:secret@h:1"}}},
      {"a subject has words", {{"discovery.nats.subject", "a.>"}}},
      {"discovery.nats.password.file is missing", {{"discovery.nats.password.file", ""}}},
      {"only one of them can be meant", {{"discovery.nats.token.file", "t"}}},
      {"discovery.nats.tls.key.file is missing", {{"discovery.nats.tls.key.file", ""}}},
      {"no server of discovery.nats.url is tls://", {{"discovery.nats.url", "nats://localhost"}}}};
  for (const auto& [sentence, change] : faults) {
    const Error error = refused(changed(kNats, change));
    EXPECT_EQ(error.status, Status::invalid_config) << sentence;
    EXPECT_TRUE(has(error.message, sentence)) << sentence << ": " << error.message;
    EXPECT_FALSE(has(error.message, "secret"));
  }
  const Error plain =
      refused({{"discovery.provider", "nats"}, {"discovery.nats.url", "nats://10.0.0.1"}});
  EXPECT_EQ(plain.status, Status::insecure);
  EXPECT_TRUE(has(plain.message, "discovery.nats.url = nats://10.0.0.1: ")) << plain.message;
}

const Pairs kKubernetes = {{"discovery.provider", "kubernetes"},
                           {"discovery.kubernetes.server", "https://api:6443"},
                           {"discovery.kubernetes.namespace", "shop"},
                           {"discovery.kubernetes.objects", "pods"},
                           {"discovery.kubernetes.labels", "app=shop, tier=cache"},
                           {"discovery.kubernetes.service", "cache"},
                           {"discovery.kubernetes.port", "members"},
                           {"discovery.kubernetes.key.annotation", "shop/key"},
                           {"discovery.kubernetes.token.file", "t"},
                           {"discovery.kubernetes.ca.file", "c"},
                           {"discovery.kubernetes.timeout.ms", "7s"}};

TEST(EngineSettings, KubernetesReachesItsFields) {
  const Result<EngineConfig> config = with(kKubernetes).validate();
  ASSERT_TRUE(config.ok()) << config.error().message;
  KubernetesConfig expected;
  expected.server = "https://api:6443";
  expected.namespace_name = "shop";
  expected.labels = {"app=shop", "tier=cache"};
  expected.service = "cache";
  expected.port = "members";
  expected.key_annotation = "shop/key";
  expected.token_file = "t";
  expected.ca_file = "c";
  expected.timeout = Duration::seconds(7);
  EXPECT_EQ(config->kubernetes, expected);
  const Pairs slices = changed(kKubernetes, {{"discovery.kubernetes.objects", "endpointslices"}});
  EXPECT_EQ(with(slices).validate()->kubernetes.objects, KubernetesObjects::endpointslices);
}

TEST(EngineSettings, KubernetesFaultsAreNamed) {
  const std::map<std::string, Pairs> faults = {
      {"begins not with https://", {{"discovery.kubernetes.server", "api:6443"}}},
      {"not of the form https://host:port", {{"discovery.kubernetes.server", "https://api:x"}}},
      {"no name of a namespace", {{"discovery.kubernetes.namespace", "../kube"}}},
      {"needs the labels of the pods", {{"discovery.kubernetes.labels", ""}}},
      {"not of the form name=value", {{"discovery.kubernetes.labels", "app"}}},
      {"needs the name of a service",
       {{"discovery.kubernetes.objects", "endpointslices"}, {"discovery.kubernetes.service", ""}}}};
  for (const auto& [sentence, change] : faults) {
    const Error error = refused(changed(kKubernetes, change));
    EXPECT_EQ(error.status, Status::invalid_config) << sentence;
    EXPECT_TRUE(has(error.message, sentence)) << sentence << ": " << error.message;
  }
  const Error plain =
      refused(changed(kKubernetes, {{"discovery.kubernetes.server", "http://10.0.0.1:8080"}}));
  EXPECT_EQ(plain.status, Status::insecure);
  EXPECT_TRUE(has(plain.message, "the token would travel unencrypted")) << plain.message;
}

}  // namespace
}  // namespace distcache::core
