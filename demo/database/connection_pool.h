#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "demo/database/database.h"

namespace demo {

// Connections that are made ahead, each used by one thread at a time; more are made if more threads
// ask at once. Any thread.
class ConnectionPool {
 public:
  ConnectionPool(const Database& database, std::string location, size_t ahead)
      : database_(database), location_(std::move(location)) {
    while (idle_.size() < ahead) idle_.push_back(database_.connect(location_));
  }

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
