#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/config/keyspace_config.h"
#include "transport/memory/memory_network.h"

namespace distcache::sim {

// Which faults a run has. Swarm style (Groce et al., "Swarm Testing", ISSTA 2012): each is on or
// off as a whole, since runs that have everything at once hide what needs the absence of one.
struct Faults {
  // of the network
  bool slow_paths = false;  // delays with tails
  bool loss = false;        // tcp: breaks links; lossy: single messages
  bool duplicates = false;  // lossy only
  bool partitions = false;  // two-way
  bool one_way = false;
  // of processes
  bool crashes = false;
  bool leaves = false;
  bool pauses = false;
  bool cold_start = false;  // calls begin before the members have met
  bool lags = false;        // the I/O thread comes late
  bool sparse = false;      // each node knows one other address
  // of sources
  bool slow_source = false;
  bool hung_source = false;
  bool failing_source = false;
  bool careless_source = false;  // answers twice, drops loads, asks not to store
  bool sourceless = false;       // some nodes have no source
  // of sizes and times
  bool weights = false;
  bool client = false;  // one node owns nothing
  bool small_memory = false;
  bool short_ttls = false;
  bool big_values = false;  // over 1 MiB: chunks
  bool oversize = false;    // over value.bytes.max
  bool tight_limits = false;
  bool short_timeouts = false;
  bool cancels = false;

  // What can make members disagree, or a message fail to come back.
  bool of_network() const { return loss || duplicates || partitions || one_way || pauses; }
  bool of_members() const { return crashes || leaves || cold_start; }
  bool calm() const { return !of_network() && !of_members(); }
};

struct KeyspacePlan {
  std::string name;
  core::KeyspaceConfig config;
  std::vector<bool> has_source;  // by node
};

// Everything about a run that is decided before it starts, from the seed alone.
struct Plan {
  uint64_t seed = 0;
  uint32_t nodes = 0;
  memory::Mode mode = memory::Mode::tcp;
  Faults faults;
  memory::PathSettings path;
  std::vector<uint32_t> node_weights;
  std::vector<KeyspacePlan> keyspaces;
  uint32_t keys = 0;                     // per keyspace
  std::vector<uint64_t> key_popularity;  // cumulative
  Duration calm_time = Duration::seconds(10);
  Duration operation_pause;  // mean time between two arrivals
  uint32_t put_percent = 0, remove_percent = 0;
  Duration fault_pause;  // mean time between two faults of one kind

  static Plan of(uint64_t seed, uint32_t nodes_min, uint32_t nodes_max);
};

}  // namespace distcache::sim
