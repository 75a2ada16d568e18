#include "mixed/nemesis.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <thread>

#include "ring/agreement.h"

namespace stress {

using cluster::Milliseconds;
using cluster::Truth;

namespace {

constexpr int64_t kHourMs = 3'600'000;

int64_t now_ns() { return cluster::ns_of(cluster::Clock::now()); }

}  // namespace

struct Nemesis::Kind {
  const char* name;
  void (Nemesis::*act)();
  enum { nothing, cuts, relay } needs = nothing;
};

const std::vector<Nemesis::Kind>& Nemesis::table() {
  static const std::vector<Kind> kinds{
      {"cut", &Nemesis::cut, Kind::cuts},
      {"sever", &Nemesis::sever, Kind::cuts},
      {"partition", &Nemesis::partition, Kind::cuts},
      {"loss", &Nemesis::lose, Kind::relay},
      {"delay", &Nemesis::delay, Kind::relay},
      {"stop", &Nemesis::stop},
      {"kill", &Nemesis::kill},
      {"kill-clock", &Nemesis::kill_with_clock_back},
      {"leave", &Nemesis::leave},
      {"clock", &Nemesis::change_clock},
      {"slow", &Nemesis::slow},
      {"source-fails", &Nemesis::fail_source},
      {"source-hangs", &Nemesis::hang_source},
  };
  return kinds;
}

Nemesis::Nemesis(Crew& crew, uint64_t seed, std::string only)
    : crew_(crew), random_(seed), only_(std::move(only)) {}

std::vector<std::string> Nemesis::kinds() {
  std::vector<std::string> names;
  for (const Kind& kind : table()) names.emplace_back(kind.name);
  return names;
}

bool Nemesis::possible(const Kind& kind) const {
  return kind.needs == Kind::nothing || (kind.needs == Kind::cuts && crew_.network().can_cut()) ||
         (kind.needs == Kind::relay && crew_.network().can_impair());
}

std::vector<std::string> Nemesis::impossible() const {
  std::vector<std::string> names;
  for (const Kind& kind : table()) {
    if (!possible(kind)) names.emplace_back(kind.name);
  }
  return names;
}

void Nemesis::strike() {
  if (deck_.empty()) {
    for (size_t i = 0; i < table().size(); ++i) {
      const std::string name = std::string(",") + table()[i].name + ",";
      const bool wanted = only_.empty() || ("," + only_ + ",").find(name) != std::string::npos;
      if (wanted && possible(table()[i])) deck_.push_back(i);
    }
    if (deck_.empty()) throw cluster::HarnessFailure("no fault '" + only_ + "' can be had here");
    std::shuffle(deck_.begin(), deck_.end(), random_);
  }
  const Kind& kind = table()[deck_.back()];
  deck_.pop_back();
  std::printf("%s", kind.name);
  std::fflush(stdout);
  (this->*kind.act)();
  crew_.await_one_ring();
  ++counts_[kind.name];
  std::printf("\n");
  hold(1'500, 3'000);
}

// What was drawn is waited for: it is the time for which a fault lasts.
void Nemesis::hold(size_t from_ms, size_t to_ms) {
  std::this_thread::sleep_for(Milliseconds(from_ms + below(to_ms - from_ms)));
}

template <typename During>
void Nemesis::trouble(std::vector<Trouble> Story::*where, During during) {
  const size_t number = (crew_.story().*where).size();
  (crew_.story().*where).push_back({now_ns()});
  during();
  (crew_.story().*where)[number].end_ns = now_ns();
}

// -- the network ----------------------------------------------------------------------------------

void Nemesis::cut() {
  const size_t from = anyone();
  const size_t to = other_than(from);
  std::printf(" from %s to %s", name_of(from).c_str(), name_of(to).c_str());
  trouble(&Story::paths, [&] {
    crew_.network().cut(from, to);
    hold(1'000, 4'000);
    crew_.network().mend();
  });
}

void Nemesis::sever() {
  const size_t one = anyone();
  const size_t other = other_than(one);
  std::printf(" %s and %s", name_of(one).c_str(), name_of(other).c_str());
  trouble(&Story::paths, [&] {
    crew_.network().cut(one, other);
    crew_.network().cut(other, one);
    hold(1'000, 4'000);
    crew_.network().mend();
  });
}

void Nemesis::partition() {
  const size_t one = anyone();
  const size_t two = other_than(one);
  std::printf(" %s%s from the others", name_of(one).c_str(), name_of(two).c_str());
  trouble(&Story::paths, [&] {
    for (size_t i = 0; i < Crew::kSize; ++i) {
      if (i == one || i == two) continue;
      for (const size_t here : {one, two}) {
        crew_.network().cut(here, i);
        crew_.network().cut(i, here);
      }
    }
    hold(2'000, 7'000);
    crew_.network().mend();
  });
}

// All that one node and the others send each other.
void Nemesis::impair(const Impairment& how) {
  const size_t who = anyone();
  std::printf(" %u %% of and %u to %u ms for %s", how.loss_percent, how.delay_ms,
              how.delay_ms + how.jitter_ms, name_of(who).c_str());
  trouble(&Story::paths, [&] {
    for (size_t i = 0; i < Crew::kSize; ++i) {
      if (i == who) continue;
      crew_.network().impair(who, i, how);
      crew_.network().impair(i, who, how);
    }
    hold(2'000, 4'000);
    crew_.network().mend();
  });
}

void Nemesis::lose() { impair({static_cast<uint32_t>(5 + below(25)), 0, 0}); }

void Nemesis::delay() {
  impair({0, static_cast<uint32_t>(5 + below(60)), static_cast<uint32_t>(1 + below(60))});
}

// -- processes ------------------------------------------------------------------------------------

void Nemesis::stop() {
  const size_t who = anyone();
  std::printf(" %s", name_of(who).c_str());
  crew_.node(who).child().signal(SIGSTOP);
  hold(300, 4'000);
  crew_.node(who).child().signal(SIGCONT);
}

void Nemesis::kill() {
  const size_t who = anyone();
  std::printf(" %s", name_of(who).c_str());
  crew_.kill(who);
  hold(0, 4'000);
  crew_.start({who});
}

void Nemesis::kill_with_clock_back() {
  const size_t who = anyone();
  std::printf(" %s, which comes back an hour earlier", name_of(who).c_str());
  crew_.kill(who);
  hold(0, 4'000);
  crew_.start({who}, -kHourMs);
}

void Nemesis::leave() {
  const size_t who = anyone();
  std::printf(" %s", name_of(who).c_str());
  crew_.leave(who);
  hold(0, 2'000);
  crew_.start({who});
}

void Nemesis::change_clock() {
  const size_t who = anyone();
  const int64_t by_ms = (below(2) == 0 ? 1 : -1) * static_cast<int64_t>(1 + below(48 * kHourMs));
  std::printf(" of %s by %ld s", name_of(who).c_str(), by_ms / 1'000);
  crew_.node(who).must("wall_clock", {{"ms", by_ms}});
  hold(1'000, 2'000);
}

void Nemesis::slow() {
  const size_t who = anyone();
  std::printf(" %s", name_of(who).c_str());
  trouble(&Story::paths, [&] {
    const DutyCycle cycle(crew_.node(who).child().pid(), Milliseconds(80), Milliseconds(20));
    hold(2'000, 4'000);
  });
}

// -- the source -----------------------------------------------------------------------------------

void Nemesis::fail_source() {
  trouble(&Story::source, [&] {
    crew_.truth().behaviour = Truth::fails;
    hold(500, 2'000);
    crew_.truth().behaviour = Truth::answers;
  });
}

void Nemesis::hang_source() {
  trouble(&Story::source, [&] {
    crew_.truth().behaviour = Truth::never_answers;
    hold(500, 2'000);
    crew_.truth().behaviour = Truth::answers;
  });
}

}  // namespace stress
