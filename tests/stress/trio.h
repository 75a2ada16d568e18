#pragma once

#include <random>
#include <string>
#include <vector>

#include "faults.h"
#include "harness/cluster.h"

namespace stress {

// What the callers of some nodes saw.
struct Seen {
  int64_t calls = 0, failures = 0, wrong = 0;
  int64_t partial =
      0;  // writes that told, as promised, that the owner was not reached: no failures
  int64_t late_ms = 0;  // the worst call beyond its deadline, the machine's own stalls taken off
  std::string first_failure;

  void add(const cluster::Fields& report);
  double succeeded_percent() const;
};

// Three engines in processes of their own under a load of gets, puts and deletes, one of which can
// be killed and started again. Belongs to one thread; throws HarnessFailure when a node hangs.
class Trio {
 public:
  struct Load {
    size_t keys = 1'000;
    size_t threads = 4;  // in each process
    int64_t timeout_ms = 2'000;
    int64_t writes = 50;  // one call in so many is a put, one a delete
    std::string bytes_max = "64MiB";
  };

  explicit Trio(const Load& load);

  cluster::Node& operator[](size_t index) { return *nodes_[index]; }
  static constexpr size_t size() { return 3; }

  // Kills it without warning, starts it again under its name, and waits until all three agree.
  void kill(size_t index);
  void restart(size_t index);
  // Until every thread of a node has been through all keys.
  void await_pass(size_t index);
  const Seen& seen() const { return seen_; }
  // Adds what has been seen since the last time.
  void collect();
  // Stops the load and ends the processes in good order: a fault for each that does not.
  void end(Faults& faults);

 private:
  void start_load(cluster::Node& node);

  const Load load_;
  cluster::Cluster cluster_;
  std::vector<cluster::Node*> nodes_;
  Seen seen_;
};

}  // namespace stress
