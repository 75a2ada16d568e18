#include <gtest/gtest.h>
#include <zmq.h>

#include <string>

#include "transport/zmq/endpoint.h"
#include "transport/zmq/message.h"
#include "transport/zmq/zmq_fixture.h"

// Peers that do not keep to our rules, made of bare libzmq sockets and bare TCP.
namespace distcache::testing {
namespace {

class RawSocket {
 public:
  explicit RawSocket(int type) : context_(zmq_ctx_new()), socket_(zmq_socket(context_, type)) {
    const int none = 0;
    zmq_setsockopt(socket_, ZMQ_LINGER, &none, sizeof none);
  }
  ~RawSocket() {
    zmq_close(socket_);
    zmq_ctx_term(context_);
  }
  void* get() const { return socket_; }

  void connect(uint16_t port) {
    zmq_connect(socket_, ("tcp://127.0.0.1:" + std::to_string(port)).c_str());
  }
  uint16_t bind() {
    zmq_bind(socket_, "tcp://127.0.0.1:*");
    char bound[64] = {};
    size_t size = sizeof bound;
    zmq_getsockopt(socket_, ZMQ_LAST_ENDPOINT, bound, &size);
    return zmq::port_of(bound);
  }
  void send(const Texts& parts) {
    for (size_t i = 0; i < parts.size(); ++i) {
      zmq_send(socket_, parts[i].data(), parts[i].size(), i + 1 < parts.size() ? ZMQ_SNDMORE : 0);
    }
  }
  // One message if it is there.
  Texts receive() {
    Texts parts;
    std::string buffer(4 << 20, '\0');
    int more = 1;
    size_t size = sizeof more;
    while (more) {
      const int got = zmq_recv(socket_, buffer.data(), buffer.size(), ZMQ_DONTWAIT);
      if (got < 0) break;
      parts.push_back(buffer.substr(0, static_cast<size_t>(got)));
      zmq_getsockopt(socket_, ZMQ_RCVMORE, &more, &size);
    }
    return parts;
  }

