// distcache-demo: three processes share one cache in front of a real database. See README.md.
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "demo/cluster/worker.h"
#include "demo/demo.h"
#include "demo/failure.h"
#include "demo/interrupt.h"
#include "demo/options.h"

namespace {

constexpr int kCouldNotRun = 2;
constexpr int kInterrupted = 130;

int run(int argc, char** argv) {
  const demo::CommandLine line = demo::parse(argc, argv);
  if (line.exit_code >= 0) return line.exit_code;
  if (line.options.worker >= 0) return demo::run_worker(line.options);
  std::setvbuf(stdout, nullptr, _IOLBF, 0);  // also where it is a file or a pipe
  demo::catch_interrupts();
  return demo::run_demo(line.options, std::vector<std::string>(argv + 1, argv + argc));
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const demo::Interrupted&) {
    std::fprintf(stderr, "\ndistcache-demo: interrupted; nothing is left behind\n");
    return kInterrupted;
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "\ndistcache-demo: %s\n", failure.what());
    return kCouldNotRun;
  }
}
