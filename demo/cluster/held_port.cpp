#include "demo/cluster/held_port.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "demo/failure.h"

namespace demo {

HeldPort::HeldPort() : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* any = reinterpret_cast<sockaddr*>(&address);
  const int shared = 1;
  if (socket_ < 0 || bind(socket_, any, length) != 0 || getsockname(socket_, any, &length) != 0 ||
      setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &shared, sizeof shared) != 0) {
    throw Failure(std::string("no port on 127.0.0.1: ") + std::strerror(errno));
  }
  number_ = ntohs(address.sin_port);
}

HeldPort::~HeldPort() { close(socket_); }

}  // namespace demo
