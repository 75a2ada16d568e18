#include "discovery/kubernetes/access.h"

#include <unistd.h>

#include <cstdlib>

#include "discovery/small_file.h"

namespace distcache::discovery {
namespace {

constexpr const char* kNamespaceFile = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";
constexpr int kPageObjects = 100;

std::string joined(const std::vector<std::string>& labels) {
  std::string all;
  for (const std::string& label : labels) all += (all.empty() ? "" : ",") + label;
  return all;
}

// Of the pod that this process runs in.
Result<std::string> server_of_pod() {
  // Nobody here changes the environment.
  const char* host = std::getenv("KUBERNETES_SERVICE_HOST");  // NOLINT(concurrency-mt-unsafe)
  const char* port = std::getenv("KUBERNETES_SERVICE_PORT");  // NOLINT(concurrency-mt-unsafe)
  if (!host || !port) {
    return Error{Status::invalid_config,
                 "discovery.kubernetes.server: missing, and this process runs in no pod "
                 "(KUBERNETES_SERVICE_HOST and _PORT are not set)"};
  }
  const std::string name = host;
  const bool v6 = name.find(':') != std::string::npos;
  return "https://" + (v6 ? '[' + name + ']' : name) + ':' + port;
}

}  // namespace

Result<KubernetesAccess> KubernetesAccess::settle(const core::KubernetesConfig& config) {
  KubernetesAccess access;
  access.config_ = config;
  if (config.server.empty()) {
    const Result<std::string> server = server_of_pod();
    if (!server.ok()) return server.error();
    access.config_.server = *server;
  }
  if (config.namespace_name.empty()) {
    const Result<std::string> name =
        read_small_file("discovery.kubernetes.namespace: missing; this pod's own", kNamespaceFile);
    if (!name.ok()) return name.error();
    access.config_.namespace_name = *name;
  }
  const bool https = access.config_.server.starts_with("https://");
  if (!https) access.config_.ca_file.clear();
  if (!access.config_.ca_file.empty() && ::access(config.ca_file.c_str(), R_OK) != 0) {
    return Error{Status::invalid_config,
                 "discovery.kubernetes.ca.file = " + config.ca_file + ": cannot be read"};
  }
  while (access.config_.server.ends_with('/')) access.config_.server.pop_back();
  access.collection_ = access.config_.server +
                       (access.slices() ? "/apis/discovery.k8s.io/v1" : "/api/v1") +
                       "/namespaces/" + Http::escape(access.config_.namespace_name) +
                       (access.slices() ? "/endpointslices" : "/pods");
  access.selector_ = Http::escape(access.slices() ? "kubernetes.io/service-name=" + config.service
                                                  : joined(config.labels));
  return access;
}

Result<HttpRequest> KubernetesAccess::request(const std::string& query, Duration timeout) const {
  HttpRequest request;
  request.url = collection_ + "?labelSelector=" + selector_ + query;
  request.ca_file = config_.ca_file;
  request.connect_timeout = config_.timeout;
  request.timeout = timeout;
  if (!config_.token_file.empty()) {
    const Result<std::string> token =
        read_small_file("discovery.kubernetes.token.file", config_.token_file);
    if (!token.ok()) return token.error();
    request.token = *token;
  }
  return request;
}

Result<HttpRequest> KubernetesAccess::list(const std::string& next) const {
  std::string query = "&limit=" + std::to_string(kPageObjects);
  if (!next.empty()) query += "&continue=" + Http::escape(next);
  return request(query, config_.timeout);
}

Result<HttpRequest> KubernetesAccess::watch(const std::string& resource_version,
                                            Duration duration) const {
  // With some time for the server to say so itself.
  return request(
      "&watch=true&allowWatchBookmarks=true&resourceVersion=" + Http::escape(resource_version) +
          "&timeoutSeconds=" + std::to_string(duration.as_ms() / 1'000),
      duration + config_.timeout);
}

Error KubernetesAccess::failure(const std::string& why) const {
  return {Status::peer_unreachable, "discovery.kubernetes.server = " + config_.server + ": " + why};
}

Error KubernetesAccess::refusal(int status, const std::string& message) const {
  std::string why = "HTTP " + std::to_string(status);
  if (!message.empty()) why += ": " + message;
  const std::string group = slices() ? "discovery.k8s.io" : "";
  const std::string kind = slices() ? "endpointslices" : "pods";
  if (status == 401) {
    why += "; the token in discovery.kubernetes.token.file = " + config_.token_file +
           " is not, or no longer, accepted";
  } else if (status == 403) {
    why += "; the pod's service account needs a Role in namespace '" + config_.namespace_name +
           "' with apiGroups [\"" + group + "\"], resources [\"" + kind +
           "\"], verbs [\"get\", \"list\", \"watch\"], and a RoleBinding to it";
  } else if (status == 404) {
    why += "; is this the API server, and does it have " + kind + "?";
  } else if (status == 429 || status >= 500) {
    why += "; it is asked again";
  }
  return failure(why);
}

}  // namespace distcache::discovery
