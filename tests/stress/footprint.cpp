#include "footprint.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <system_error>

namespace stress {
namespace {

namespace fs = std::filesystem;

fs::path folder_of(pid_t pid) {
  return fs::path("/proc") / (pid == 0 ? std::string("self") : std::to_string(pid));
}

size_t entries_of(const fs::path& folder) {
  size_t count = 0;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    ++count;
  }
  return count;
}

}  // namespace

Footprint Footprint::of(pid_t pid) {
  Footprint it;
  it.threads = entries_of(folder_of(pid) / "task");
  it.descriptors = entries_of(folder_of(pid) / "fd");
  size_t pages = 0, resident = 0;
  std::ifstream(folder_of(pid) / "statm") >> pages >> resident;
  it.resident_mb =
      static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20);
  return it;
}

std::string thread_names() {
  std::string names;
  std::error_code error;
  for (fs::directory_iterator at("/proc/self/task", error), end; !error && at != end;
       at.increment(error)) {
    std::string name;
    std::getline(std::ifstream(at->path() / "comm"), name);
    names += (names.empty() ? "" : " ") + name;
  }
  return names;
}

}  // namespace stress
