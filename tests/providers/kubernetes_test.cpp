#include <fstream>

#include "asked.h"
#include "certificates.h"
#include "discovery/kubernetes/provider.h"
#include "kubernetes_api.h"

namespace providers {
namespace {

using cluster::eventually;
using distcache::Duration;
using distcache::core::KubernetesConfig;
using distcache::core::KubernetesObjects;

// What only an API server that obeys can be made to do.
#define NEEDS_STANDIN \
  if (KubernetesApi::is_real()) GTEST_SKIP() << "the real API server does not do it on demand"

class Kubernetes : public testing::Test {
 protected:
  KubernetesConfig config(const KubernetesApi& api) {
    KubernetesConfig config;
    config.server = api.url();
    config.namespace_name = "default";
    config.labels = {"app=shop"};
    config.token_file = token("secret");
    config.timeout = Duration::seconds(30);
    if (const char* ca = std::getenv("DISTCACHE_KUBE_CA")) config.ca_file = ca;
    return config;
  }
  std::string token(const std::string& text) { return folder_.file("token", text + "\n"); }
  static Asked asked(KubernetesConfig config) {
    return Asked(distcache::discovery::make_kubernetes(std::move(config)));
  }

  Folder folder_;
};

TEST_F(Kubernetes, PodsAreFoundReadyOrNotUntilTheyEnd) {
  KubernetesApi api;
  api.pod("a", 1);
  api.pod("b", 2, R"(,"ready":false)");
  api.pod("pending", 3, R"(,"phase":"Pending")");
  api.pod("elsewhere", 4, R"(,"labels":{"app":"other"})");
  api.pod("other-port", 5, R"(,"port_name":"http")");
  api.pod("done", 6, R"(,"phase":"Succeeded")");
  api.pod("failed", 7, R"(,"phase":"Failed")");
  Asked a = asked(config(api));
  EXPECT_EQ(a->id(), "kubernetes");
  ASSERT_EQ(a.start(9), "");
  EXPECT_TRUE(a.finds({1, 2, 3}));
  api.pod("late", 8);
  EXPECT_TRUE(a.finds({1, 2, 3, 8}));
  api.pod("b", 2, R"(,"phase":"Failed")");
  EXPECT_TRUE(a.finds({1, 3, 8}));
  api.remove("a");
  EXPECT_TRUE(a.finds({3, 8}));
}

TEST_F(Kubernetes, WhatCannotBeAMemberIsLeftOut) {
  NEEDS_STANDIN;
  KubernetesApi api;
  const std::string key(40, 'k');
  api.pod("keyed", 1, R"(,"annotations":{"distcache/public-key":")" + key + "\"}");
  api.pod("badly-keyed", 2, R"(,"annotations":{"distcache/public-key":"short"})");
  api.pod("udp", 3, R"(,"protocol":"UDP")");
  api.pod("leaving", 4, R"(,"terminating":true)");
  api.pod("nowhere", 5, R"(,"ip":"")");
  api.pod("self", 9, R"(,"ip":"127.0.0.1")");
  Asked a = asked(config(api));
  ASSERT_EQ(a.start(9), "");
  ASSERT_TRUE(a.finds({1}));
  const Result<std::vector<Address>> found = a->discover();
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->front().public_key, key);
}

TEST_F(Kubernetes, ChangesAreToldAndNotPolledFor) {
  KubernetesApi api;
  std::atomic<int> changes{0};
  Asked a = asked(config(api));
  a->on_change([&changes] { ++changes; });
  ASSERT_EQ(a.start(9), "");
  EXPECT_TRUE(eventually(kPatience, [&] { return changes.load() == 1; }));  // the list
  api.pod("a", 1);
  EXPECT_TRUE(eventually(kPatience, [&] { return changes.load() == 2; }));
  EXPECT_TRUE(a.finds({1}));
  if (!KubernetesApi::is_real()) {
    EXPECT_EQ(api.order(R"({"do":"requests"})"), R"({"list": 1, "watch": 1})");
  }
}

