#pragma once

#include <span>
#include <string>
#include <string_view>

namespace distcache::sim {

// Which faults a run has. Swarm style (Groce et al., "Swarm Testing", ISSTA 2012): each is on or
// off as a whole, since runs that have everything at once hide what needs the absence of one.
struct Faults {
  // of the network
  bool slow_paths = false;  // delays with tails
  bool loss = false;        // tcp: breaks links; lossy: single messages, up to 30 %
  bool duplicates = false;  // lossy only
  bool partitions = false;  // two-way, everybody on one of two sides
  bool partial = false;     // two-way between some pairs: others reach both
  bool one_way = false;
  // of processes
  bool crashes = false;
  bool leaves = false;
  bool pauses = false;
  bool cold_start = false;  // calls begin before the members have met
  bool lags = false;        // the I/O thread comes late
  bool slow_nodes = false;  // it gets a turn only now and then, for seconds
  bool sparse = false;      // each node knows one other address
  // of clocks
  bool clock_jumps = false;  // forward, as behind a suspended machine
  bool clock_stops = false;  // while a process is stopped, as that of a virtual machine
  bool clock_rates = false;  // each node's own
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
  // of mirrors: no keyspace has any without them
  bool mirrors = false;
  bool lost_recalls = false;  // one in ten never arrives
  // No faults: what users do beside get, put and delete
  bool put_ifs = false;  // puts over the version that their process has seen last
  bool refreshes = false;
  // No fault: a keyspace has partition = bounded
  bool bounded = false;

  // What cuts members off from each other, if only for a moment.
  bool cuts() const { return partitions || partial || one_way || pauses; }
  // What can make members disagree, or a message fail to come back.
  bool of_network() const { return loss || duplicates || cuts() || slow_nodes || clock_jumps; }
  bool of_members() const { return crashes || leaves || cold_start; }
  bool calm() const { return !of_network() && !of_members(); }

  // False: there is none of this name.
  bool turn_off(std::string_view name);
  std::string names() const;  // of those that are on
};

struct FaultName {
  const char* name;
  bool Faults::*fault;
};

std::span<const FaultName> fault_names();

}  // namespace distcache::sim
