#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/config/keyspace_config.h"
#include "faults.h"
#include "transport/memory/memory_network.h"

namespace distcache::sim {

struct KeyspacePlan {
  std::string name;
  core::KeyspaceConfig config;
  std::vector<bool> has_source;  // by node
  bool owners_have_no_source = false;
  bool may_be_bounded = false;  // see Plan::set_partition
  Duration bounded_lease;
};

// Everything about a run that is decided before it starts, from the seed alone.
struct Plan {
  uint64_t seed = 0;
  uint32_t nodes = 0;
  memory::Mode mode = memory::Mode::tcp;
  Faults faults;
  memory::PathSettings path;
  std::vector<uint32_t> node_weights;
  std::vector<int64_t> clock_ppm;  // by node: how much faster its clock runs, in millionths
  std::vector<KeyspacePlan> keyspaces;
  uint32_t keys = 0;                     // per keyspace
  std::vector<uint64_t> key_popularity;  // cumulative
  Duration fault_time = Duration::seconds(11);
  Duration operation_pause;  // mean time between two arrivals
  uint32_t put_percent = 0, remove_percent = 0;
  uint64_t recalls_of_which_one_is_lost = 10;
  uint32_t put_if_percent = 0;     // of the puts: see Faults::put_ifs
  uint32_t refresh_percent = 0;    // of all calls: see Faults::refreshes
  uint32_t loaders_percent = 0;    // of the gets are get_with
  bool recalls_stay_lost = false;  // what repeats them is lost as well, for up to a second
  Duration fault_pause;  // mean time between two faults of one kind; each has its own around it

  // The longest that a message that is not lost takes, with the turns of those at its ends.
  Duration way() const { return path.delay_max + path.tail_max + Duration::ms(20); }

  static Plan of(uint64_t seed, uint32_t nodes_min, uint32_t nodes_max);
  // Which keyspaces have partition = bounded: none, those that the seed says, all.
  enum class Partition : uint8_t { serve, mixed, bounded };
  void set_partition(Partition partition);
  // Gets bring loaders, which in some keyspaces nobody can do without.
  void set_loaders();
  // The same, where nothing cuts members off but one recall in a hundred gets lost, of few keys
  // that are all lent and often written: P2 alone.
  void leave_lost_recalls();
  void make_puts_conditional();  // most of them
};

}  // namespace distcache::sim
