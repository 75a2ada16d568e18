#include "transport/zmq/profile.h"

#include <gtest/gtest.h>
#include <zmq.h>

#include <vector>

#include "transport/zmq/endpoint.h"
#include "transport/zmq/probe.h"

namespace distcache::zmq {
namespace {

int option(const Socket& socket, int number) {
  int value = -1;
  size_t size = sizeof value;
  EXPECT_EQ(zmq_getsockopt(socket.get(), number, &value, &size), 0) << number;
  return value;
}

int64_t frame_bytes_max(const Socket& socket) {
  int64_t value = 0;
  size_t size = sizeof value;
  zmq_getsockopt(socket.get(), ZMQ_MAXMSGSIZE, &value, &size);
  return value;
}

size_t routing_id_bytes(const Socket& socket) {
  char id[256];
  size_t size = sizeof id;
  zmq_getsockopt(socket.get(), ZMQ_ROUTING_ID, id, &size);
  return size;
}

void expect_common(const Socket& socket, bool data) {
  EXPECT_EQ(frame_bytes_max(socket), data ? 1'114'112 : 262'144);
  EXPECT_EQ(option(socket, ZMQ_RCVHWM), data ? 32 : 64);
  EXPECT_EQ(option(socket, ZMQ_SNDHWM), data ? 32 : 64);
  EXPECT_EQ(option(socket, ZMQ_LINGER), 0);
  EXPECT_EQ(option(socket, ZMQ_HEARTBEAT_IVL), 500);
  EXPECT_EQ(option(socket, ZMQ_HEARTBEAT_TIMEOUT), 1500);
  EXPECT_EQ(option(socket, ZMQ_HEARTBEAT_TTL), 1500);
  EXPECT_EQ(option(socket, ZMQ_HANDSHAKE_IVL), 3000);
  EXPECT_EQ(option(socket, ZMQ_TCP_MAXRT), 10000);
  EXPECT_EQ(option(socket, ZMQ_SNDTIMEO), 0);
  EXPECT_EQ(routing_id_bytes(socket), 0U);
}

TEST(ZmqProfileTest, EveryReadableOptionIsSet) {
  Result<Context> context = Context::open(16);
  ASSERT_TRUE(context.ok());
  for (const Plane plane : {Plane::data, Plane::membership}) {
    const Socket router = make_router(*context, plane, false);
    ASSERT_TRUE(router);
    expect_common(router, plane == Plane::data);
    EXPECT_EQ(option(router, ZMQ_BACKLOG), 1024);
    EXPECT_EQ(option(router, ZMQ_IPV6), 0);
    const Socket dealer = make_dealer(*context, plane, true);
    ASSERT_TRUE(dealer);
    expect_common(dealer, plane == Plane::data);
    EXPECT_EQ(option(dealer, ZMQ_IMMEDIATE), 1);
    EXPECT_EQ(option(dealer, ZMQ_CONNECT_TIMEOUT), 2000);
    EXPECT_EQ(option(dealer, ZMQ_RECONNECT_IVL), 100);
    EXPECT_EQ(option(dealer, ZMQ_RECONNECT_IVL_MAX), 1000);
    EXPECT_EQ(option(dealer, ZMQ_IPV6), 1);
  }
}

TEST(ZmqProfileTest, SocketsAreBounded) {
  Result<Context> context = Context::open(3);
  ASSERT_TRUE(context.ok());
  std::vector<Socket> sockets;
  for (int i = 0; i < 3; ++i) {
    sockets.push_back(make_dealer(*context, Plane::data, false));
    EXPECT_TRUE(sockets.back());
  }
  EXPECT_FALSE(make_dealer(*context, Plane::data, false));
}

TEST(ZmqEndpointTest, WritesAddressesTheWayLibzmqReadsThem) {
  EXPECT_EQ(connect_endpoint("127.0.0.1", 3320)->text, "tcp://127.0.0.1:3320");
  EXPECT_EQ(connect_endpoint("::1", 1)->text, "tcp://[::1]:1");
  EXPECT_TRUE(connect_endpoint("::1", 1)->is_ipv6());
  EXPECT_EQ(connect_endpoint("node-1.example.org", 65535)->text, "tcp://node-1.example.org:65535");
  EXPECT_FALSE(connect_endpoint("node-1.example.org", 65535)->address.has_value());
  EXPECT_EQ(bind_endpoint("0.0.0.0", 0)->text, "tcp://0.0.0.0:*");
  EXPECT_EQ(bind_endpoint("::", 7)->text, "tcp://[::]:7");
  EXPECT_FALSE(bind_endpoint("localhost", 7).ok());
  EXPECT_EQ(port_of("tcp://127.0.0.1:20123"), 20123);
  EXPECT_EQ(port_of("tcp://[::1]:9"), 9);
  EXPECT_EQ(port_of(""), 0);
}

TEST(ZmqProbeTest, TellsARefusalFromAListener) {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  SocketAddress address = *numeric_address("127.0.0.1", 0);
  auto* raw = reinterpret_cast<sockaddr*>(&address.storage);
  ASSERT_EQ(bind(listener, raw, address.length), 0);
  ASSERT_EQ(getsockname(listener, raw, &address.length), 0);
  const auto ask = [&] {
    Probe probe(address);
    Probe::Result result = probe.check();
    while (result == Probe::Result::pending) result = probe.check();
    EXPECT_EQ(probe.descriptor(), -1);
    return result;
  };
  EXPECT_EQ(ask(), Probe::Result::refused);  // bound, but nobody listens
  ASSERT_EQ(listen(listener, 8), 0);
  EXPECT_EQ(ask(), Probe::Result::inconclusive);
  close(listener);
  EXPECT_EQ(ask(), Probe::Result::refused);
  EXPECT_EQ(Probe().check(), Probe::Result::inconclusive);
}

}  // namespace
}  // namespace distcache::zmq
