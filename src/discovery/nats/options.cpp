#include "discovery/nats/options.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/rng.h"
#include "discovery/small_file.h"

namespace distcache::discovery {
namespace {

constexpr int kReconnectBufferBytes = 64 * 1024;  // of what is said while there is no server
constexpr int64_t kReconnectFirstMs = 50;
constexpr int64_t kReconnectMaxMs = 5'000;
constexpr int64_t kPingIntervalMs = 10'000;  // a server that vanished is noticed after two of them
constexpr int kPingsUnansweredMax = 2;
constexpr std::array kTrustedBySystem = {"/etc/ssl/certs/ca-certificates.crt",
                                         "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"};

// After each round of all servers. Half of it is left to chance, so that the members of a cluster
// do not all come back at once.
int64_t reconnect_delay(natsConnection*, int rounds, void*) {
  const int64_t grown = kReconnectFirstMs << std::clamp(rounds - 1, 0, 16);
  const int64_t delay_ms = std::min(grown, kReconnectMaxMs);
  SystemRng rng;
  return delay_ms / 2 + static_cast<int64_t>(rng.below(static_cast<uint64_t>(delay_ms / 2 + 1)));
}

// libnats says where in its source an error was made; that is of no use to our readers.
std::string without_source_line(const char* text) {
  std::string sentence = text ? text : "";
  const size_t end = sentence.find("): ");
  if (!sentence.empty() && sentence.front() == '(' && end != std::string::npos) {
    sentence.erase(0, end + 3);
  }
  return sentence;
}

Error option_fault(const std::string& property, const std::string& value, natsStatus status) {
  std::string why = without_source_line(nats_GetLastError(nullptr));
  if (why.empty()) why = natsStatus_GetText(status);
  return {Status::invalid_config, property + " = " + value + ": " + why};
}

Result<void> set_servers(natsOptions* options, const core::NatsConfig& config) {
  std::vector<const char*> urls;
  for (const std::string& url : config.urls) urls.push_back(url.c_str());
  const natsStatus status =
      natsOptions_SetServers(options, urls.data(), static_cast<int>(urls.size()));
  if (status != NATS_OK) return option_fault("discovery.nats.url", config.urls.front(), status);
  return {};
}

Result<void> set_credentials(natsOptions* options, const core::NatsConfig& config) {
  if (!config.user.empty()) {
    const Result<std::string> password =
        read_small_file("discovery.nats.password.file", config.password_file);
    if (!password.ok()) return password.error();
    const natsStatus status =
        natsOptions_SetUserInfo(options, config.user.c_str(), password->c_str());
    if (status != NATS_OK) return option_fault("discovery.nats.user", config.user, status);
  }
  if (!config.token_file.empty()) {
    const Result<std::string> token =
        read_small_file("discovery.nats.token.file", config.token_file);
    if (!token.ok()) return token.error();
    const natsStatus status = natsOptions_SetToken(options, token->c_str());
    if (status != NATS_OK) {
      return option_fault("discovery.nats.token.file", config.token_file, status);
    }
  }
  if (!config.creds_file.empty()) {
    const natsStatus status =
        natsOptions_SetUserCredentialsFromFiles(options, config.creds_file.c_str(), nullptr);
    if (status != NATS_OK) {
      return option_fault("discovery.nats.creds.file", config.creds_file, status);
    }
  }
  if (!config.nkey.empty()) {
    const natsStatus status =
        natsOptions_SetNKeyFromSeed(options, config.nkey.c_str(), config.nkey_seed_file.c_str());
    if (status != NATS_OK) return option_fault("discovery.nats.nkey", config.nkey, status);
  }
  return {};
}

Result<std::string> trusted(const core::NatsConfig& config) {
  if (!config.tls_ca_file.empty()) return config.tls_ca_file;
  for (const char* path : kTrustedBySystem) {
    if (access(path, R_OK) == 0) return std::string(path);
  }
  return Error{Status::invalid_config,
               "discovery.nats.tls.ca.file: missing, and this system has no certificates of "
               "authorities that it trusts"};
}

Result<void> set_tls(natsOptions* options, const core::NatsConfig& config) {
  if (!config.urls.front().starts_with("tls://")) return {};
  natsStatus status = natsOptions_SetSecure(options, true);
  if (status != NATS_OK) return option_fault("discovery.nats.url", config.urls.front(), status);
  const Result<std::string> authorities = trusted(config);
  if (!authorities.ok()) return authorities.error();
  status = natsOptions_LoadCATrustedCertificates(options, authorities->c_str());
  if (status != NATS_OK) return option_fault("discovery.nats.tls.ca.file", *authorities, status);
  if (!config.tls_cert_file.empty()) {
    status = natsOptions_LoadCertificatesChain(options, config.tls_cert_file.c_str(),
                                               config.tls_key_file.c_str());
    if (status != NATS_OK) {
      return option_fault("discovery.nats.tls.cert.file", config.tls_cert_file, status);
    }
  }
  if (!config.tls_hostname.empty()) {
    status = natsOptions_SetExpectedHostname(options, config.tls_hostname.c_str());
    if (status != NATS_OK) {
      return option_fault("discovery.nats.tls.hostname", config.tls_hostname, status);
    }
  }
  return {};
}

// libnats has a default for what happens to faults in its threads: it writes to stderr.
void keep_quiet(natsConnection*, natsSubscription*, natsStatus, void*) {}

natsStatus set_habits(natsOptions* options, const core::NatsConfig& config) {
  natsStatus status = natsOptions_SetName(options, "distcache");
  const auto then = [&status](natsStatus next) {
    if (status == NATS_OK) status = next;
  };
  const int64_t timeout_ms = std::max<int64_t>(config.timeout.as_ms(), 1);
  then(natsOptions_SetTimeout(options, timeout_ms));
  then(natsOptions_SetWriteDeadline(options, timeout_ms));
  then(natsOptions_SetNoEcho(options, true));
  then(natsOptions_SetPingInterval(options, kPingIntervalMs));
  then(natsOptions_SetMaxPingsOut(options, kPingsUnansweredMax));
  then(natsOptions_SetMaxReconnect(options, -1));
  then(natsOptions_SetReconnectBufSize(options, kReconnectBufferBytes));
  then(natsOptions_SetCustomReconnectDelay(options, &reconnect_delay, nullptr));
  then(natsOptions_SetErrorHandler(options, &keep_quiet, nullptr));
  return status;
}

const char* advice(natsStatus status) {
  switch (status) {
    case NATS_NO_SERVER:
      return "is a server running there? It is asked again";
    case NATS_CONNECTION_AUTH_FAILED:
      return "the server refuses the credentials: see discovery.nats.user, .password.file, "
             ".token.file, .creds.file and .nkey";
    case NATS_NOT_PERMITTED:
      return "the server's permissions of this user must allow to publish and subscribe to "
             "discovery.nats.subject and to _INBOX.>";
    case NATS_SSL_ERROR:
      return "see discovery.nats.tls.ca.file, .cert.file, .key.file and .hostname";
    case NATS_SECURE_CONNECTION_WANTED:
      return "the server offers no TLS, and nothing else was asked for";
    case NATS_SECURE_CONNECTION_REQUIRED:
      return "the server wants TLS: write tls:// in discovery.nats.url";
    default:
      return "it is asked again";
  }
}

}  // namespace

Result<NatsOwned<natsOptions>> nats_options(const core::NatsConfig& config) {
  NatsOwned<natsOptions> options;
  natsStatus status = nats_make(options, &natsOptions_Create);
  if (status == NATS_OK) status = set_habits(options.get(), config);
  if (status != NATS_OK) return option_fault("discovery.provider", "nats", status);
  if (Result<void> done = set_servers(options.get(), config); !done) return done.error();
  if (Result<void> done = set_credentials(options.get(), config); !done) return done.error();
  if (Result<void> done = set_tls(options.get(), config); !done) return done.error();
  return options;
}

Error nats_fault(const core::NatsConfig& config, natsStatus status, const char* text) {
  std::string sentence = "discovery.nats.url = ";
  for (const std::string& url : config.urls) {
    if (&url != &config.urls.front()) sentence += ',';
    sentence += url;
  }
  std::string why = without_source_line(text);
  if (why.empty()) why = natsStatus_GetText(status);
  return {Status::peer_unreachable, sentence + ": " + why + "; " + advice(status)};
}

}  // namespace distcache::discovery
