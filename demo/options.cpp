#include "demo/options.h"

#include <CLI/CLI.hpp>

#include "demo/cluster/board.h"

namespace demo {
namespace {

constexpr const char* kHelp =
    R"(distcache-demo: three processes share one cache in front of a real database.

They replay a day of requests to a web site, www.ksc.nasa.gov on 1 August 1995, whose pages lie in
the database. Half-way one of them is killed. A table tells what that was like for callers and for
the database. It fails unless every key was loaded once in the whole cluster, at most twice more
after the kill, and no caller saw an error or a wrong byte.

Usage: distcache-demo [OPTIONS]

  --quick          a few seconds instead of half a minute
  --speed N        replay N times as fast as recorded; without it, as fast as it goes
  --rounds N       how often the day is replayed; without it, as often as half a minute of full
                   speed takes, or once with --speed
  --threads N      threads per process that ask, 1 to 64; without it 4
  --database KIND  sqlite, the default, or postgres: a server that the demo starts and removes
  --data FILE      your own keys and values in place of the web site: a line each, key<TAB>value
  --keys FILE      your own requests: a key a line, in the order in which they are asked for;
                   without it each key of --data once, shuffled
  --verbose        show what the caches log, on stderr
  --help           this text

Examples:
  distcache-demo --quick
  distcache-demo --speed 2000               the day in 23 seconds
  distcache-demo --database postgres
  distcache-demo --data my.tsv --keys my.keys

Exit code: 0 all as promised, 1 a promise was broken, 2 it could not run, 130 interrupted.
Nothing is left behind: processes end with the demo, and the database lies in a folder of its own
below $TMPDIR (or /tmp).
)";

void add_options(CLI::App& app, Options& options) {
  app.add_option("--database", options.database)->check(CLI::IsMember({"sqlite", "postgres"}));
  auto* data = app.add_option("--data", options.data_file)->check(CLI::ExistingFile);
  app.add_option("--keys", options.keys_file)->check(CLI::ExistingFile)->needs(data);
  app.add_option("--speed", options.speed)->check(CLI::Range(0.1, 1e6))->excludes(data);
  app.add_option("--rounds", options.rounds)->check(CLI::Range(1, 10'000));
  app.add_option("--threads", options.threads)->check(CLI::Range(1, static_cast<int>(kThreadsMax)));
  app.add_flag("--quick", options.quick);
  app.add_flag("--verbose", options.verbose);
  // Of a process that the demo starts from its own file.
  app.add_option("--worker", options.worker);
  app.add_option("--board", options.board);
  app.add_option("--channel", options.channel);
  app.add_option("--location", options.location);
}

}  // namespace

CommandLine parse(int argc, char** argv) {
  CommandLine line;
  CLI::App app("", "distcache-demo");
  // Written by hand: what matters first, in lines that fit.
  app.formatter_fn([](const CLI::App*, const std::string&, CLI::AppFormatMode) { return kHelp; });
  add_options(app, line.options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& end) {
    line.exit_code = app.exit(end) == 0 ? 0 : 2;
  }
  return line;
}

}  // namespace demo
