#include "engine.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

#include "patience.h"

namespace conformance {
namespace {

void expect_ok(distcache_status_t status, distcache_error_t* error, const std::string& doing) {
  const Failure failure(status, error);
  if (status == DISTCACHE_OK) return;
  throw std::runtime_error(doing + ": " + distcache_status_name(status) + ": " + failure.message);
}

}  // namespace

Failure::Failure(distcache_status_t from, distcache_error_t* error)
    : status(from),
      message(distcache_error_message(error)),
      retriable(distcache_error_retriable(error) == 1) {
  distcache_error_release(error);
}

Definition::Definition(const std::string& name, const Json& description, bool sourceless,
                       const std::string& engine, bool bounded) {
  expect_members(description, {"properties", "source", "op", "engine", "name", "says"});
  distcache_error_t* error = nullptr;
  expect_ok(distcache_keyspace_def_new(name.c_str(), &def, &error), error, "keyspace " + name);
  if (bounded) distcache_keyspace_def_set(def, "bytes.max", "64MiB", nullptr);
  const Json properties = description.value("properties", Json::object());
  // A refusal is remembered, and told when the definition is used.
  for (const auto& [property, value] : properties.items()) {
    distcache_keyspace_def_set(def, property.c_str(), value.get<std::string>().c_str(), nullptr);
  }
  if (!description.contains("source") || sourceless) return;
  source = std::make_shared<Source>(engine, description["source"]);
  source->attach(def);
}

Engine::~Engine() {
  release_sources();
  if (cache_ != nullptr) close(0);
  for (const auto& [name, keyspace] : keyspaces_) distcache_keyspace_release(keyspace);
  for (distcache_keyspace_t* keyspace : replaced_) distcache_keyspace_release(keyspace);
  release();
}

Failure Engine::open(std::map<std::string, std::string> properties, const Json& description,
                     const Json& keyspaces) {
  expect_members(description, {"properties", "sourceless", "op", "keyspaces", "says"});
  const Json own = description.value("properties", Json::object());
  for (const auto& [name, value] : own.items()) properties[name] = value;
  distcache_error_t* error = nullptr;
  distcache_config_t* config = nullptr;
  expect_ok(distcache_config_new(DISTCACHE_ABI, &config, &error), error, "config");
  const std::unique_ptr<distcache_config_t, decltype(&distcache_config_release)> owner(
      config, &distcache_config_release);
  // A refusal is remembered, and told by open.
  for (const auto& [name, value] : properties) {
    distcache_config_set(config, name.c_str(), value.c_str(), nullptr);
  }
  const Json sourceless = description.value("sourceless", Json::array());
  for (const auto& [name, keyspace] : keyspaces.items()) {
    const bool without =
        std::find(sourceless.begin(), sourceless.end(), Json(name)) != sourceless.end();
    const Definition definition(name, keyspace, without, name_, true);
    const distcache_status_t status = distcache_config_keyspace(config, definition.def, &error);
    if (status != DISTCACHE_OK) return {status, error};
    if (definition.source) sources_[name] = definition.source;
  }
  const distcache_status_t status = distcache_open(config, &cache_, &error);
  if (status != DISTCACHE_OK) return {status, error};
  for (const auto& [name, keyspace] : keyspaces.items()) {
    expect_ok(distcache_keyspace_lookup(cache_, name.c_str(), &keyspaces_[name], &error), error,
              "lookup of " + name);
  }
  for (const auto& [name, source] : sources_) source->engine_is(cache_);
  return {};
}

void Engine::await_ready() {
  distcache_error_t* error = nullptr;
  const int64_t patience_ms = std::chrono::milliseconds(kPatience).count();
  expect_ok(distcache_wait_ready(cache_, patience_ms, &error), error, "ready");
}

Failure Engine::close(int64_t timeout_ms) {
  distcache_error_t* error = nullptr;
  const distcache_status_t status = distcache_close(cache_, timeout_ms, &error);
  return {status, error};
}

void Engine::release() {
  distcache_release(cache_);
  cache_ = nullptr;
}

void Engine::release_sources() {
  for (const auto& [name, source] : sources_) source->release_all();
}

Failure Engine::add(const std::string& name, const Json& description) {
  const Definition definition(name, description, false, name_, false);
  distcache_keyspace_t* keyspace = nullptr;
  distcache_error_t* error = nullptr;
  const distcache_status_t status =
      distcache_keyspace_add(cache_, definition.def, &keyspace, &error);
  if (status != DISTCACHE_OK) return {status, error};
  if (keyspaces_[name] != nullptr) replaced_.push_back(keyspaces_[name]);
  keyspaces_[name] = keyspace;
  if (definition.source) {
    definition.source->engine_is(cache_);
    sources_[name] = definition.source;
  }
  return {};
}

Failure Engine::update(const std::string& name, const Json& description) {
  const Definition definition(name, description, false, name_, false);
  if (definition.source) definition.source->engine_is(cache_);
  distcache_error_t* error = nullptr;
  const distcache_status_t status = distcache_keyspace_update(cache_, definition.def, &error);
  if (status != DISTCACHE_OK) return {status, error};
  if (definition.source) sources_[name] = definition.source;
  return {};
}

Failure Engine::remove(const std::string& name) {
  distcache_error_t* error = nullptr;
  const distcache_status_t status = distcache_keyspace_remove(cache_, name.c_str(), &error);
  return {status, error};
}

std::string Engine::list() {
  distcache_result_t* names = nullptr;
  distcache_error_t* error = nullptr;
  expect_ok(distcache_keyspace_list(cache_, &names, &error), error, "list");
  std::string text;
  for (size_t i = 0; distcache_result_item(names, i) != nullptr; ++i) {
    const char* name = reinterpret_cast<const char*>(distcache_result_item(names, i)->data);
    text += (i == 0 ? "" : " ") + std::string(name);
  }
  distcache_result_release(names);
  return text;
}

distcache_keyspace_t* Engine::keyspace(const std::string& name) const {
  const auto found = keyspaces_.find(name);
  if (found == keyspaces_.end()) throw std::runtime_error("no keyspace " + name + " was added");
  return found->second;
}

Source& Engine::source(const std::string& keyspace) const {
  const auto found = sources_.find(keyspace);
  if (found == sources_.end()) throw std::runtime_error(keyspace + " has no source here");
  return *found->second;
}

std::map<std::string, std::string> common_properties(const std::string& name) {
  return {{"node.name", name},           {"bind.port", "0"},         {"discovery.port", "0"},
          {"log.level", "off"},          {"read.timeout.ms", "60s"}, {"write.timeout.ms", "60s"},
          {"shutdown.timeout.ms", "60s"}};
}

int free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(socket, generic, size) != 0 || getsockname(socket, generic, &size) != 0) {
    throw std::runtime_error("no free port");
  }
  close(socket);
  return ntohs(address.sin_port);
}

}  // namespace conformance
