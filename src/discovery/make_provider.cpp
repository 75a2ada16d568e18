#include "discovery/make_provider.h"

#include <string>

#include "discovery/standalone.h"
#include "discovery/static_list.h"
#ifdef DISTCACHE_HAS_DNS
#include "discovery/dns.h"
#endif
#ifdef DISTCACHE_HAS_KUBERNETES
#include "discovery/kubernetes/provider.h"
#endif
#ifdef DISTCACHE_HAS_NATS
#include "discovery/nats/provider.h"
#endif

// Each optional provider has a feature of the build, which defines DISTCACHE_HAS_<FEATURE>.
namespace distcache::discovery {
namespace {

#ifdef DISTCACHE_HAS_DNS
DnsOptions dns_options(const core::EngineConfig& config) {
  DnsOptions options;
  options.name = config.discovery_dns_name;
  options.record = config.discovery_dns_record;
  options.port = config.discovery_dns_port != 0 ? config.discovery_dns_port : config.discovery_port;
  options.servers = config.discovery_dns_servers;
  options.timeout = config.discovery_dns_timeout;
  return options;
}
#endif

[[maybe_unused]] Error not_built_in(const std::string& name, const std::string& feature) {
  return {Status::invalid_config, "discovery.provider = " + name +
                                      ": this library was built without it; build it with -D" +
                                      feature + "=ON"};
}

}  // namespace

Result<std::unique_ptr<core::Provider>> make_provider(const core::EngineConfig& config) {
  switch (config.discovery_provider) {
    case core::DiscoveryProvider::standalone:
      return make_standalone();
    case core::DiscoveryProvider::static_list:
      return make_static_list(config.discovery_peers);
    case core::DiscoveryProvider::dns:
#ifdef DISTCACHE_HAS_DNS
      return make_dns(dns_options(config));
#else
      return not_built_in("dns", "DISTCACHE_DNS");
#endif
    case core::DiscoveryProvider::nats:
#ifdef DISTCACHE_HAS_NATS
      return make_nats(config.nats, config.cluster_label);
#else
      return not_built_in("nats", "DISTCACHE_NATS");
#endif
    case core::DiscoveryProvider::kubernetes:
#ifdef DISTCACHE_HAS_KUBERNETES
      return make_kubernetes(config.kubernetes);
#else
      return not_built_in("kubernetes", "DISTCACHE_KUBERNETES");
#endif
    case core::DiscoveryProvider::custom:
      break;
  }
  return Error{Status::invalid_config,
               "discovery.provider = custom: no callbacks; give them with "
               "distcache_config_discovery"};
}

}  // namespace distcache::discovery
