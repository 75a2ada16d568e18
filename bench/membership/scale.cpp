#include <cstdio>
#include <vector>

#include "figures.h"
#include "world.h"

// How the membership alone grows with the cluster.
namespace bench {
namespace {

constexpr Duration kQuiet = Duration::seconds(30);
constexpr Duration kLinksBreak = Duration::ms(1500);  // what ZeroMQ's heartbeats are set to
constexpr Duration kPatience = Duration::seconds(120);
constexpr size_t kMany = 1'000;

// Of one kind of end, over all trials and survivors, in ms.
struct Ends {
  std::vector<int64_t> noticed;     // by each
  std::vector<int64_t> everywhere;  // per trial
};

enum class End { leaves, killed, silent };

void end_one(World& world, size_t node, End end, Ends& ends) {
  const size_t before = world.losses().size();
  const Instant at = world.now();
  if (end == End::leaves) world.leave(node);
  if (end == End::killed) world.kill(node);
  if (end == End::silent) world.silence(node, kLinksBreak);
  world.run_until([&] { return world.all_see_all(); }, kPatience);
  ends.everywhere.push_back((world.now() - at).as_ms());
  for (size_t i = before; i < world.losses().size(); ++i) {
    const Loss& loss = world.losses()[i];
    if (loss.about == node) ends.noticed.push_back((loss.at - at).as_ms());
  }
}

void measure(size_t members, size_t trials) {
  World world(members, {}, 1);
  world.count_bytes(true);
  const Duration formed = world.form();
  world.count_bytes(false);
  const uint64_t start_kb = world.traffic().bytes / members / 1'000;
  world.run(members < kMany ? Duration::seconds(10) : Duration::seconds(40));  // rumours die down
  const size_t bytes = world.bytes_of_state() / members / (members - 1);
  const Traffic before = world.traffic();
  world.count_bytes(true);
  world.run(kQuiet);
  world.count_bytes(false);
  const auto per_node = [&](uint64_t sum) {
    return static_cast<double>(sum) * 1e9 / static_cast<double>(kQuiet.as_ns()) /
           static_cast<double>(members);
  };
  const double messages = per_node(world.traffic().messages - before.messages);
  const double traffic = per_node(world.traffic().bytes - before.bytes);

  std::vector<int64_t> joined;
  Ends left, killed, silent;
  for (size_t trial = 0; trial < trials; ++trial) {
    for (const End end : {End::leaves, End::killed, End::silent}) {
      const Instant at = world.now();
      const size_t node = world.join();
      world.run_until([&] { return world.all_see_all(); }, kPatience);
      joined.push_back((world.now() - at).as_ms());
      world.run(Duration::seconds(2));
      end_one(world, node, end, end == End::leaves ? left : end == End::killed ? killed : silent);
    }
  }
  std::printf("%8zu %7ld %6lu %6ld %6ld   %5ld %5ld %5ld   %6ld %6ld %6ld   %6.1f %8.0f %9zu\n",
              members, formed.as_ms(), start_kb, percentile(joined, 50),
              percentile(left.everywhere, 50), percentile(killed.noticed, 50),
              percentile(killed.noticed, 99), percentile(killed.everywhere, 99),
              percentile(silent.noticed, 50), percentile(silent.noticed, 99),
              percentile(silent.everywhere, 99), messages, traffic, bytes);
  std::fflush(stdout);
}

}  // namespace

void run_scale(bool is_long) {
  std::printf(
      "\nMembership alone, in ms of virtual time (read every 10 ms) but for the last three "
      "columns; "
      "a message takes\n0.2 to 1 ms, links to a silent host break after %ld ms. formed: from "
      "nothing, all started within a second; KB: what each sent until then.\n\n"
      "%8s %7s %6s %6s %6s   %17s   %20s   %6s %8s %9s\n"
      "%8s %7s %6s %6s %6s   %5s %5s %5s   %6s %6s %6s   %6s %8s %9s\n",
      kLinksBreak.as_ms(), "", "", "", "a join", "leave", "killed", "host falls silent", "sent a",
      "bytes a", "bytes per", "members", "formed", "KB", "p50", "p50", "p50", "p99", "all", "p50",
      "p99", "all", "second", "second", "member");
  measure(10, is_long ? 40 : 10);
  measure(100, is_long ? 20 : 1);
  if (!is_long) return;
  measure(250, 3);
  measure(kMany, 1);
}

}  // namespace bench
