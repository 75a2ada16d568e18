#include "api/config.h"

#include <cstdlib>
#include <string>

#include "api/arguments.h"
#include "api/call.h"
#include "core/config/properties_json.h"
#include "discovery/make_provider.h"

using distcache::Result;
using distcache::Status;
using distcache::api::Call;
using distcache::api::enter;
using distcache::api::Finalizer;
namespace api = distcache::api;

namespace distcache::api {

namespace {

// What the settings alone cannot tell: whether the provider is there.
Result<void> check_provider(const distcache_config_t& config, const core::EngineConfig& engine) {
  const bool custom = engine.discovery_provider == core::DiscoveryProvider::custom;
  if (custom && config.discovery) return {};
  if (config.discovery) {
    return Error{Status::invalid_config,
                 std::string("discovery.provider = ") + config.settings.get("discovery.provider") +
                     ": distcache_config_discovery gave callbacks, for which it must be custom"};
  }
  const auto provider = discovery::make_provider(engine);
  if (!provider.ok()) return provider.error();
  return {};
}

}  // namespace

Result<ValidConfig> validate(const distcache_config_t& config) {
  ValidConfig valid;
  Error faults{Status::ok, {}};
  const auto add = [&faults](const Error& error, const std::string& where) {
    // INSECURE is said only where it is the one thing that is wrong.
    faults.status = faults.message.empty() ? error.status : Status::invalid_config;
    size_t begin = 0;
    while (begin <= error.message.size()) {
      const size_t end = std::min(error.message.find('\n', begin), error.message.size());
      if (!faults.message.empty()) faults.message += '\n';
      faults.message += where + error.message.substr(begin, end - begin);
      begin = end + 1;
    }
  };
  Result<core::EngineConfig> engine = config.settings.validate();
  if (engine) {
    if (const auto provider = check_provider(config, *engine); !provider) {
      add(provider.error(), "");
    }
    valid.engine = std::move(*engine);
  } else {
    add(engine.error(), "");
  }
  for (const distcache_keyspace_def_t& def : config.keyspaces) {
    Result<core::KeyspaceConfig> keyspace = def.settings.validate(valid.engine);
    if (keyspace) {
      valid.keyspaces.push_back(std::move(*keyspace));
    } else {
      add(keyspace.error(), "keyspace '" + def.name + "': ");
    }
  }
  if (!faults.message.empty()) return faults;
  return valid;
}

}  // namespace distcache::api

distcache_status_t distcache_config_new(uint32_t abi, distcache_config_t** out,
                                        distcache_error_t** err) {
  return enter(err, [&](Call& call) {
    if (out == nullptr) return call.invalid("out is NULL");
    *out = nullptr;
    if (abi != DISTCACHE_ABI) {
      return call.fail(Status::abi_mismatch, "the program was compiled for DISTCACHE_ABI " +
                                                 std::to_string(abi) + ", this library has " +
                                                 std::to_string(DISTCACHE_ABI));
    }
    *out = new distcache_config_t;
    return Status::ok;
  });
}

distcache_status_t distcache_config_set(distcache_config_t* config, const char* name,
                                        const char* value, distcache_error_t** err) {
  return enter(err, [&](Call& call) {
    if (config == nullptr) return call.invalid("config is NULL");
    if (name == nullptr) return call.invalid("name is NULL");
    if (value == nullptr) return call.invalid("value is NULL");
    const Result<void> set = config->settings.set(name, value);
    return set ? Status::ok : call.fail(set.error());
  });
}

distcache_status_t distcache_config_from_environment(distcache_config_t* config,
                                                     distcache_error_t** err) {
  return enter(err, [&](Call& call) {
    if (config == nullptr) return call.invalid("config is NULL");
    const Result<void> set = config->settings.set_from([](const std::string& name) {
      return std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): the caller asked for it
    });
    return set ? Status::ok : call.fail(set.error());
  });
}

const char* distcache_config_get(const distcache_config_t* config, const char* name) {
  return config == nullptr || name == nullptr ? nullptr : config->settings.get(name);
}

distcache_status_t distcache_config_validate(const distcache_config_t* config,
                                             distcache_error_t** err) {
  return enter(err, [&](Call& call) {
    if (config == nullptr) return call.invalid("config is NULL");
    const Result<api::ValidConfig> valid = api::validate(*config);
    return valid ? Status::ok : call.fail(valid.error());
  });
}

void distcache_config_release(distcache_config_t* config) { delete config; }

const char* distcache_properties_json(void) {
  // Without memory for the table there is no table.
  try {
    return distcache::core::properties_json().c_str();
  } catch (...) {
    return "{}";
  }
}

distcache_status_t distcache_config_on_log(distcache_config_t* config, distcache_log_fn log,
                                           uintptr_t context, distcache_finalize_fn finalize,
                                           distcache_error_t** err) {
  Finalizer finalizer(finalize, context);
  return enter(err, [&](Call& call) {
    if (config == nullptr) return call.invalid("config is NULL");
    config->log = log == nullptr ? nullptr
                                 : std::make_shared<const api::Callback<distcache_log_fn>>(
                                       log, context, std::move(finalizer));
    config->log_to_stderr = false;
    return Status::ok;
  });
}

distcache_status_t distcache_config_on_event(distcache_config_t* config, distcache_event_fn event,
                                             uintptr_t context, distcache_finalize_fn finalize,
                                             distcache_error_t** err) {
  Finalizer finalizer(finalize, context);
  return enter(err, [&](Call& call) {
    if (config == nullptr) return call.invalid("config is NULL");
    if (event == nullptr) return call.invalid("event is NULL");
    config->event = std::make_shared<const api::Callback<distcache_event_fn>>(event, context,
                                                                              std::move(finalizer));
    return Status::ok;
  });
}

distcache_status_t distcache_config_keyspace(distcache_config_t* config,
                                             const distcache_keyspace_def_t* def,
                                             distcache_error_t** err) {
  return enter(err, [&](Call& call) {
    if (config == nullptr) return call.invalid("config is NULL");
    if (def == nullptr) return call.invalid("def is NULL");
    const auto valid = def->settings.validate({});
    if (!valid) return call.fail(valid.error());
    for (const distcache_keyspace_def_t& other : config->keyspaces) {
      if (other.name != def->name) continue;
      return call.fail(Status::invalid_config,
                       "the configuration has a keyspace '" + def->name + "' already");
    }
    config->keyspaces.push_back(*def);
    return Status::ok;
  });
}
