#pragma once

#include <distcache.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "source.h"

namespace conformance {

// Status and error of a call; releases the error.
struct Failure {
  distcache_status_t status = DISTCACHE_OK;
  std::string message;
  bool retriable = false;

  Failure() = default;
  Failure(distcache_status_t from, distcache_error_t* error);
};

// A keyspace as a scenario describes it: definition and source.
struct Definition {
  Definition(const std::string& name, const Json& description, bool sourceless,
             const std::string& engine, bool bounded);
  ~Definition() { distcache_keyspace_def_release(def); }
  Definition(const Definition&) = delete;
  Definition& operator=(const Definition&) = delete;

  distcache_keyspace_def_t* def = nullptr;
  std::shared_ptr<Source> source;  // none where the keyspace has none
};

// One engine of a scenario with the keyspaces it was opened with, and those added later.
class Engine {
 public:
  explicit Engine(std::string name) : name_(std::move(name)) {}
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Properties: those of `description` over those given.
  Failure open(std::map<std::string, std::string> properties, const Json& description,
               const Json& keyspaces);
  void await_ready();
  Failure close(int64_t timeout_ms);
  void release();
  void release_sources();  // lets go whatever they hold

  Failure add(const std::string& name, const Json& description);
  Failure update(const std::string& name, const Json& description);
  Failure remove(const std::string& name);
  std::string list();

  const std::string& name() const { return name_; }
  distcache_keyspace_t* keyspace(const std::string& name) const;
  Source& source(const std::string& keyspace) const;

 private:
  const std::string name_;
  distcache_t* cache_ = nullptr;
  std::map<std::string, distcache_keyspace_t*> keyspaces_;
  std::map<std::string, std::shared_ptr<Source>> sources_;
  std::vector<distcache_keyspace_t*> replaced_;  // stale handles, kept until the end
};

// What every engine is opened with.
std::map<std::string, std::string> common_properties(const std::string& name);

// A port of 127.0.0.1 that was free a moment ago.
int free_port();

}  // namespace conformance
