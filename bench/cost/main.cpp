#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "world.h"

// What coherence costs, counted: see README.md.
namespace distcache::cost {

// So many gets of each key at one machine. callgrind counts what happens in here, and nothing else.
__attribute__((noinline)) bool measured(World& world, Machine& at,
                                        const std::vector<std::string>& keys, size_t times) {
  bool good = true;
  for (size_t i = 0; i < times; ++i) {
    for (const std::string& key : keys) good &= world.get(at, key) == Status::ok;
  }
  return good;
}

namespace {

constexpr uint64_t kHits = 100'000;
constexpr size_t kRemoteKeys = 2'000;  // each is asked for once: nothing is ever lent

core::KeyspaceConfig config_of(core::MirrorMode mode) {
  core::KeyspaceConfig config;
  config.bytes_max = 64 * 1024 * 1024;
  config.mirror = mode;
  return config;
}

bool count_hits(core::MirrorMode mode) {
  World world(2, config_of(mode));
  const std::vector<std::string> keys = world.keys(1);
  return world.put(world[0], keys[0]) == Status::ok && measured(world, world[0], keys, kHits);
}

bool count_remote(core::MirrorMode mode) {
  World world(2, config_of(mode));
  const std::vector<std::string> keys = world.keys(kRemoteKeys);
  for (const std::string& key : keys) {
    if (world.put(world[0], key) != Status::ok) return false;
  }
  return measured(world, world[1], keys, 1);
}

// ---- messages -----------------------------------------------------------------------------------

struct Row {
  const char* name;
  Status (World::*operation)(Machine&, const std::string&);
  bool hot;
};

// Until both others hold it.
void lend(World& world, const std::string& key) {
  for (int i = 0; i < 20; ++i) {
    world.get(world[1], key);
    world.get(world[2], key);
  }
}

bool tell(const Row& row, core::MirrorMode mode) {
  World world(3, config_of(mode));
  const std::string key = world.keys(1).front();
  world.put(world[0], key);
  if (row.hot) lend(world, key);
  world.pass(Duration::ms(10));  // what is still under way
  world.take_sent();
  const Status status = (world.*row.operation)(world[1], key);
  world.pass(Duration::ms(10));
  const Sent sent = world.take_sent();
  std::printf("| %s | %s | %lu | %lu | %lu | %lu | %lu | %lu |\n", row.name,
              mode == core::MirrorMode::off ? "off" : "hot", sent.calls, sent.replies, sent.recalls,
              sent.recalled, sent.acknowledgements, sent.bytes);
  const bool local = row.hot && mode == core::MirrorMode::hot && row.operation == &World::get;
  const bool recalls = row.hot && mode == core::MirrorMode::hot && !local;
  // A write's own round trip, and that of its record to the next candidate.
  const uint64_t round_trips = local ? 0 : row.operation == &World::get ? 1 : 2;
  return status == Status::ok && sent.calls == round_trips && sent.replies == round_trips &&
         (recalls || sent.recalls + sent.recalled == 0);
}

bool tell_messages() {
  constexpr Row kRows[] = {
      {"get, cold", &World::get, false},          {"put, cold", &World::put, false},
      {"delete, cold", &World::remove, false},    {"get, hot", &World::get, true},
      {"put, hot, 2 hold it", &World::put, true}, {"delete, hot, 2 hold it", &World::remove, true}};
  std::printf(
      "| one | mirror | calls | replies | recalls | recalled | acknowledgements | bytes |\n"
      "| --- | --- | --- | --- | --- | --- | --- | --- |\n");
  bool good = true;
  for (const Row& row : kRows) {
    for (const core::MirrorMode mode : {core::MirrorMode::off, core::MirrorMode::hot}) {
      good &= tell(row, mode);
    }
  }
  return good;
}

bool run(std::string_view what, std::string_view mode) {
  const core::MirrorMode mirror = mode == "hot" ? core::MirrorMode::hot : core::MirrorMode::off;
  if (what == "hit") return count_hits(mirror);
  if (what == "remote") return count_remote(mirror);
  return what == "messages" && tell_messages();
}

}  // namespace
}  // namespace distcache::cost

int main(int argc, char** argv) {
  return distcache::cost::run(argc > 1 ? argv[1] : "", argc > 2 ? argv[2] : "") ? 0 : 1;
}
