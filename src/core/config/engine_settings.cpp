#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include "core/cluster/address.h"
#include "core/config/hosts.h"
#include "core/config/kubernetes_settings.h"
#include "core/config/nats_settings.h"
#include "core/config/settings.h"

namespace distcache::core {
namespace {

using Faults = std::vector<std::string>;

constexpr std::string_view kHowToBeSecure =
    "traffic that is neither encrypted nor authenticated would leave this machine, and this "
    "version cannot encrypt it; stay on 127.0.0.1 or ::1, or say on every member "
    "security.plaintext = i-accept-plaintext";

constexpr uint16_t kDnsPort = 53;

std::string fault(std::string_view property, std::string_view value, const std::string& sentence) {
  return value_fault(property, value, sentence).message;
}

std::string join(const Faults& faults) {
  std::string text;
  for (const std::string& line : faults) {
    if (!text.empty()) text += '\n';
    text += line;
  }
  return text;
}

void append(Faults& faults, Faults more) {
  std::move(more.begin(), more.end(), std::back_inserter(faults));
}

// What belongs to one provider is set where it is chosen, and nowhere else.
void check_belonging(const EngineConfig& config, const Settings& set, DiscoveryProvider provider,
                     std::string_view property, const std::string& what, Faults& faults) {
  const std::string chosen = set.get("discovery.provider");
  const std::string value = set.get(property);
  const bool given = !value.empty();
  if (config.discovery_provider == provider && !given) {
    faults.push_back(
        fault("discovery.provider", chosen, "needs " + what + " in " + std::string(property)));
  } else if (config.discovery_provider != provider && given) {
    faults.push_back(fault(property, value,
                           "discovery.provider = " + chosen + " has no use for " + what +
                               "; is it the one that was meant?"));
  }
}

void check_dns(const EngineConfig& config, const Settings& set, Faults& faults) {
  for (const std::string& server : config.discovery_dns_servers) {
    const Result<Address> address = parse_address(server, kDnsPort);
    if (!address.ok()) {
      faults.push_back(fault("discovery.dns.servers", server, address.error().message));
    } else if (!is_ip(address->host) || address->port == 0 || !address->public_key.empty()) {
      faults.push_back(fault("discovery.dns.servers", server,
                             "not a numeric address with or without a port, as 127.0.0.1:53"));
    }
  }
  if (config.discovery_provider != DiscoveryProvider::dns) return;
  if (config.discovery_dns_record == DnsRecordKind::a && config.discovery_dns_port == 0 &&
      config.discovery_port == 0) {
    faults.push_back(fault("discovery.dns.port", set.get("discovery.dns.port"),
                           "discovery.port = 0 is any, so say at which one the members are"));
  }
}

void check_discovery(const EngineConfig& config, const Settings& set, Faults& faults) {
  const bool alone = config.discovery_provider == DiscoveryProvider::standalone;
  check_belonging(config, set, DiscoveryProvider::static_list, "discovery.peers",
                  "the addresses of members", faults);
  check_belonging(config, set, DiscoveryProvider::dns, "discovery.dns.name", "a name to look up",
                  faults);
  check_belonging(config, set, DiscoveryProvider::nats, "discovery.nats.url", "servers", faults);
  check_dns(config, set, faults);
  if (config.discovery_provider == DiscoveryProvider::nats) {
    append(faults, nats_faults(config.nats));
  }
  if (config.discovery_provider == DiscoveryProvider::kubernetes) {
    append(faults, kubernetes_faults(config.kubernetes));
  }
  if (alone && config.quorum_min > 1) {
    faults.push_back(fault("quorum.min", set.get("quorum.min"),
                           "discovery.provider = standalone never has more than one member"));
  }
  if (alone && config.node_role == Role::client) {
    faults.push_back(fault("node.role", "client",
                           "discovery.provider = standalone leaves nobody to own the keys"));
  }
  if (config.quorum_min > config.peers_max) {
    faults.push_back(
        fault("quorum.min", set.get("quorum.min"),
              "peers.max = " + std::to_string(config.peers_max) + " never lets that many in"));
  }
  for (const Address& peer : config.discovery_peers) {
    if (peer.public_key.empty()) continue;
    faults.push_back(fault("discovery.peers", format_address(peer),
                           "a public key would be ignored while security.mode = none"));
  }
}

void check_addresses(const EngineConfig& config, const Settings& set, Faults& faults) {
  if (config.bind_port != 0 && config.bind_port == config.discovery_port) {
    faults.push_back(fault("discovery.port", set.get("discovery.port"),
                           "bind.port is the same; each needs a port of its own"));
  }
  if (!config.bind_interface.empty() && set.is_set("bind.address")) {
    faults.push_back(fault("bind.interface", config.bind_interface,
                           "bind.address is set too; only one of them can be meant"));
  }
  const bool alone = config.discovery_provider == DiscoveryProvider::standalone;
  const bool everywhere = config.bind_interface.empty() && is_wildcard(config.bind_address);
  if (!alone && everywhere && config.advertise_address.empty()) {
    faults.push_back(fault("bind.address", config.bind_address,
                           "no address that others can reach; say one in advertise.address"));
  }
  if (is_wildcard(config.advertise_address)) {
    faults.push_back(
        fault("advertise.address", config.advertise_address, "no address that others can reach"));
  }
}

// What would carry plain traffic over a network. A name may resolve to anything: only localhost and
// literal loopback addresses are known to stay here.
Faults insecure(const EngineConfig& config) {
  Faults faults;
  if (config.plaintext_accepted) return faults;
  const std::string how(kHowToBeSecure);
  if (!config.bind_interface.empty()) {
    if (config.bind_interface != "lo") {
      faults.push_back(fault("bind.interface", config.bind_interface, how));
    }
  } else if (!is_loopback(config.bind_address)) {
    faults.push_back(fault("bind.address", config.bind_address, how));
  }
  if (!config.advertise_address.empty() && !is_loopback(config.advertise_address)) {
    faults.push_back(fault("advertise.address", config.advertise_address, how));
  }
  for (const Address& peer : config.discovery_peers) {
    if (is_loopback(peer.host)) continue;
    faults.push_back(fault("discovery.peers", format_address(peer), how));
    break;  // one sentence for all of them
  }
  if (config.discovery_provider == DiscoveryProvider::nats) {
    append(faults, nats_plaintext(config.nats));
  }
  if (config.discovery_provider == DiscoveryProvider::kubernetes) {
    append(faults, kubernetes_plaintext(config.kubernetes));
  }
  return faults;
}

}  // namespace

Result<void> EngineSettings::set_from(
    const std::function<const char*(const std::string& name)>& lookup) {
  Faults faults;
  for (const Property& property : properties(PropertyScope::engine)) {
    const std::string variable = environment_name(property);
    const char* value = lookup(variable);
    if (!value) continue;
    const Result<void> done = set(property.name, value);
    if (!done.ok()) faults.push_back(variable + ": " + done.error().message);
  }
  if (faults.empty()) return {};
  return Error{Status::invalid_config, join(faults)};
}

Result<EngineConfig> EngineSettings::validate() const {
  EngineConfig config;
  for_each([&config](const Property& property, const Value& value) {
    if (property.engine) property.engine(config, value);
  });
  Faults faults = open_faults();
  check_discovery(config, *this, faults);
  check_addresses(config, *this, faults);
  const Status status = faults.empty() ? Status::insecure : Status::invalid_config;
  for (std::string& line : insecure(config)) faults.push_back(std::move(line));
  if (!faults.empty()) return Error{status, join(faults)};
  return config;
}

}  // namespace distcache::core