TEST_F(Kubernetes, ListsAreReadPageByPage) {
  KubernetesApi api;
  std::vector<int> ports;
  for (int i = 1; i <= 230; ++i) {  // the provider asks for 100 at a time
    api.pod("pod-" + std::to_string(i), i);
    ports.push_back(i);
  }
  Asked a = asked(config(api));
  ASSERT_EQ(a.start(9999), "");
  EXPECT_TRUE(a.finds(ports));
}

TEST_F(Kubernetes, VersionThatIsTooOldIsListedAgain) {
  NEEDS_STANDIN;
  KubernetesApi api;
  api.pod("a", 1);
  Asked a = asked(config(api));
  ASSERT_EQ(a.start(9), "");
  ASSERT_TRUE(a.finds({1}));
  api.pod("b", 2);
  api.order(R"({"do":"compact"})");  // 410 in the watch
  api.pod("c", 3);
  EXPECT_TRUE(a.finds({1, 2, 3}));
  api.remove("a");
  EXPECT_TRUE(a.finds({2, 3}));
}

TEST_F(Kubernetes, WatchThatIsCutGoesOn) {
  NEEDS_STANDIN;
  KubernetesApi api;
  api.pod("a", 1);
  Asked a = asked(config(api));
  ASSERT_EQ(a.start(9), "");
  ASSERT_TRUE(a.finds({1}));
  for (int i = 2; i < 5; ++i) {
    api.order(R"({"do":"cut"})");
    api.pod("pod-" + std::to_string(i), i);
  }
  EXPECT_TRUE(a.finds({1, 2, 3, 4}));
}

TEST_F(Kubernetes, TokenIsReadAnewAndItsRefusalTold) {
  KubernetesApi api;
  ASSERT_EQ(api.order(R"({"do":"tokens","tokens":["secret"]})"), "ok");
  api.pod("a", 1);
  KubernetesConfig with = config(api);
  token("outdated");
  Asked a = asked(with);
  ASSERT_EQ(a.start(9), "");
  EXPECT_TRUE(a.fails("discovery.kubernetes.server = " + api.url() + ": HTTP 401"));
  EXPECT_NE(a.error().find("discovery.kubernetes.token.file = "), std::string::npos);
  EXPECT_EQ(a.error().find("outdated"), std::string::npos);
  token("secret");
  EXPECT_TRUE(a.finds({1}));
  std::filesystem::remove(with.token_file);
  Asked b = asked(with);
  ASSERT_EQ(b.start(9), "");
  EXPECT_TRUE(b.fails("discovery.kubernetes.token.file = " + with.token_file + ": No such file"));
}

TEST_F(Kubernetes, RefusalNamesTheRuleThatIsMissing) {
  KubernetesApi api;
  api.pod("a", 1);
  ASSERT_EQ(api.order(R"({"do":"forbid","verbs":["list","watch"]})"), "ok");
  Asked a = asked(config(api));
  ASSERT_EQ(a.start(9), "");
  EXPECT_TRUE(a.fails("HTTP 403: pods is forbidden: "));
  EXPECT_NE(a.error().find("resources [\"pods\"], verbs [\"get\", \"list\", \"watch\"]"),
            std::string::npos)
      << a.error();
  ASSERT_EQ(api.order(R"({"do":"forbid","verbs":[]})"), "ok");
  EXPECT_TRUE(a.finds({1}));
}

TEST_F(Kubernetes, WithoutWatchTheListIsReadNowAndThen) {
  NEEDS_STANDIN;
  KubernetesApi api;
  ASSERT_EQ(api.order(R"({"do":"forbid","verbs":["watch"]})"), "ok");
  Lines lines;
  Asked a = asked(config(api));
  a->log_to(lines);
  ASSERT_EQ(a.start(9), "");
  api.pod("a", 1);
  EXPECT_TRUE(a.finds({1}));
  const std::string sentence = "cannot watch, so the list is read again now and then: ";
  EXPECT_TRUE(
      eventually(kPatience, [&] { return lines.text().find(sentence) != std::string::npos; }));
  const std::string requests = api.order(R"({"do":"requests"})");
  EXPECT_LT(requests.size(), std::string(R"({"list": 100, "watch": 100})").size()) << requests;
}

