#include <sqlite3.h>

#include "demo/database/database.h"
#include "demo/failure.h"
#include "demo/interrupt.h"

namespace demo {
namespace {

constexpr int kBusyTimeoutMs = 5'000;

class SqliteConnection final : public Connection {
 public:
  SqliteConnection(const std::string& file, int flags) {
    check(sqlite3_open_v2(file.c_str(), &db_, flags | SQLITE_OPEN_NOMUTEX, nullptr), "open");
    sqlite3_busy_timeout(db_, kBusyTimeoutMs);
  }

  // Reads the schema: what opens the file for real. Before find().
  void prepare_find() { find_ = prepare("select body from pages where url = ?1"); }

  ~SqliteConnection() override {
    sqlite3_finalize(find_);
    sqlite3_close(db_);
  }

  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;

  bool find(std::string_view url, std::string& body) override {
    bind_text(find_, 1, url);
    const int outcome = sqlite3_step(find_);
    if (outcome == SQLITE_ROW) {
      const auto* bytes = static_cast<const char*>(sqlite3_column_blob(find_, 0));
      const int size = sqlite3_column_bytes(find_, 0);
      body.assign(bytes ? bytes : "", static_cast<size_t>(size));
    } else if (outcome != SQLITE_DONE) {
      check(outcome, "select");
    }
    sqlite3_reset(find_);
    return outcome == SQLITE_ROW;
  }

  void fill(const Workload& workload) {
    // Nobody reads it yet and it is made anew after a crash: no journal, no waiting for the disk.
    run("pragma journal_mode = off; pragma synchronous = off;"
        "create table pages(url text primary key, body blob not null);"
        "begin");
    sqlite3_stmt* insert = prepare("insert into pages values(?1, ?2)");
    std::string body;
    for (size_t i = 0; i < workload.keys(); ++i) {
      throw_if_interrupted();
      if (!workload.present(i)) continue;
      workload.copy_value(i, body);
      bind_text(insert, 1, workload.key(i));
      check(sqlite3_bind_blob64(insert, 2, body.data(), body.size(), SQLITE_STATIC), "bind");
      if (sqlite3_step(insert) != SQLITE_DONE) check(sqlite3_errcode(db_), "insert");
      sqlite3_reset(insert);
    }
    sqlite3_finalize(insert);
    run("commit; pragma journal_mode = wal");
  }

 private:
  void check(int outcome, const std::string& doing) {
    if (outcome != SQLITE_OK) {
      throw Failure("SQLite, " + doing + ": " + (db_ ? sqlite3_errmsg(db_) : "out of memory"));
    }
  }

  void run(const char* sql) { check(sqlite3_exec(db_, sql, nullptr, nullptr, nullptr), sql); }

  sqlite3_stmt* prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    check(sqlite3_prepare_v2(db_, sql, -1, &statement, nullptr), sql);
    return statement;
  }

  void bind_text(sqlite3_stmt* statement, int index, std::string_view text) {
    check(sqlite3_bind_text(statement, index, text.data(), static_cast<int>(text.size()),
                            SQLITE_STATIC),
          "bind");
  }

  sqlite3* db_ = nullptr;
  sqlite3_stmt* find_ = nullptr;
};

class Sqlite final : public Database {
 public:
  std::string name() const override { return "SQLite " + std::string(sqlite3_libversion()); }

  std::unique_ptr<DatabaseServer> create(const std::filesystem::path& folder,
                                         const Workload& workload,
                                         std::string* location) const override {
    *location = folder / "pages.db";
    SqliteConnection(*location, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE).fill(workload);
    return nullptr;
  }

  std::unique_ptr<Connection> connect(const std::string& location) const override {
    auto connection = std::make_unique<SqliteConnection>(location, SQLITE_OPEN_READWRITE);
    connection->prepare_find();
    return connection;
  }
};

}  // namespace

std::unique_ptr<Database> make_sqlite() { return std::make_unique<Sqlite>(); }

}  // namespace demo
