#include "mixed/bounded.h"

#include <algorithm>
#include <cstdio>
#include <vector>

#include "common/deadline.h"
#include "mixed/crew.h"
#include "mixed/views.h"

namespace stress {
namespace {

using cluster::Clock;
using cluster::eventually;
using cluster::Fields;
using cluster::kUsualPatience;
using cluster::Ledger;
using cluster::Milliseconds;
using cluster::Node;
using cluster::ns_of;
using cluster::Ticket;

constexpr int64_t kMs = 1'000'000;
constexpr int64_t kLeaseNs = 1'000 * kMs;
constexpr int64_t kToleranceNs = 50 * kMs;
constexpr int64_t kTimeoutMs = 400;
constexpr int64_t kTimeToTellMs = 3'000;
constexpr uint32_t kFirstKey = 1'000;  // those before are read all the time
constexpr const char* kOld = "old";
constexpr size_t kCutOff = 2;  // the first so many

int64_t now_ns() { return ns_of(Clock::now()); }

struct Deleted {
  std::string key;
  std::string status;  // "": not yet
  int64_t end_ns = 0;
};

class Bounded {
 public:
  Bounded(const BoundedOptions& options, bool own_network) : crew_(own_network, load_of(options)) {
    for (uint32_t i = 0; i < options.keys; ++i) keys_.push_back({Ledger::key(kFirstKey + i), {}});
  }

  bool possible() { return crew_.network().can_cut(); }

  void run() {
    crew_.start({0, 1, 2, 3, 4});
    crew_.await_one_ring();
    for (const Deleted& one : keys_) fill(one.key);
    cut();
    cut_ns_ = now_ns();
    const bool told = eventually(kUsualPatience, [this] {
      write();
      remove();
      read();
      return told_partial_ > 0 && over();
    });
    if (!told) faults_.add("not all is deleted, or no write of those cut off is PARTIAL");
    crew_.network().mend();
    crew_.await_one_ring();
    const auto well = [this] { return crew_.node(0).put("after", "x").text("status") == "OK"; };
    if (!eventually(kUsualPatience, well)) faults_.add("after the heal no write is OK");
    crew_.end(faults_);
  }

  size_t tell(const std::string& mutate) const {
    size_t ok = 0;
    for (const Deleted& one : keys_) ok += one.status == "OK" ? 1 : 0;
    std::printf(
        "bounded: %s%zu deletes OK, %zu PARTIAL, %zu reads of what was older, oldest %ld ms after "
        "an "
        "OK, %ld ms after a PARTIAL; %zu writes of those cut off PARTIAL; %zu violations\n",
        mutate.empty() ? "" : (mutate + ", ").c_str(), ok, keys_.size() - ok, old_reads_,
        oldest_ok_ns_ / kMs, oldest_partial_ns_ / kMs, told_partial_, faults_.count());
    return faults_.count();
  }

 private:
  static Crew::Load load_of(const BoundedOptions& options) {
    Crew::Load load;
    load.keys = 1;
    load.rate = 1;
    load.writes_percent = 0;
    load.mirror = "all";
    load.partition = "bounded";
    load.mutation = options.mutate;
    return load;
  }

  // All have it: its owner, and the others as mirrors for a while.
  void fill(const std::string& key) {
    const auto put = [&] { return crew_.node(0).put(key, kOld).text("status") == "OK"; };
    if (!eventually(kUsualPatience, put)) throw cluster::HarnessFailure("no put is OK");
    for (size_t i = 0; i < Crew::kSize; ++i) crew_.node(i).get(key);
  }

  void cut() {
    for (size_t here = 0; here < kCutOff; ++here) {
      for (size_t there = kCutOff; there < Crew::kSize; ++there) {
        crew_.network().cut(here, there);
        crew_.network().cut(there, here);
      }
    }
  }