TEST_F(Kubernetes, ServerInTroubleIsAskedAgain) {
  NEEDS_STANDIN;
  KubernetesApi api;
  api.pod("a", 1);
  api.order(R"({"do":"fail","status":503,"times":3})");
  api.order(R"({"do":"fail","status":429,"headers":{"Retry-After":"1"}})");
  Asked a = asked(config(api));
  ASSERT_EQ(a.start(9), "");
  EXPECT_TRUE(a.finds({1}));
  api.kill();
  EXPECT_TRUE(a.fails("discovery.kubernetes.server = "));
}

TEST_F(Kubernetes, HostileAnswersAreBounded) {
  NEEDS_STANDIN;
  KubernetesApi api;
  api.pod("a", 1);
  Asked a = asked(config(api));
  ASSERT_EQ(a.start(9), "");
  ASSERT_TRUE(a.finds({1}));
  api.order(R"({"do":"raw","text":"[","times":8000000})");  // no line, and deep
  api.pod("b", 2);
  EXPECT_TRUE(a.finds({1, 2}));
  api.order(R"({"do":"raw","text":"\u0000\u00ff{]\n"})");
  api.pod("c", 3);
  EXPECT_TRUE(a.finds({1, 2, 3}));
}

TEST_F(Kubernetes, EndpointSlicesWillDo) {
  KubernetesApi api;
  EXPECT_EQ(api.order(R"({"do":"slice","name":"shop-1","service":"shop","port":1,"endpoints":[)"
                      R"({"ip":"10.1.0.1"},{"ip":"10.1.0.2","ready":false},)"
                      R"({"ip":"10.1.0.3","ready":false,"terminating":true}]})"),
            "ok");
  EXPECT_EQ(api.order(R"({"do":"slice","name":"shop-6","service":"shop","family":"IPv6","port":2,)"
                      R"("endpoints":[{"ip":"fd00::1"}]})"),
            "ok");
  EXPECT_EQ(api.order(R"({"do":"slice","name":"else","service":"else","port":3,)"
                      R"("endpoints":[{"ip":"10.1.0.9"}]})"),
            "ok");
  KubernetesConfig with = config(api);
  with.objects = KubernetesObjects::endpointslices;
  with.labels.clear();
  with.service = "shop";
  Asked a = asked(with);
  ASSERT_EQ(a.start(9), "");
  EXPECT_TRUE(a.finds({1, 1, 2}));
  api.order(R"({"do":"delete","collection":"endpointslices","name":"shop-1"})");
  EXPECT_TRUE(a.finds({2}));
}

TEST_F(Kubernetes, TlsTrustsTheCaFileOnly) {
  NEEDS_STANDIN;  // the real one speaks TLS in every test
  const Certificates certificates(folder_);
  certificates.sign("server", "IP:" + cluster::own_loopback_address());
  KubernetesApi api({folder_.path("server.pem"), folder_.path("server.key")});
  api.pod("a", 1);
  KubernetesConfig with = config(api);
  with.ca_file = folder_.path("authority.pem");
  Asked a = asked(with);
  ASSERT_EQ(a.start(9), "");
  EXPECT_TRUE(a.finds({1}));
  with.ca_file.clear();  // the system's
  Asked b = asked(with);
  ASSERT_EQ(b.start(9), "");
  EXPECT_TRUE(b.fails("SSL certificate problem"));
  with.ca_file = folder_.path("nowhere");
  EXPECT_EQ(asked(with).start(9),
            "discovery.kubernetes.ca.file = " + with.ca_file + ": cannot be read");
}

TEST_F(Kubernetes, OutsideOfAPodTheServerMustBeNamed) {
  unsetenv("KUBERNETES_SERVICE_HOST");
  KubernetesConfig with;
  with.labels = {"app=shop"};
  Asked a = asked(with);
  const std::string why = a.start(9);
  EXPECT_EQ(why.find("discovery.kubernetes.server: missing, and this process runs in no pod"), 0U)
      << why;
}

TEST_F(Kubernetes, CloseAndCancelWaitForNobody) {
  NEEDS_STANDIN;
  KubernetesApi api;
  Asked a = asked(config(api));
  ASSERT_EQ(a.start(9), "");
  ASSERT_TRUE(a.finds({}));
  a->cancel();
  a->close();  // a watch is in progress, which would last for minutes
  a->close();
}

}  // namespace
}  // namespace providers