 private:
  void* context_;
  void* socket_;
};

TEST(ZmqHostileTest, TooManyPartsAreDroppedAndCounted) {
  Node server(true);
  RawSocket client(ZMQ_DEALER);
  client.connect(server.bind().data);
  client.send(Texts(limits::kMessagePartsMax + 1, "x"));
  client.send(Texts(10'000, "x"));
  client.send({"fine"});
  ASSERT_TRUE(poll_until({&server}, [&] { return !server.sink.requests.empty(); }));
  EXPECT_EQ(server.transport->dropped_messages(), 2U);
  EXPECT_EQ(server.sink.requests[0].parts, Texts{"fine"});
}

TEST(ZmqHostileTest, TooManyPartsInAReplyAreDroppedAndCounted) {
  RawSocket server(ZMQ_ROUTER);
  Node client;
  const LinkId link = client.connect(server.bind());
  ASSERT_TRUE(poll_until({&client}, [&] { return !client.sink.ups.empty(); }));
  client.transport->send(link, parts_of({"ask"}));
  Texts request;
  ASSERT_TRUE(poll_until({&client}, [&] { return !(request = server.receive()).empty(); }));
  Texts answer(1 + limits::kMessagePartsMax + 1, "x");
  answer[0] = request[0];
  server.send(answer);
  server.send({request[0], "fine"});
  ASSERT_TRUE(poll_until({&client}, [&] { return !client.sink.replies.empty(); }));
  EXPECT_EQ(client.transport->dropped_messages(), 1U);
  EXPECT_EQ(client.sink.replies[0].parts, Texts{"fine"});
}

TEST(ZmqHostileTest, AChosenRoutingIdIsIgnored) {
  Node server(true);
  const BoundPorts ports = server.bind();
  RawSocket stranger(ZMQ_DEALER);
  zmq_setsockopt(stranger.get(), ZMQ_ROUTING_ID, "victim", 6);
  stranger.connect(ports.data);
  stranger.send({"who am I"});
  ASSERT_TRUE(poll_until({&server}, [&] { return server.transport->dropped_messages() == 1; }));
  EXPECT_TRUE(server.sink.requests.empty());
}

TEST(ZmqHostileTest, AnOversizeReplyDoesNotKillTheLinkForEver) {
  RawSocket server(ZMQ_ROUTER);
  Node client;
  const LinkId link = client.connect(server.bind());
  for (size_t round = 1; round <= 3; ++round) {
    ASSERT_TRUE(poll_until({&client}, [&] { return client.sink.ups.size() == round; }));
    client.transport->send(link, parts_of({"ask"}));
    Texts request;
    ASSERT_TRUE(poll_until({&client}, [&] { return !(request = server.receive()).empty(); }));
    server.send({request[0], std::string(limits::kFrameBytesMax + 1, 'x')});
    ASSERT_TRUE(poll_until({&client}, [&] { return client.sink.downs.size() == round; }));
    EXPECT_FALSE(client.sink.downs.back().refused);
  }
  ASSERT_TRUE(poll_until({&client}, [&] { return client.sink.ups.size() == 4; }));
  client.transport->send(link, parts_of({"ask"}));
  Texts request;
  ASSERT_TRUE(poll_until({&client}, [&] { return !(request = server.receive()).empty(); }));
  server.send({request[0], std::string(limits::kFrameBytesMax, 'x')});
  EXPECT_TRUE(poll_until({&client}, [&] { return client.sink.replies.size() == 1; }));
}

TEST(ZmqHostileTest, AnOversizeRequestCutsItsSenderOnly) {
  Node server(true);
  Node good;
  const BoundPorts ports = server.bind();
  const LinkId link = good.connect(ports.membership, Plane::membership);
  ASSERT_TRUE(poll_until({&server, &good}, [&] { return !good.sink.ups.empty(); }));
  RawSocket bad(ZMQ_DEALER);
  bad.connect(ports.membership);
  bad.send({std::string(limits::kMembershipFrameBytesMax + 1, 'x')});
  bad.send({"after"});  // over the connection that it makes next, if at all
  good.transport->send(link, parts_of({"hello"}));
  ASSERT_TRUE(poll_until({&server, &good}, [&] { return !good.sink.replies.empty(); }));
  for (const Recorder::Request& request : server.sink.requests) {
    EXPECT_LE(request.parts[0].size(), 5U);
  }
  EXPECT_TRUE(good.sink.downs.empty());
}

TEST(ZmqHostileTest, GarbageOnThePortDisturbsNobody) {
  Node server(true);
  Node client;
  const BoundPorts ports = server.bind();
  const auto address = zmq::numeric_address("127.0.0.1", ports.data);
  ASSERT_TRUE(address.has_value());
  for (const std::string& bytes :
       {std::string("GET / HTTP/1.1\r\n\r\n"), std::string(1000, '\xff'), std::string(1, '\0')}) {
    const int stranger = socket(AF_INET, SOCK_STREAM, 0);
    ASSERT_EQ(
        ::connect(stranger, reinterpret_cast<const sockaddr*>(&address->storage), address->length),
        0);
    ASSERT_EQ(::send(stranger, bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
    server.poll();
    ::close(stranger);
  }
  const LinkId link = client.connect(ports.data);
  ASSERT_TRUE(poll_until({&server, &client}, [&] { return !client.sink.ups.empty(); }));
  client.transport->send(link, parts_of({"x"}));
  ASSERT_TRUE(poll_until({&server, &client}, [&] { return !client.sink.replies.empty(); }));
  EXPECT_EQ(server.sink.requests.size(), 1U);
}

TEST(ZmqMessageTest, RoutesAreWhatLibzmqCounts) {
  const std::string id("\0\x01\x02\x03\xff", 5);
  EXPECT_EQ(zmq::route_of(id), 0x1010203ffU);
  EXPECT_NE(zmq::route_of(std::string(5, '\0')), 0U);
  for (const std::string& chosen : {std::string(), std::string("\0", 1), std::string("abcde"),
                                    std::string("\0abcde", 6), std::string(255, 'x')}) {
    EXPECT_EQ(zmq::route_of(chosen), 0U);
  }
}

}  // namespace
}  // namespace distcache::testing
