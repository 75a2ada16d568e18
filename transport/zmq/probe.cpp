#include "transport/zmq/probe.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>

namespace distcache::zmq {

Probe::Probe(const SocketAddress& address) {
  descriptor_ = socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor_ < 0) return;
  // Closed by a reset: leaves no TIME_WAIT here and no half-open connection in the other's queue.
  const linger reset{1, 0};
  setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  result_ = Result::pending;
  const auto* to = reinterpret_cast<const sockaddr*>(&address.storage);
  if (::connect(descriptor_, to, address.length) == 0) {
    finish_with(0);
  } else if (errno != EINPROGRESS) {
    finish_with(errno);
  }
}

Probe::Result Probe::check() {
  if (result_ != Result::pending) return result_;
  pollfd item{descriptor_, POLLOUT, 0};
  if (::poll(&item, 1, 0) <= 0) return result_;
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &error, &size);
  finish_with(error);
  return result_;
}

void Probe::finish_with(int error) {
  finish(error == ECONNREFUSED ? Result::refused : Result::inconclusive);
}

void Probe::finish(Result result) {
  result_ = result;
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

}  // namespace distcache::zmq
