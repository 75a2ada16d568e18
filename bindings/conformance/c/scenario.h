#pragma once

#include <iosfwd>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "call.h"
#include "engine.h"

namespace conformance {

// Plays one scenario on engines of its own and prints a line for each step.
class Scenario {
 public:
  Scenario(const Json& description, std::ostream& out);
  ~Scenario();
  Scenario(const Scenario&) = delete;
  Scenario& operator=(const Scenario&) = delete;

  void play();

 private:
  void open_engines();
  void open_engine(const std::string& name, const Json& description, size_t count,
                   std::vector<std::string>& addresses);
  std::string outcome_of(const Json& step);
  std::string outcome_of_operation(const Json& step);
  std::string outcome_of_source_step(const Json& step, const std::string& op);
  std::string outcome_of_engine_step(const Json& step, const std::string& op);
  std::string open_extra(const Json& step);
  std::string until_gone(const Json& step);
  Engine& engine_of(const Json& step);
  distcache_keyspace_t* keyspace_of(const Json& step);
  std::string keyspace_name_of(const Json& step);

  const Json& description_;
  std::ostream& out_;
  std::vector<std::unique_ptr<Engine>> engines_;
  Versions versions_;
  std::map<std::string, std::shared_ptr<Source>> loaders_;  // of get_with, by call
  std::map<std::string, std::unique_ptr<Call>> calls_;      // those begun and not awaited
};

}  // namespace conformance
