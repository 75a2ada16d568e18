#include "demo/database/postgres_server.h"

#include <libpq-fe.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <vector>

#include "demo/failure.h"
#include "demo/process.h"

namespace demo {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr auto kInitTimeout = 60s;
constexpr auto kStartTimeout = 30s;
// It is thrown away at the end: nothing needs to reach the disk, nothing will need to be tidied up.
constexpr std::array kSettings = {
    "listen_addresses=",    "max_connections=300", "shared_buffers=256MB", "fsync=off",
    "full_page_writes=off", "wal_level=minimal",   "max_wal_senders=0",    "autovacuum=off"};
constexpr size_t kSocketPathMax = 90;  // the system's limit is 107, and the server adds a name

// Debian keeps initdb and postgres out of the PATH, in a folder per version.
fs::path programs() {
  std::vector<fs::path> folders;
  std::istringstream path(std::getenv("PATH") ? std::getenv("PATH") : "");
  for (std::string folder; std::getline(path, folder, ':');) folders.emplace_back(folder);
  std::vector<fs::path> versions;
  std::error_code ignored;
  for (const fs::directory_entry& version :
       fs::directory_iterator("/usr/lib/postgresql", ignored)) {
    versions.push_back(version.path() / "bin");
  }
  std::sort(versions.rbegin(), versions.rend());
  folders.insert(folders.end(), versions.begin(), versions.end());
  for (const fs::path& folder : folders) {
    // postgres looks for its libraries beside itself: a link elsewhere is followed first.
    const fs::path program = fs::canonical(folder / "initdb", ignored);
    if (!ignored && fs::exists(program.parent_path() / "postgres")) return program.parent_path();
  }
  throw Failure(
      "PostgreSQL's server is not installed: install the package postgresql, or run "
      "'./dev demo --database postgres', which does");
}

std::string last_lines(const fs::path& file) {
  std::ifstream stream(file);
  std::ostringstream text;
  text << stream.rdbuf();
  const std::string all = text.str();
  return all.substr(all.size() - std::min<size_t>(all.size(), 1000));
}

class PostgresServer final : public DatabaseServer {
 public:
  PostgresServer(const fs::path& folder, std::string* location) {
    home_ = folder / "postgres";
    log_ = home_ / "log";
    if (home_.string().size() > kSocketPathMax) {
      throw Failure(home_.string() + " is too long for a socket: set TMPDIR to a shorter one");
    }
    fs::create_directory(home_);
    choose_user(folder);
    const fs::path bin = programs();
    initialise(bin / "initdb");
    *location = "host=" + home_.string() +
                " user=demo dbname=postgres sslmode=disable "
                "gssencmode=disable";
    start(bin / "postgres", *location);
  }

 private:
  void choose_user(const fs::path& folder) {
    if (geteuid() != 0) return;
    user_ = getpwnam("postgres") ? "postgres" : "nobody";
    const passwd* user = getpwnam(user_.c_str());
    if (!user || chown(home_.c_str(), user->pw_uid, user->pw_gid) != 0) {
      throw Failure("cannot give " + home_.string() + " to the user '" + user_ + "'");
    }
    fs::permissions(folder, fs::perms::owner_all | fs::perms::group_exec | fs::perms::others_exec);
  }

  Process::Setup setup(std::vector<std::string> arguments, int stop_signal) const {
    return {std::move(arguments), stop_signal, {}, user_, home_, log_};
  }

  void initialise(const fs::path& initdb) const {
    Process process(setup({initdb, "--pgdata", home_ / "data", "--username", "demo", "--auth",
                           "trust", "--encoding", "SQL_ASCII", "--locale", "C", "--no-sync"},
                          SIGTERM));
    const std::optional<int> status = process.wait(kInitTimeout);
    if (!status || *status != 0) {
      throw Failure("initdb failed" + (status ? ", " + describe_exit(*status) : "") + ":\n" +
                    last_lines(log_));
    }
  }

  void start(const fs::path& postgres, const std::string& location) {
    std::vector<std::string> arguments = {postgres, "-D", home_ / "data", "-k", home_};
    for (const char* each : kSettings) arguments.insert(arguments.end(), {"-c", each});
    process_ = std::make_unique<Process>(setup(std::move(arguments), SIGINT));  // at once, in order
    const auto end = std::chrono::steady_clock::now() + kStartTimeout;
    while (PQping(location.c_str()) != PQPING_OK) {
      const std::optional<int> status = process_->wait(20ms);
      if (status || std::chrono::steady_clock::now() > end) {
        throw Failure("postgres does not start" + (status ? ", " + describe_exit(*status) : "") +
                      ":\n" + last_lines(log_));
      }
    }
  }

  fs::path home_;
  fs::path log_;
  std::string user_;
  std::unique_ptr<Process> process_;
};

}  // namespace

std::string postgres_version() {
  // ".../15/bin"
  return programs().parent_path().filename();
}

std::unique_ptr<DatabaseServer> start_postgres(const fs::path& folder, std::string* location) {
  return std::make_unique<PostgresServer>(folder, location);
}

}  // namespace demo
