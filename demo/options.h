#pragma once

#include <string>
#include <vector>

namespace demo {

struct Options {
  std::string database = "sqlite";
  std::string data_file;  // empty: the day of a web server
  std::string keys_file;
  double speed = 0;     // times as fast as recorded; 0: as fast as it goes
  unsigned rounds = 0;  // 0: by the number of requests
  unsigned threads = 4;
  bool quick = false;
  bool verbose = false;

  // Of a process of the cluster, which the demo starts from its own file; not for people.
  int worker = -1;       // its index; -1: this is the parent
  int board = -1;        // descriptor of the shared memory
  int channel = -1;      // descriptor of the way to the parent
  std::string location;  // of the database

  bool full_speed() const { return speed == 0; }
};

struct CommandLine {
  Options options;
  int exit_code = -1;  // the process ends with it at once, unless it is -1
};

// Prints help, or what is wrong, where that is all there is to do.
CommandLine parse(int argc, char** argv);

}  // namespace demo
