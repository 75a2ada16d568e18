#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "demo/workload/workload.h"

namespace demo {

// A connection to the database; one thread at a time.
class Connection {
 public:
  virtual ~Connection() = default;

  // select body from pages where url = $1. False: there is no such page. Throws Failure.
  virtual bool find(std::string_view url, std::string& body) = 0;
};

// What runs the database where it is a process of its own; stopped by the destructor.
class DatabaseServer {
 public:
  virtual ~DatabaseServer() = default;
};

// One kind of database. Any thread.
class Database {
 public:
  virtual ~Database() = default;

  virtual std::string name() const = 0;
  // Makes the table pages(url primary key, body) in `folder` with everything the workload has, and
  // starts a server if there is one. Once, by the parent. *location is what connect() needs.
  virtual std::unique_ptr<DatabaseServer> create(const std::filesystem::path& folder,
                                                 const Workload& workload,
                                                 std::string* location) const = 0;
  virtual std::unique_ptr<Connection> connect(const std::string& location) const = 0;
};

// "sqlite" or "postgres". Throws Failure, which says what to do, where this build has no such.
std::unique_ptr<Database> make_database(const std::string& kind);

std::unique_ptr<Database> make_sqlite();
std::unique_ptr<Database> make_postgres();  // where libpq was found at build time

}  // namespace demo
