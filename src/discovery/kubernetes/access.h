#pragma once

#include <string>

#include "base/result.h"
#include "core/config/kubernetes_config.h"
#include "discovery/kubernetes/http.h"

namespace distcache::discovery {

// Where the API server is and what to ask it for, settled once; the token is read for each request,
// since Kubernetes replaces it every hour.
class KubernetesAccess {
 public:
  // Reads the environment and the files of a pod for what the configuration leaves open.
  // INVALID_CONFIG where that is not enough.
  static Result<KubernetesAccess> settle(const core::KubernetesConfig& config);

  // A page of the list; `next` is the token of the page before.
  Result<HttpRequest> list(const std::string& next) const;
  // Changes since a version. The server ends the watch after `duration`.
  Result<HttpRequest> watch(const std::string& resource_version, Duration duration) const;

  // Why an answer is of no use, and what to do about it.
  Error refusal(int status, const std::string& message) const;
  Error failure(const std::string& why) const;

 private:
  Result<HttpRequest> request(const std::string& query, Duration timeout) const;
  bool slices() const { return config_.objects == core::KubernetesObjects::endpointslices; }

  core::KubernetesConfig config_;  // with nothing left open
  std::string collection_;         // the URL
  std::string selector_;
};

}  // namespace distcache::discovery
