#include "trio.h"

#include <algorithm>

namespace stress {

using cluster::Fields;
using cluster::Node;

namespace {

constexpr cluster::Milliseconds kPassPatience{300'000};

}  // namespace

void Seen::add(const Fields& report) {
  calls += report.number("calls");
  const int64_t told = report.number("failures.PARTIAL");
  partial += told;
  failures += report.number("failures") - told;
  wrong += report.number("failures.INTERNAL");
  late_ms = std::max(late_ms, report.number("late"));
  if (first_failure.empty()) first_failure = report.text("failure");
}

double Seen::succeeded_percent() const {
  if (calls == 0) return 0;
  return 100.0 * static_cast<double>(calls - failures) / static_cast<double>(calls);
}

// Few SOURCE threads, which are all there soon: they start as they are needed.
Trio::Trio(const Load& load)
    : load_(load), cluster_({{{"source.threads", 2}}, {{"set.bytes.max", load.bytes_max}}, {}}) {
  cluster_.start(size());
  nodes_ = cluster_.nodes();
  for (Node* node : nodes_) start_load(*node);
}

void Trio::start_load(Node& node) {
  node.must("traffic", {{"count", load_.keys},
                        {"threads", load_.threads},
                        {"timeout", load_.timeout_ms},
                        {"writes", load_.writes}});
}

void Trio::await_pass(size_t index) {
  Node& node = *nodes_[index];
  const Fields answer = node.wait(
      node.start("passes", {{"passes", 1}, {"within", kPassPatience.count()}}), 2 * kPassPatience);
  if (answer.text("status") == "OK") return;
  throw cluster::HarnessFailure("node " + node.name() + " hangs: " + answer.line());
}

void Trio::kill(size_t index) {
  collect();
  cluster_.kill(*nodes_[index]);
}

void Trio::restart(size_t index) {
  std::vector<std::string> seeds;
  for (size_t i = 0; i < size(); ++i) {
    if (i != index) seeds.push_back(nodes_[i]->address());
  }
  nodes_[index] = &cluster_.respawn(*nodes_[index]);
  const Fields opened = cluster_.open(*nodes_[index], seeds);
  if (opened.text("status") != "OK") {
    throw cluster::HarnessFailure("open of " + nodes_[index]->name() + " again: " + opened.line());
  }
  start_load(*nodes_[index]);
  cluster_.await_agreement(nodes_, size());
}

void Trio::collect() {
  for (Node* node : nodes_) seen_.add(node->must("traffic_report", {{"reset", 1}}));
}

void Trio::end(Faults& faults) {
  for (Node* node : nodes_) seen_.add(node->must("traffic_stop"));
  for (const std::string& failure : cluster_.end()) faults.add(failure);
}

}  // namespace stress
