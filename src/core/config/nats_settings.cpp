#include "core/config/nats_settings.h"

#include <string_view>

#include "core/cluster/address.h"
#include "core/config/hosts.h"
#include "core/config/value.h"

namespace distcache::core {
namespace {

constexpr uint16_t kNatsPort = 4222;
constexpr size_t kServersMax = 16;
constexpr std::string_view kPlain = "nats://";
constexpr std::string_view kTls = "tls://";

using Faults = std::vector<std::string>;

std::string fault(std::string_view property, std::string_view value, const std::string& sentence) {
  return value_fault(property, value, sentence).message;
}

std::string_view without_scheme(std::string_view url) {
  const size_t at = url.find("://");
  return at == std::string_view::npos ? url : url.substr(at + 3);
}

bool is_tls(const NatsConfig& config) {
  return !config.urls.empty() && config.urls.front().starts_with(kTls);
}

void check_url(const std::string& url, bool tls, Faults& faults) {
  const std::string_view rest = without_scheme(url);
  if (rest.find('@') != std::string_view::npos) {
    // Not quoted: what stands before the '@' is a secret.
    faults.push_back(
        "discovery.nats.url: credentials do not belong there; see discovery.nats.user and "
        "discovery.nats.token.file");
    return;
  }
  if (!url.starts_with(kPlain) && !url.starts_with(kTls)) {
    faults.push_back(fault("discovery.nats.url", url, "begins with neither nats:// nor tls://"));
    return;
  }
  if (url.starts_with(kTls) != tls) {
    faults.push_back(fault("discovery.nats.url", url, "either all servers are tls:// or none"));
  }
  const Result<Address> address = parse_address(rest, kNatsPort);
  if (!address.ok()) {
    faults.push_back(fault("discovery.nats.url", url, address.error().message));
  } else if (address->port == 0 || !address->public_key.empty()) {
    faults.push_back(fault("discovery.nats.url", url, "not of the form nats://host:port"));
  }
}

void check_subject(const std::string& subject, Faults& faults) {
  const bool empty_token =
      subject.starts_with('.') || subject.ends_with('.') || subject.find("..") != std::string::npos;
  if (empty_token || subject.find_first_of(" *>") != std::string::npos) {
    faults.push_back(fault("discovery.nats.subject", subject,
                           "a subject has words with dots between them, without space, * and >"));
  }
}

void check_pair(std::string_view one, const std::string& its, std::string_view other,
                const std::string& others, Faults& faults) {
  if (its.empty() == others.empty()) return;
  const std::string_view there = its.empty() ? other : one;
  const std::string_view missing = its.empty() ? one : other;
  faults.push_back(fault(there, its.empty() ? others : its, std::string(missing) + " is missing"));
}

void check_credentials(const NatsConfig& config, Faults& faults) {
  check_pair("discovery.nats.user", config.user, "discovery.nats.password.file",
             config.password_file, faults);
  check_pair("discovery.nats.nkey", config.nkey, "discovery.nats.nkey.seed.file",
             config.nkey_seed_file, faults);
  const int kinds = !config.user.empty() + !config.token_file.empty() + !config.creds_file.empty() +
                    !config.nkey.empty();
  if (kinds > 1) {
    faults.emplace_back(
        "discovery.nats.user, .token.file, .creds.file, .nkey: only one of them can be meant");
  }
}

void check_tls(const NatsConfig& config, Faults& faults) {
  check_pair("discovery.nats.tls.cert.file", config.tls_cert_file, "discovery.nats.tls.key.file",
             config.tls_key_file, faults);
  if (is_tls(config)) return;
  for (const auto& [property, value] :
       {std::pair{"discovery.nats.tls.ca.file", &config.tls_ca_file},
        std::pair{"discovery.nats.tls.cert.file", &config.tls_cert_file},
        std::pair{"discovery.nats.tls.hostname", &config.tls_hostname}}) {
    if (!value->empty()) {
      faults.push_back(fault(property, *value, "no server of discovery.nats.url is tls://"));
    }
  }
}

}  // namespace

std::vector<std::string> nats_faults(const NatsConfig& config) {
  Faults faults;
  if (config.urls.size() > kServersMax) {
    faults.push_back("discovery.nats.url: more than " + std::to_string(kServersMax) + " servers");
  }
  for (const std::string& url : config.urls) check_url(url, is_tls(config), faults);
  check_subject(config.subject, faults);
  check_credentials(config, faults);
  check_tls(config, faults);
  return faults;
}

std::vector<std::string> nats_plaintext(const NatsConfig& config) {
  Faults faults;
  for (const std::string& url : config.urls) {
    const Result<Address> address = parse_address(without_scheme(url), kNatsPort);
    if (!url.starts_with(kPlain) || !address.ok() || is_loopback(address->host)) continue;
    faults.push_back(fault("discovery.nats.url", url,
                           "credentials and addresses of members would travel unencrypted; write "
                           "tls://, or say security.plaintext = i-accept-plaintext"));
    break;  // one sentence for all of them
  }
  return faults;
}

}  // namespace distcache::core
