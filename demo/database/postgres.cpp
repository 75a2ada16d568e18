#include <libpq-fe.h>

#include <array>
#include <cstdint>

#include "demo/database/database.h"
#include "demo/database/postgres_server.h"
#include "demo/failure.h"
#include "demo/interrupt.h"

namespace demo {
namespace {

using ResultPtr = std::unique_ptr<PGresult, decltype(&PQclear)>;
using PGconnPtr = std::unique_ptr<PGconn, decltype(&PQfinish)>;

constexpr const char* kFind = "find";
constexpr int kBinary = 1;

class PostgresConnection final : public Connection {
 public:
  explicit PostgresConnection(const std::string& location)
      : connection_(PQconnectdb(location.c_str()), PQfinish) {
    if (PQstatus(connection_.get()) != CONNECTION_OK) fail("connect");
  }

  void prepare_find() {  // before find()
    expect(PQprepare(connection_.get(), kFind, "select body from pages where url = $1", 1, nullptr),
           PGRES_COMMAND_OK, "prepare");
  }

  bool find(std::string_view url, std::string& body) override {
    const char* value = url.data();
    const int length = static_cast<int>(url.size());
    const ResultPtr rows =
        expect(PQexecPrepared(connection_.get(), kFind, 1, &value, &length, &kBinary, kBinary),
               PGRES_TUPLES_OK, "select");
    if (PQntuples(rows.get()) == 0) return false;
    body.assign(PQgetvalue(rows.get(), 0, 0), static_cast<size_t>(PQgetlength(rows.get(), 0, 0)));
    return true;
  }

  void fill(const Workload& workload) {
    run("create table pages(url text primary key, body bytea not null)");
    // Text that does not shrink, read as a whole: compressing it would cost time and save nothing.
    run("alter table pages alter column body set storage external");
    expect(PQexec(connection_.get(), "copy pages from stdin (format binary)"), PGRES_COPY_IN,
           "copy");
    send(std::string("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19));
    std::string row, body;
    for (size_t i = 0; i < workload.keys(); ++i) {
      throw_if_interrupted();
      if (!workload.present(i)) continue;
      workload.copy_value(i, body);
      row.assign("\0\2", 2);  // two fields
      append_field(row, workload.key(i));
      append_field(row, body);
      send(row);
    }
    send(std::string("\377\377", 2));
    if (PQputCopyEnd(connection_.get(), nullptr) != 1) fail("copy");
    expect(PQgetResult(connection_.get()), PGRES_COMMAND_OK, "copy");
    while (const ResultPtr rest{PQgetResult(connection_.get()), PQclear}) {
    }
    run("vacuum analyze pages");
  }

 private:
  [[noreturn]] void fail(const std::string& doing) {
    throw Failure("PostgreSQL, " + doing + ": " + PQerrorMessage(connection_.get()));
  }

  ResultPtr expect(PGresult* result, ExecStatusType status, const std::string& doing) {
    ResultPtr owned(result, PQclear);
    if (PQresultStatus(result) != status) fail(doing);
    return owned;
  }

  void run(const char* sql) { expect(PQexec(connection_.get(), sql), PGRES_COMMAND_OK, sql); }

  void send(const std::string& bytes) {
    if (PQputCopyData(connection_.get(), bytes.data(), static_cast<int>(bytes.size())) != 1) {
      fail("copy");
    }
  }

  // A length of 4 bytes, the highest first, and the bytes.
  static void append_field(std::string& row, std::string_view field) {
    for (int shift = 24; shift >= 0; shift -= 8) row += static_cast<char>(field.size() >> shift);
    row += field;
  }

  PGconnPtr connection_;
};

class Postgres final : public Database {
 public:
  std::string name() const override { return "PostgreSQL " + postgres_version(); }

  std::unique_ptr<DatabaseServer> create(const std::filesystem::path& folder,
                                         const Workload& workload,
                                         std::string* location) const override {
    std::unique_ptr<DatabaseServer> server = start_postgres(folder, location);
    PostgresConnection(*location).fill(workload);
    return server;
  }

  std::unique_ptr<Connection> connect(const std::string& location) const override {
    auto connection = std::make_unique<PostgresConnection>(location);
    connection->prepare_find();
    return connection;
  }
};

}  // namespace

std::unique_ptr<Database> make_postgres() { return std::make_unique<Postgres>(); }

}  // namespace demo
