#include <cstdio>
#include <cstring>

#include "figures.h"

// distcache_bench [--long] [hits|overhead|remote|ring]
int main(int argc, char** argv) {
  bench::Settings settings;
  std::string only;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--long") == 0) {
      settings = {15, 1.0};
    } else {
      only = argv[i];
    }
  }
  struct Part {
    const char* name;
    std::string (*run)(const bench::Settings&);
  };
  // `remote` first: it forks, and wants a process without threads.
  const Part parts[] = {{"remote", bench::run_remote},
                        {"hits", bench::run_hits},
                        {"overhead", bench::run_overhead},
                        {"ring", bench::run_ring}};
  std::string summary;
  for (const Part& part : parts) {
    if (!only.empty() && only != part.name) continue;
    if (!summary.empty()) summary += "; ";
    summary += part.run(settings);
  }
  if (summary.empty()) {
    std::fprintf(stderr, "no benchmark named '%s': hits, overhead, remote, ring\n", only.c_str());
    return 2;
  }
  std::printf("\nbench: %s\n", summary.c_str());
  return 0;
}
