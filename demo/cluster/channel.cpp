#include "demo/cluster/channel.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "demo/failure.h"

namespace demo {

Channel::~Channel() { close(descriptor_); }

std::pair<int, int> Channel::make_ends() {
  std::array<int, 2> ends;
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    throw Failure(std::string("socketpair: ") + std::strerror(errno));
  }
  return {ends[0], ends[1]};
}

void Channel::send(std::string_view line) {
  const std::string text = std::string(line) + '\n';
  // A line is far smaller than the socket's buffer, so it goes as a whole or not at all.
  if (::send(descriptor_, text.data(), text.size(), MSG_NOSIGNAL) < 0 && errno != EPIPE) {
    throw Failure(std::string("send: ") + std::strerror(errno));
  }
}

Channel::Heard Channel::receive(int timeout_ms, std::string& line) {
  for (;;) {
    const size_t end = received_.find('\n');
    if (end != std::string::npos) {
      line = received_.substr(0, end);
      received_.erase(0, end + 1);
      return Heard::line;
    }
    pollfd waiting = {descriptor_, POLLIN, 0};
    if (::poll(&waiting, 1, timeout_ms) <= 0) return Heard::nothing;
    std::array<char, 1024> bytes;
    const ssize_t length = recv(descriptor_, bytes.data(), bytes.size(), 0);
    if (length <= 0) return Heard::end;
    received_.append(bytes.data(), static_cast<size_t>(length));
  }
}

}  // namespace demo
