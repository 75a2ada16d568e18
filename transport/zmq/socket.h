#pragma once

#include <cstdint>
#include <utility>

#include "base/result.h"

namespace distcache::zmq {

// A libzmq socket that closes itself. Belongs to one thread at a time.
class Socket {
 public:
  Socket() = default;
  explicit Socket(void* handle) : handle_(handle) {}
  Socket(Socket&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Socket& operator=(Socket&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Socket();

  void* get() const { return handle_; }
  explicit operator bool() const { return handle_ != nullptr; }

  // False when libzmq refuses the option, with errno set.
  bool set(int option, int value) const;
  bool set_int64(int option, int64_t value) const;

 private:
  void* handle_ = nullptr;
};

// A libzmq context with one I/O thread, ended by its destructor, which waits for that thread: all
// its sockets must be closed by then. Not shared between transports.
class Context {
 public:
  Context() = default;
  Context(Context&& other) noexcept
      : handle_(std::exchange(other.handle_, nullptr)), keepalive_s_(other.keepalive_s_) {}
  Context& operator=(Context&& other) noexcept {
    std::swap(handle_, other.handle_);
    keepalive_s_ = other.keepalive_s_;
    return *this;
  }
  ~Context();

  // No more than `sockets_max` sockets will open. `keepalive_s`: TCP keep-alive of connections that
  // were idle so long; 0 = off.
  static Result<Context> open(int sockets_max, int keepalive_s = 0);
  int keepalive_s() const { return keepalive_s_; }

  // No socket inside when there are no more descriptors or sockets, with errno set.
  Socket make_socket(int type) const;

  explicit operator bool() const { return handle_ != nullptr; }

 private:
  Context(void* handle, int keepalive_s) : handle_(handle), keepalive_s_(keepalive_s) {}

  void* handle_ = nullptr;
  int keepalive_s_ = 0;
};

// Status and text of a failure that libzmq left in errno.
Error error_of(int error, const std::string& doing);

}  // namespace distcache::zmq
