#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "harness/child.h"
#include "harness/loopback.h"

namespace providers {

// An API server that obeys: the stand-in, or the real one where DISTCACHE_KUBE_APISERVER names it.
// Orders are those of kubernetes_standin.py. It dies with this object.
class KubernetesApi {
 public:
  explicit KubernetesApi(std::vector<std::string> certificate_and_key = {}) {
    const std::string script = is_real() ? "kubernetes_real.py" : "kubernetes_standin.py";
    std::vector<std::string> command = {"/usr/bin/env", "python3",
                                        std::string(PROVIDERS_FOLDER) + "/" + script,
                                        cluster::own_loopback_address()};
    command.insert(command.end(), certificate_and_key.begin(), certificate_and_key.end());
    child_ = std::make_unique<cluster::Child>(command, STDERR_FILENO, STDERR_FILENO);
    url_ = line();
  }

  static bool is_real() { return std::getenv("DISTCACHE_KUBE_APISERVER") != nullptr; }

  const std::string& url() const { return url_; }

  // An order as JSON; its answer.
  std::string order(const std::string& json) {
    child_->write_line(json);
    return line();
  }
  void pod(const std::string& name, int port, const std::string& more = {}) {
    const std::string ip = ",\"ip\":\"10.1.0." + std::to_string(port % 250 + 1) + '"';
    EXPECT_EQ(order(R"({"do":"pod","name":")" + name + "\",\"port\":" + std::to_string(port) +
                    (more.find("\"ip\"") == std::string::npos ? ip : "") + more + "}"),
              "ok");
  }
  void remove(const std::string& name) {
    EXPECT_EQ(order(R"({"do":"delete","name":")" + name + "\"}"), "ok");
  }
  void kill() { child_->kill(); }

 private:
  std::string line() {
    const auto line = child_->read_line(cluster::Clock::now() + cluster::Milliseconds(120'000));
    if (!line) throw cluster::HarnessFailure("the API server says nothing");
    return *line;
  }

  std::unique_ptr<cluster::Child> child_;
  std::string url_;
};

}  // namespace providers
