#include <distcache.h>
#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "common/deadline.h"
#include "footprint.h"

// unload LIBRARY COUNT: a program that does not link the library loads it, uses it and unloads it,
// again and again, as plugins do. It stays in memory (a source that hangs may still be inside), and
// threads and descriptors do not.
namespace {

void* library = nullptr;

// The type is given, not the address: whatever the optimiser does, nothing is to be linked.
template <typename Function>
Function find(const char* name) {
  void* found = dlsym(library, name);
  if (found != nullptr) return reinterpret_cast<Function>(found);
  std::printf("unload: no %s\n", name);
  std::exit(1);
}
#define FIND(function) find<decltype(&function)>(#function)

void answer(uintptr_t context, distcache_fetch_t* fetch) {
  const auto complete = reinterpret_cast<decltype(&distcache_fetch_complete)>(context);
  const uint8_t value = 'x';
  complete(fetch, &value, 1, nullptr);
}

// 0, or the number of the step that failed.
int use() {
  distcache_config_t* config = nullptr;
  distcache_keyspace_def_t* def = nullptr;
  distcache_t* engine = nullptr;
  distcache_keyspace_t* keyspace = nullptr;
  distcache_result_t* result = nullptr;
  if (FIND(distcache_config_new)(DISTCACHE_ABI, &config, nullptr) != DISTCACHE_OK) return 1;
  FIND(distcache_config_set)(config, "bind.port", "0", nullptr);
  FIND(distcache_config_set)(config, "discovery.port", "0", nullptr);
  if (FIND(distcache_keyspace_def_new)("main", &def, nullptr) != DISTCACHE_OK) return 2;
  FIND(distcache_keyspace_def_set)(def, "bytes.max", "1MiB", nullptr);
  FIND(distcache_keyspace_def_source)
  (def, answer, reinterpret_cast<uintptr_t>(FIND(distcache_fetch_complete)), nullptr, nullptr);
  if (FIND(distcache_config_keyspace)(config, def, nullptr) != DISTCACHE_OK) return 3;
  FIND(distcache_keyspace_def_release)(def);
  if (FIND(distcache_open)(config, &engine, nullptr) != DISTCACHE_OK) return 4;
  FIND(distcache_config_release)(config);
  if (FIND(distcache_keyspace_lookup)(engine, "main", &keyspace, nullptr) != DISTCACHE_OK) return 5;
  const uint8_t key = 'k';
  if (FIND(distcache_get)(keyspace, &key, 1, nullptr, &result, nullptr) != DISTCACHE_OK) return 6;
  FIND(distcache_result_release)(result);
  FIND(distcache_keyspace_release)(keyspace);
  if (FIND(distcache_close)(engine, 0, nullptr) != DISTCACHE_OK) return 7;
  FIND(distcache_release)(engine);
  return 0;
}

bool once(const char* path) {
  library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    std::printf("unload: %s\n", dlerror());
    return false;
  }
  const int failed = use();
  if (failed != 0) std::printf("unload: step %d failed\n", failed);
  dlclose(library);
  return failed == 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  if (!once(argv[1])) return 1;
  const stress::Footprint before = stress::Footprint::of();
  for (int i = 0; i < std::atoi(argv[2]); ++i) {
    if (!once(argv[1])) return 1;
  }
  stress::Footprint after;
  const bool same = cluster::eventually(cluster::Milliseconds(60'000), [&] {
    after = stress::Footprint::of();
    return after.threads == before.threads && after.descriptors == before.descriptors;
  });
  void* still_there = dlopen(argv[1], RTLD_NOW | RTLD_NOLOAD);
  std::printf("unload: %s times, %zu and %zu threads, %zu and %zu descriptors, library %s\n",
              argv[2], before.threads, after.threads, before.descriptors, after.descriptors,
              still_there != nullptr ? "still there" : "gone");
  return same && still_there != nullptr ? 0 : 1;
}
