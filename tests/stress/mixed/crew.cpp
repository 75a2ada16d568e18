#include "mixed/crew.h"

#include <cstdlib>
#include <filesystem>

#include "ring/agreement.h"

namespace stress {

using cluster::Fields;
using cluster::HarnessFailure;
using cluster::Ledger;
using cluster::Milliseconds;
using cluster::Node;
using cluster::Ticket;

namespace {

constexpr Milliseconds kPatience{120'000};

}  // namespace

Crew::Crew(bool own_network, const Load& load)
    : load_(load),
      network_(kSize, own_network),
      cluster_({{},
                {{"set.bytes.max", "64MiB"},
                 {"set.fetch.timeout.ms", "2s"},
                 {"set.mirror", load.mirror},
                 {"set.partition", load.partition}},
                load.mutation}),
      nodes_(kSize),
      lives_(kSize) {
  truth_->longest_load_us = load.longest_load_us;
  story_.bounded = load.partition == "bounded";
  // A sanitizer wants to be preloaded before anything else, and need not be.
  const char* const asan = getenv("ASAN_OPTIONS");
  setenv("ASAN_OPTIONS", (std::string(asan ? asan : "") + ":verify_asan_link_order=0").c_str(), 1);
}

void Crew::begin_life(size_t index) {
  const Network::Inside inside(network_, index);
  nodes_[index] = nodes_[index] == nullptr ? &cluster_.spawn(name_of(index))
                                           : &cluster_.respawn(*nodes_[index]);
  lives_[index] = story_.lives.size();
  Life& life = story_.lives.emplace_back();
  life.node = index;
  nodes_[index]->must("record", {{"truth", truth_.path()}, {"records", life.records->path()}});
}

void Crew::start(const std::vector<size_t>& which, int64_t wall_clock_ms) {
  const auto folder = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  setenv("LD_PRELOAD", (folder / "wall_clock.so").c_str(), 1);
  setenv("WALL_CLOCK_MS", std::to_string(wall_clock_ms).c_str(), 1);
  for (const size_t i : which) begin_life(i);
  unsetenv("LD_PRELOAD");
  std::vector<Ticket> tickets;
  for (const size_t i : which) {
    tickets.push_back(nodes_[i]->start("open", settings_of(network_, kSize, i)));
  }
  for (size_t i = 0; i < which.size(); ++i) {
    const Fields opened = nodes_[which[i]]->wait(tickets[i], kPatience);
    if (opened.text("status") != "OK") throw HarnessFailure("open: " + opened.line());
    work(which[i]);
  }
}

void Crew::work(size_t index) {
  nodes_[index]->must("mixed", {{"count", load_.keys},
                                {"threads", load_.threads},
                                {"rate", load_.rate},
                                {"writes", load_.writes_percent},
                                {"timeout", load_.timeout_ms},
                                {"write_timeout", load_.write_timeout_ms},
                                {"seed", load_.seed * 1'000 + story_.lives.size() * 10 + index}});
}

void Crew::work() {
  for (size_t i = 0; i < kSize; ++i) work(i);
}

void Crew::rest() {
  std::vector<Ticket> tickets;
  for (Node* node : nodes_) tickets.push_back(node->start("mixed_stop"));
  for (size_t i = 0; i < kSize; ++i) nodes_[i]->wait(tickets[i]);
}

void Crew::kill(size_t index) {
  Life& life = story_.lives[lives_[index]];
  life.was_killed = true;
  life.ended_ns = cluster::ns_of(cluster::Clock::now());
  cluster_.kill(*nodes_[index]);
}

void Crew::leave(size_t index) {
  Node& node = *nodes_[index];
  node.must("mixed_stop");
  story_.lives[lives_[index]].ended_ns = cluster::ns_of(cluster::Clock::now());
  node.must("close");
  node.ask_to_quit();
  if (const std::string failure = node.quit(); !failure.empty()) throw HarnessFailure(failure);
  cluster_.forget(node);
}

void Crew::await_one_ring() { await_agreement(nodes_); }

std::string Crew::compare() {
  for (uint32_t key = 0; key < load_.keys; ++key) {
    std::vector<std::string> answers;
    for (Node* node : nodes_) {
      const Fields answer = node->get(Ledger::key(key));
      answers.push_back(answer.text("status") + ' ' + answer.text("fingerprint"));
    }
    for (size_t i = 0; i < kSize; ++i) {
      if (answers[i] == answers[0] && answers[i].starts_with("OK")) continue;
      return Ledger::key(key) + " is " + answers[0] + " at A and " + answers[i] + " at " +
             name_of(i);
    }
  }
  return {};
}

void Crew::end(Faults& faults) {
  rest();
  for (Life& life : story_.lives) {
    life.ended_ns = std::min(life.ended_ns, cluster::ns_of(cluster::Clock::now()));
  }
  for (const std::string& failure : cluster_.end()) faults.add(failure);
}

}  // namespace stress
