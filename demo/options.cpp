#include "demo/options.h"

#include <CLI/CLI.hpp>

#include "demo/cluster/board.h"

namespace demo {
namespace {

constexpr const char* kAbout = R"(Three processes share one cache in front of a real database.

They replay a day of requests to a web site, http://www.ksc.nasa.gov on 1 August 1995, whose pages
lie in the database. Half-way one of them is killed. It ends with a table of what that was like for
callers and for the database, and fails unless every key was loaded once in the whole cluster, once
more at most after the kill, and no caller saw an error or a wrong byte.)";

constexpr const char* kExamples = R"(
Examples:
  distcache-demo --quick                    a few seconds of it
  distcache-demo --speed 2000               2000 times as fast as recorded: half a minute
  distcache-demo --database postgres        in front of a server that the demo starts and removes
  distcache-demo --data my.tsv --keys my.keys

Exit code: 0 all as promised, 1 a promise was broken, 2 it could not run, 130 interrupted.
Nothing is left behind; the database lies in a folder of its own below $TMPDIR (or /tmp).)";

void add_options(CLI::App& app, Options& options) {
  app.add_option("--database", options.database, "What the pages lie in: sqlite or postgres")
      ->check(CLI::IsMember({"sqlite", "postgres"}))
      ->capture_default_str();
  auto* data =
      app.add_option("--data", options.data_file,
                     "Your own keys and values instead of the web site: 'key<TAB>value' a line")
          ->type_name("FILE")
          ->check(CLI::ExistingFile);
  app.add_option("--keys", options.keys_file,
                 "Your own requests: a key a line, in the order in which they are asked for "
                 "(default: each key of --data once, shuffled)")
      ->type_name("FILE")
      ->check(CLI::ExistingFile)
      ->needs(data);
  app.add_option("--speed", options.speed,
                 "Replay N times as fast as recorded (default: as fast as it goes)")
      ->type_name("N")
      ->check(CLI::PositiveNumber)
      ->excludes(data);
  app.add_option("--rounds", options.rounds,
                 "How often the requests are replayed (default: enough for half a minute; "
                 "once with --speed)")
      ->type_name("N")
      ->check(CLI::Range(1, 10'000));
  app.add_option("--threads", options.threads, "Threads per process that ask")
      ->type_name("N")
      ->check(CLI::Range(1, static_cast<int>(kThreadsMax)))
      ->capture_default_str();
  app.add_flag("--quick", options.quick, "A few seconds instead of half a minute");
  app.add_flag("--verbose", options.verbose, "Show what the caches log, on stderr");
}

void add_hidden_options(CLI::App& app, Options& options) {
  app.add_option("--worker", options.worker)->group("");
  app.add_option("--board", options.board)->group("");
  app.add_option("--channel", options.channel)->group("");
  app.add_option("--location", options.location)->group("");
}

}  // namespace

CommandLine parse(int argc, char** argv) {
  CommandLine line;
  CLI::App app(kAbout, "distcache-demo");
  app.footer(kExamples);
  add_options(app, line.options);
  add_hidden_options(app, line.options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& end) {
    line.exit_code = app.exit(end) == 0 ? 0 : 2;
  }
  return line;
}

}  // namespace demo