  // By the others, as often as it takes.
  void remove() {
    Node& node = crew_.node(Crew::kSize - 1);
    std::vector<std::pair<Deleted*, Ticket>> asked;
    for (Deleted& one : keys_) {
      if (!one.status.empty()) continue;
      asked.emplace_back(&one, node.start("delete", {{"key", one.key}, {"timeout", kTimeoutMs}}));
    }
    for (auto& [one, ticket] : asked) {
      const std::string status = node.wait(ticket).text("status");
      if (status != "OK" && status != "PARTIAL") continue;
      one->status = status;
      one->end_ns = now_ns();
    }
  }

  // By those cut off.
  void read() {
    for (size_t i = 0; i < kCutOff; ++i) {
      Node& node = crew_.node(i);
      std::vector<Ticket> tickets;
      const int64_t begin_ns = now_ns();
      for (const Deleted& one : keys_) {
        tickets.push_back(node.start("get", {{"key", one.key}, {"timeout", kTimeoutMs}}));
      }
      for (size_t key = 0; key < keys_.size(); ++key) {
        const Fields answer = node.wait(tickets[key]);
        const bool is_old = answer.text("status") == "OK" && answer.text("value") == kOld;
        if (is_old && !keys_[key].status.empty()) old_read(keys_[key], begin_ns);
      }
    }
  }

  void old_read(const Deleted& one, int64_t begin_ns) {
    ++old_reads_;
    const bool ok = one.status == "OK";
    const int64_t age_ns = begin_ns - one.end_ns;
    int64_t& oldest_ns = ok ? oldest_ok_ns_ : oldest_partial_ns_;
    oldest_ns = std::max(oldest_ns, age_ns);
    const int64_t stalled_ns = Views(crew_.story()).stalled_ns(cut_ns_ - kLeaseNs, begin_ns);
    if (age_ns <= (ok ? 1 : 2) * kLeaseNs + kToleranceNs + stalled_ns) return;
    faults_.add("P2: " + one.key + " is read " + std::to_string(age_ns / kMs) +
                " ms after its delete was " + one.status);
  }

  // Once nobody confirms them, for which they take a lease, their writes name whom they miss.
  void write() {
    const int64_t begin_ns = now_ns();
    const Fields answer = crew_.node(0).put("meanwhile", "x", {{"timeout", kTimeToTellMs}});
    const int64_t stalled_ns = Views(crew_.story()).stalled_ns(cut_ns_, begin_ns);
    const std::string status = answer.text("status");
    if (status == "OK" && begin_ns > cut_ns_ + kLeaseNs + kToleranceNs + stalled_ns) {
      faults_.add("P7: a write of one that is cut off is OK");
    }
    if (status != "PARTIAL") return;
    ++told_partial_;
    if (answer.list("missed").empty()) faults_.add("P7: a PARTIAL names nobody");
  }

  // Deleted, and what may be older read no more.
  bool over() const {
    return std::all_of(keys_.begin(), keys_.end(), [](const Deleted& one) {
      return !one.status.empty() && now_ns() > one.end_ns + 4 * kLeaseNs;
    });
  }

  Crew crew_;
  Faults faults_;
  std::vector<Deleted> keys_;
  int64_t cut_ns_ = 0;
  size_t old_reads_ = 0, told_partial_ = 0;
  int64_t oldest_ok_ns_ = 0, oldest_partial_ns_ = 0;
};

}  // namespace

bool run_bounded(const BoundedOptions& options) {
  const bool own_network = Network::leave_the_machine();
  try {
    Bounded bounded(options, own_network);
    if (!bounded.possible()) {
      std::printf("skipped: bounded: this system allows no network namespaces\n");
      return true;
    }
    bounded.run();
    const size_t broken = bounded.tell(options.mutate);
    return options.mutate.empty() ? broken == 0 : broken > 0;
  } catch (const cluster::HarnessFailure& failure) {
    std::printf("bounded: %s\n", failure.what());
    return false;
  }
}

}  // namespace stress
