#include "transport/zmq/socket.h"

#include <zmq.h>

#include <cerrno>

#include "base/signals.h"

namespace distcache::zmq {

Socket::~Socket() {
  if (handle_) zmq_close(handle_);
}

bool Socket::set(int option, int value) const {
  return zmq_setsockopt(handle_, option, &value, sizeof value) == 0;
}

bool Socket::set_int64(int option, int64_t value) const {
  return zmq_setsockopt(handle_, option, &value, sizeof value) == 0;
}

Context::~Context() {
  if (!handle_) return;
  while (zmq_ctx_term(handle_) != 0 && errno == EINTR) {
  }
}

Result<Context> Context::open(int sockets_max, int keepalive_s) {
  Context context(zmq_ctx_new(), keepalive_s);
  if (!context) return error_of(errno, "making a libzmq context");
  zmq_ctx_set(context.handle_, ZMQ_IO_THREADS, 1);
  // With the default a socket that still holds a message would keep zmq_ctx_term waiting for ever.
  zmq_ctx_set(context.handle_, ZMQ_BLOCKY, 0);
  zmq_ctx_set(context.handle_, ZMQ_MAX_SOCKETS, sockets_max);
  return context;
}

Socket Context::make_socket(int type) const {
  const SignalsBlocked blocked;  // the first socket starts libzmq's threads
  return Socket(zmq_socket(handle_, type));
}

Error error_of(int error, const std::string& doing) {
  Status status = Status::system;
  if (error == EADDRINUSE) status = Status::address_in_use;
  if (error == EADDRNOTAVAIL || error == ENODEV || error == EINVAL)
    status = Status::invalid_argument;
  if (error == EMFILE || error == ENFILE) status = Status::no_descriptors;
  if (error == ENOMEM) status = Status::no_memory;
  return {status, doing + ": " + zmq_strerror(error)};
}

}  // namespace distcache::zmq
