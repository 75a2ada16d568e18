#include <cstdio>
#include <cstring>

#include "figures.h"

// membership_bench [--long]: what SWIM with Lifeguard is worth, and how it grows.
int main(int argc, char** argv) {
  bool is_long = false;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--long") != 0) {
      std::fprintf(stderr, "usage: %s [--long]\n", argv[0]);
      return 2;
    }
    is_long = true;
  }
  const bench::Verdict verdict = bench::run_lifeguard(is_long);
  bench::run_scale(is_long);
  std::printf(
      "\nmembership: %.0fx fewer false positives than plain SWIM, first detection %.2fx%s\n",
      verdict.fewer, verdict.later, verdict.met ? "" : ": a goal is MISSED");
  return verdict.met ? 0 : 1;
}
