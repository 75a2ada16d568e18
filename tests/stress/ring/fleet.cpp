#include "ring/fleet.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>

#include "ring/agreement.h"

namespace stress {
namespace {

using cluster::Clock;
using cluster::Fields;
using cluster::HarnessFailure;
using cluster::Milliseconds;
using cluster::Node;
using cluster::Stall;
using cluster::Ticket;

constexpr Milliseconds kPatience{300'000};
constexpr int64_t kTimeoutMs = 60'000;  // of a call: none may fail, some may be slow
constexpr int64_t kCallsPerSecond = 200;
constexpr double kCalmMs = 500;
constexpr int64_t kBeforeNs = 10'000'000'000;

double union_ms(std::vector<Stall> stalls, int64_t from_ns, int64_t to_ns) {
  std::sort(stalls.begin(), stalls.end(),
            [](const Stall& a, const Stall& b) { return a.begin_ns < b.begin_ns; });
  int64_t total_ns = 0;
  int64_t covered_ns = from_ns;
  for (const Stall& stall : stalls) {
    const int64_t end_ns = std::min(stall.end_ns, to_ns);
    total_ns += std::max<int64_t>(end_ns - std::max(stall.begin_ns, covered_ns), 0);
    covered_ns = std::max(covered_ns, end_ns);
  }
  return static_cast<double>(total_ns) / 1e6;
}

}  // namespace

Fleet::Fleet(bool own_network)
    : network_(size(), own_network),
      cluster_({{}, {{"set.bytes.max", "64MiB"}}, {}}),
      nodes_(size()),
      loaded_(size()) {}

Indexes Fleet::all() { return others({}); }

Indexes Fleet::others(const Indexes& without) {
  Indexes left;
  for (size_t i = 0; i < size(); ++i) {
    if (std::find(without.begin(), without.end(), i) == without.end()) left.push_back(i);
  }
  return left;
}

int64_t Fleet::start(const Indexes& which) {
  std::vector<Ticket> tickets;
  for (const size_t i : which) {
    const Network::Inside inside(network_, i);
    nodes_[i] = nodes_[i] == nullptr ? &cluster_.spawn(name_of(i)) : &cluster_.respawn(*nodes_[i]);
  }
  for (const size_t i : which)
    tickets.push_back(nodes_[i]->start("open", settings_of(network_, size(), i)));
  int64_t last_ns = 0;
  for (size_t i = 0; i < which.size(); ++i) {
    const Fields opened = nodes_[which[i]]->wait(tickets[i], kPatience);
    if (opened.text("status") != "OK") {
      throw HarnessFailure("open of " + name(which[i]) + ": " + opened.line());
    }
    last_ns = std::max(last_ns, opened.number("began"));
  }
  return last_ns;
}

int64_t Fleet::kill(const Indexes& which) {
  for (const size_t i : which) collect(i);
  const int64_t at_ns = now_ns();
  for (const size_t i : which) nodes_[i]->child().signal(SIGKILL);
  for (const size_t i : which) {
    cluster_.kill(*nodes_[i]);
    loaded_[i] = false;
  }
  return at_ns;
}

// Its own callers would be told CLOSED: they end before.
int64_t Fleet::leave(size_t index) {
  Node& node = *nodes_[index];
  if (loaded_[index]) seen_.add(node.must("traffic_stop"));
  loaded_[index] = false;
  const int64_t began_ns = node.must("close").number("began");
  node.ask_to_quit();
  if (const std::string failure = node.quit(); !failure.empty()) throw HarnessFailure(failure);
  cluster_.forget(node);
  return began_ns;
}

void Fleet::put_under_load(const Indexes& which) {
  for (const size_t i : which) {
    nodes_[i]->must(
        "traffic",
        {{"count", kKeys}, {"threads", 1}, {"timeout", kTimeoutMs}, {"rate", kCallsPerSecond}});
    loaded_[i] = true;
  }
}

void Fleet::collect(size_t index) {
  if (loaded_[index]) seen_.add(nodes_[index]->must("traffic_report", {{"reset", 1}}));
}

Agreement Fleet::await_one_ring(const Indexes& among, int64_t since_ns) {
  await_agreement(among);
  await_passes(among);
  const int64_t at_ns = std::max(await_agreement(among), since_ns);
  return {static_cast<double>(at_ns - since_ns) / 1e6, stalled_ms(among, since_ns, at_ns),
          calm(among, since_ns, at_ns)};
}

int64_t Fleet::await_agreement(const Indexes& among) {
  std::vector<Node*> nodes;
  for (const size_t i : among) nodes.push_back(nodes_[i]);
  return stress::await_agreement(nodes);
}

void Fleet::await_passes(const Indexes& among) {
  std::vector<std::pair<Node*, Ticket>> started;
  for (const size_t i : among) {
    if (loaded_[i])
      started.emplace_back(nodes_[i], nodes_[i]->start("passes", {{"within", kPatience.count()}}));
  }
  for (const auto& [node, ticket] : started) {
    const Fields answer = node->wait(ticket, 2 * kPatience);
    if (answer.text("status") != "OK") {
      throw HarnessFailure("callers of " + node->name() + " hang: " + answer.line());
    }
  }
}

double Fleet::stalled_ms(const Indexes& which, int64_t from_ns, int64_t to_ns) {
  std::vector<Stall> stalls = watchdog_.stalls_since(from_ns);
  for (const size_t i : which) {
    for (const std::string& line : nodes_[i]->must("stalls", {{"since", from_ns}}).list("stalls")) {
      char* end = nullptr;
      const int64_t begin_ns = std::strtoll(line.c_str(), &end, 10);
      stalls.push_back({begin_ns, std::strtoll(end, nullptr, 10)});
    }
  }
  return union_ms(std::move(stalls), from_ns, to_ns);
}

bool Fleet::calm(const Indexes& which, int64_t from_ns, int64_t to_ns) {
  return stalled_ms(which, from_ns - kBeforeNs, to_ns) < kCalmMs;
}

size_t Fleet::events_so_far(size_t index) {
  return static_cast<size_t>(nodes_[index]->must("events").number("size"));
}

std::vector<PeerEvent> Fleet::events(size_t index, size_t from) {
  std::vector<PeerEvent> found;
  for (const std::string& line : nodes_[index]->must("events", {{"from", from}}).list("events")) {
    char* end = nullptr;
    PeerEvent event;
    event.at_ns = std::strtoll(line.c_str(), &end, 10);
    const std::string rest = end + 1;
    event.kind = rest.substr(0, rest.find(' '));
    event.peer = rest.substr(event.kind.size() + 1);
    found.push_back(std::move(event));
  }
  return found;
}

int64_t Fleet::ring_changes(size_t index) {
  return nodes_[index]->must("stats").number("ring_changes");
}

void Fleet::end(Faults& faults) {
  for (size_t i = 0; i < size(); ++i) {
    if (loaded_[i]) seen_.add(nodes_[i]->must("traffic_stop"));
  }
  for (const std::string& failure : cluster_.end()) faults.add(failure);
}

}  // namespace stress
