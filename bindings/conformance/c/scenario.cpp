#include "scenario.h"

#include <ostream>
#include <stdexcept>
#include <thread>

#include "patience.h"

namespace conformance {
namespace {

constexpr auto kPause = std::chrono::milliseconds(2);

bool is_operation(const std::string& op) {
  return op == "peek" || op == "refresh" || op.starts_with("get") || op.starts_with("put") ||
         op.starts_with("delete");
}

}  // namespace

Scenario::Scenario(const Json& description, std::ostream& out)
    : description_(description), out_(out) {
  expect_members(description, {"name", "about", "engines", "keyspaces", "steps"});
}

Scenario::~Scenario() {
  // What is held would keep its calls from ending.
  for (const auto& engine : engines_) engine->release_sources();
  for (const auto& [call, loader] : loaders_) loader->release_all();
  calls_.clear();
}

void Scenario::play() {
  out_ << "# " << description_.at("name").get<std::string>() << '\n';
  open_engines();
  size_t number = 0;
  for (const Json& step : description_.at("steps")) {
    const std::string op = step.at("op");
    ++number;
    try {
      out_ << number << ' ' << op << ' ' << outcome_of(step) << '\n';
    } catch (const std::exception& failure) {
      throw std::runtime_error("step " + std::to_string(number) + ", " + op + ": " +
                               failure.what());
    }
  }
  out_ << '\n';
}

void Scenario::open_engines() {
  const Json engines = description_.value("engines", Json{{"a", Json::object()}});
  std::vector<std::string> addresses;
  for (const auto& [name, engine] : engines.items()) {
    open_engine(name, engine, engines.size(), addresses);
  }
  if (engines.size() == 1) return;
  for (const auto& engine : engines_) engine->await_ready();
}

void Scenario::open_engine(const std::string& name, const Json& description, size_t count,
                           std::vector<std::string>& addresses) {
  const Json keyspaces = description_.value("keyspaces", Json::object());
  while (true) {
    auto engine = std::make_unique<Engine>(name);
    auto properties = common_properties(name);
    if (count > 1) {
      const std::string port = std::to_string(free_port());
      std::string peers;
      for (const std::string& address : addresses) peers += address + ',';
      properties["discovery.port"] = port;
      properties["discovery.provider"] = "static";
      properties["discovery.peers"] = peers + "127.0.0.1:" + port;
      properties["quorum.min"] = std::to_string(count);
      properties["bootstrap.timeout.ms"] = "1";
    }
    const Failure failure = engine->open(properties, description, keyspaces);
    if (failure.status == DISTCACHE_ADDRESS_IN_USE && count > 1) continue;
    if (failure.status != DISTCACHE_OK) throw std::runtime_error(name + ": " + failure.message);
    if (count > 1) addresses.push_back("127.0.0.1:" + properties["discovery.port"]);
    engines_.push_back(std::move(engine));
    return;
  }
}

std::string Scenario::outcome_of(const Json& step) {
  const std::string op = step.at("op");
  if (is_operation(op)) return outcome_of_operation(step);
  if (op == "wait" || op == "cancel") {
    expect_members(step, {"op", "call"});
    Call& call = *calls_.at(step.at("call"));
    if (op == "wait") return call.outcome();
    call.cancel();
    return "asked";
  }
  if (op == "gone") return until_gone(step);
  if (op == "loading" || op == "release" || op == "cancelled" || op == "loads") {
    return outcome_of_source_step(step, op);
  }
  return outcome_of_engine_step(step, op);
}

std::string Scenario::outcome_of_operation(const Json& step) {
  std::shared_ptr<Source> loader;
  if (step.contains("loader")) {
    loader = std::make_shared<Source>(engine_of(step).name(), Json::array({step["loader"]}));
    if (step.contains("call")) loaders_[step["call"]] = loader;
  }
  auto call = std::make_unique<Call>(step, keyspace_of(step), versions_, loader);
  if (!step.contains("call")) {
    if (step.value("async", false)) {
      call->begin();
    } else {
      call->run();
    }
    return call->outcome();
  }
  call->begin();
  calls_[step["call"]] = std::move(call);
  return "begun";
}

std::string Scenario::outcome_of_source_step(const Json& step, const std::string& op) {
  expect_members(step, {"op", "engine", "keyspace", "key", "call"});
  Source& source = step.contains("call") ? *loaders_.at(step["call"])
                                         : engine_of(step).source(keyspace_name_of(step));
  if (op == "loads" && !step.contains("key")) return std::to_string(source.loads(nullptr));
  const std::string key = bytes_of(step.at("key"));
  if (op == "loads") return std::to_string(source.loads(&key));
  if (op == "release") {
    source.release(key);
    return "done";
  }
  if (op == "loading") {
    source.await_held(key);
  } else {
    source.await_cancelled(key);
  }
  return "yes";
}

std::string Scenario::outcome_of_engine_step(const Json& step, const std::string& op) {
  if (op == "open") return open_extra(step);
  Engine& engine = engine_of(step);
  if (op == "add") return text_of(engine.add(step.at("name"), step), step);
  if (op == "update") return text_of(engine.update(step.at("name"), step), step);
  expect_members(step, {"op", "engine", "name", "timeout_ms", "says"});
  if (op == "remove") return text_of(engine.remove(step.at("name")), step);
  if (op == "list") return engine.list();
  if (op == "close") return text_of(engine.close(step.value("timeout_ms", int64_t{0})), step);
  if (op != "release_engine") throw std::runtime_error("no step is called so");
  engine.release();
  return "done";
}

std::string Scenario::open_extra(const Json& step) {
  Engine extra("extra");
  return text_of(
      extra.open(common_properties("extra"), step, step.value("keyspaces", Json::object())), step);
}

std::string Scenario::until_gone(const Json& step) {
  expect_members(step, {"op", "engine", "keyspace", "key"});
  const std::string key = bytes_of(step.at("key"));
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < until) {
    distcache_result_t* result = nullptr;
    const distcache_status_t status =
        distcache_peek(keyspace_of(step), reinterpret_cast<const uint8_t*>(key.data()), key.size(),
                       &result, nullptr);
    distcache_result_release(result);
    if (status != DISTCACHE_OK) return distcache_status_name(status);
    std::this_thread::sleep_for(kPause);
  }
  throw std::runtime_error("the key stays");
}

Engine& Scenario::engine_of(const Json& step) {
  if (!step.contains("engine")) return *engines_.front();
  for (const auto& engine : engines_) {
    if (engine->name() == step["engine"].get<std::string>()) return *engine;
  }
  throw std::runtime_error("no engine has this name");
}

std::string Scenario::keyspace_name_of(const Json& step) {
  if (step.contains("keyspace")) return step["keyspace"];
  return description_.at("keyspaces").begin().key();
}

distcache_keyspace_t* Scenario::keyspace_of(const Json& step) {
  return engine_of(step).keyspace(keyspace_name_of(step));
}

}  // namespace conformance
