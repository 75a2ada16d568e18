#include "demo/cluster/held_port.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace demo {
namespace {

bool can_listen(uint16_t port, int shared) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &shared, sizeof shared);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  const bool can = bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
                   listen(listener, 1) == 0;
  close(listener);
  return can;
}

TEST(HeldPort, IsForThoseWhoAskForItByNumberAndShare) {
  const HeldPort port;
  EXPECT_TRUE(can_listen(port.number(), 1));
  EXPECT_FALSE(can_listen(port.number(), 0));
}

}  // namespace
}  // namespace demo
