#pragma once

#include <distcache.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "common/fields.h"
#include "node/handles.h"
#include "node/journal.h"
#include "node/recorder.h"
#include "node/source.h"

namespace cluster {

// The engine of this process and its keyspaces, by the names and values of commands. Life and
// members here, keys in operations.cpp; each function performs one command and returns its answer.
// Any thread.
class Engine {
 public:
  Engine(std::string name, size_t process, Ledger* ledger)
      : name_(std::move(name)), process_(process), ledger_(ledger) {}
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // -- life
  Fields open(const Fields& settings);         // every field is a property
  Fields add_keyspace(const Fields& command);  // before open: the node joins with it
  Fields remove_keyspace(const Fields& command);
  Fields close(const Fields& command);
  Source* source(const std::string& keyspace);  // nullptr for one that has none
  void open_all_gates();

  // -- what this node sees
  Fields members();
  Fields await_members(const Fields& command);  // `count` of them, linked, sharing `keyspace`
  Fields explain(const Fields& command);
  Fields stats(const Fields& command);
  Fields await_stat(const Fields& command);
  Fields ring(const Fields& command);  // of `keyspace`: who is in it, and since when
  Journal& journal() { return journal_; }
  Recorder& recorder() { return recorder_; }
  Fields in_child(const Fields& command);  // what a get answers in a forked child

  // -- keys: `keyspace`, `key` or list `keys`, `timeout`, `form`
  Fields get(const Fields& command);
  Fields get_many(const Fields& command);
  Fields peek(const Fields& command);
  Fields put(const Fields& command);
  Fields remove(const Fields& command);
  Fields remove_many(const Fields& command);

  // The handle of a keyspace; empty with a `failure` if there is none.
  Owned<distcache_keyspace_t> keyspace(const Fields& command, Fields& failure);

 private:
  Fields add_definition(const Fields& command, distcache_keyspace_def_t* def);
  Fields describe_self();

  const std::string name_;
  const size_t process_;
  Ledger* const ledger_;
  Recorder recorder_;
  Journal journal_{recorder_};
  std::mutex mutex_;
  Owned<distcache_config_t> config_;
  distcache_t* engine_ = nullptr;
  // Kept until the engine is closed: a removed keyspace may still have loads.
  std::map<std::string, std::unique_ptr<Source>> sources_;
};

}  // namespace cluster
