#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/time.h"
#include "core/config/kubernetes_config.h"
#include "core/config/nats_config.h"
#include "core/message.h"

namespace distcache::core {

enum class DiscoveryProvider : uint8_t { standalone, static_list, dns, nats, kubernetes, custom };
enum class DnsRecordKind : uint8_t { a, srv, txt };

// What an engine is opened with: valid as a whole when it comes from EngineSettings::validate.
// Meaning, bounds and defaults of each field are those of its row in engine_properties.cpp.
struct EngineConfig {
  std::string cluster_label = "distcache";
  std::string node_name;  // empty: the engine makes one up
  uint32_t node_weight = 1;
  Role node_role = Role::member;

  std::string bind_address = "127.0.0.1";  // numeric; unused where bind_interface is given
  std::string bind_interface;
  uint16_t bind_port = 3320;
  uint16_t discovery_port = 3322;
  std::string advertise_address;  // host without port; empty: the address bound
  bool plaintext_accepted = false;

  DiscoveryProvider discovery_provider = DiscoveryProvider::standalone;
  Duration discovery_interval = Duration::seconds(10);
  std::vector<Address> discovery_peers;
  std::string discovery_dns_name;
  DnsRecordKind discovery_dns_record = DnsRecordKind::a;
  uint16_t discovery_dns_port = 0;                 // 0: discovery_port
  std::vector<std::string> discovery_dns_servers;  // numeric host:port; none: the system's
  Duration discovery_dns_timeout = Duration::seconds(5);
  NatsConfig nats;
  KubernetesConfig kubernetes;
  uint32_t peers_max = 256;

  Duration bootstrap_timeout = Duration::seconds(30);
  Duration join_retry_interval = Duration::seconds(1);
  uint32_t join_attempts_max = 10;
  uint32_t quorum_min = 1;
  Duration shutdown_timeout = Duration::seconds(30);

  Duration read_timeout = Duration::seconds(5);
  Duration write_timeout = Duration::seconds(5);
  Duration keepalive_period = Duration::seconds(300);  // zero: off
  Duration heartbeat = Duration::ms(250);
  uint32_t source_threads = 8;
  LogLevel log_level = LogLevel::warn;

  friend bool operator==(const EngineConfig&, const EngineConfig&) = default;
};

}  // namespace distcache::core
