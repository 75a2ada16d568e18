#pragma once

#include <string>
#include <vector>

#include "base/time.h"

namespace distcache::core {

// discovery.nats.*: meaning, bounds and defaults of each field are those of its row in
// engine_properties.cpp.
struct NatsConfig {
  std::vector<std::string> urls;  // nats://host:port or tls://host:port, all of one kind
  std::string subject = "distcache";
  Duration timeout = Duration::seconds(1);
  std::string user;
  std::string password_file;
  std::string token_file;
  std::string creds_file;
  std::string nkey;
  std::string nkey_seed_file;
  std::string tls_ca_file;
  std::string tls_cert_file;
  std::string tls_key_file;
  std::string tls_hostname;

  friend bool operator==(const NatsConfig&, const NatsConfig&) = default;
};

}  // namespace distcache::core
