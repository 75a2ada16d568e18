#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "demo/database/database.h"

namespace demo {

// As many connections as threads ask at once, each used by one of them at a time. Any thread.
class ConnectionPool {
 public:
  ConnectionPool(const Database& database, std::string location)
      : database_(database), location_(std::move(location)) {}

  bool find(std::string_view url, std::string& body) {
    std::unique_ptr<Connection> connection = take();
    const bool found = connection->find(url, body);
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(connection));  // a connection that threw is not used again
    return found;
  }

 private:
  std::unique_ptr<Connection> take() {
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        std::unique_ptr<Connection> connection = std::move(idle_.back());
        idle_.pop_back();
        return connection;
      }
    }
    return database_.connect(location_);
  }

  const Database& database_;
  const std::string location_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Connection>> idle_;
};

}  // namespace demo
