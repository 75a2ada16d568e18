#include "transport/zmq/zmq_transport.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <string>
#include <thread>

#include "transport/zmq/zmq_fixture.h"

namespace distcache::testing {
namespace {

class ZmqTransportTest : public ::testing::Test {
 protected:
  // The client's data link to the echoing server, up.
  LinkId link_up(Plane plane = Plane::data) {
    ports_ = server_.bind();
    const LinkId link =
        client_.connect(plane == Plane::data ? ports_.data : ports_.membership, plane);
    EXPECT_TRUE(poll_until({&client_, &server_}, [&] { return !client_.sink.ups.empty(); }));
    return link;
  }
  bool both_until(const std::function<bool()>& condition) {
    return poll_until({&client_, &server_}, condition);
  }

  Node server_{true};
  Node client_;
  BoundPorts ports_;
};

TEST_F(ZmqTransportTest, EchoesOnBothPlanes) {
  const BoundPorts ports = server_.bind();
  const LinkId data = client_.connect(ports.data, Plane::data);
  const LinkId membership = client_.connect(ports.membership, Plane::membership);
  ASSERT_NE(data, membership);
  ASSERT_TRUE(both_until([&] { return client_.sink.ups.size() == 2; }));
  EXPECT_EQ(client_.transport->send(data, parts_of({"a"})), SendResult::sent);
  EXPECT_EQ(client_.transport->send(membership, parts_of({"b"})), SendResult::sent);
  ASSERT_TRUE(both_until([&] { return client_.sink.replies.size() == 2; }));
  for (const Recorder::Reply& reply : client_.sink.replies) {
    EXPECT_EQ(reply.parts, Texts{reply.link == data ? "a" : "b"});
  }
  for (const Recorder::Request& request : server_.sink.requests) {
    EXPECT_EQ(request.plane, request.parts == Texts{"a"} ? Plane::data : Plane::membership);
    EXPECT_NE(request.route, 0U);
  }
}

TEST_F(ZmqTransportTest, CarriesAThousandMessagesInFlightInOrder) {
  const LinkId link = link_up();
  size_t sent = 0;
  size_t fulls = 0;
  const auto push = [&] {
    while (sent < 1000) {
      const SendResult result = client_.transport->send(link, parts_of({std::to_string(sent)}));
      if (result == SendResult::full) {
        ++fulls;
        return;
      }
      ASSERT_EQ(result, SendResult::sent);
      ++sent;
    }
  };
  ASSERT_TRUE(both_until([&] {
    push();
    return client_.sink.replies.size() == 1000;
  }));
  for (size_t i = 0; i < 1000; ++i) {
    ASSERT_EQ(client_.sink.replies[i].parts, Texts{std::to_string(i)});
  }
  EXPECT_EQ(server_.sink.last_echo, SendResult::sent);
  RecordProperty("fulls", static_cast<int>(fulls));
}

TEST_F(ZmqTransportTest, SaysFullWhenThePeerDoesNotRead) {
  const LinkId link = link_up();
  const Buffer large = Buffer::copy_of(std::string(limits::kChunkBytesMax, 'x'));
  SendResult result = SendResult::sent;
  int sent = 0;
  // Both queues and the kernel's buffers: bounded, whatever their sizes.
  for (; sent < 1000 && result == SendResult::sent; ++sent) {
    result = client_.transport->send(link, {large});
    client_.poll(Duration());
  }
  EXPECT_EQ(result, SendResult::full);
}

TEST_F(ZmqTransportTest, CarriesEmptyLargeAndManyParts) {
  const LinkId link = link_up();
  std::string large(limits::kFrameBytesMax, '\0');
  for (size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * 7 % 251);
  const Texts mixed = {
      "", std::string("a\0b", 3), large, std::string(4095, 'y'), std::string(4096, 'z'), large, ""};
  Texts many(limits::kMessagePartsMax, "part");
  EXPECT_EQ(client_.transport->send(link, parts_of(mixed)), SendResult::sent);
  EXPECT_EQ(client_.transport->send(link, parts_of(many)), SendResult::sent);
  EXPECT_EQ(client_.transport->send(link, parts_of({""})), SendResult::sent);
  ASSERT_TRUE(both_until([&] { return client_.sink.replies.size() == 3; }));
  EXPECT_TRUE(client_.sink.replies[0].parts == mixed);
  EXPECT_TRUE(client_.sink.replies[1].parts == many);
  EXPECT_TRUE(client_.sink.replies[2].parts == Texts{""});
}

TEST_F(ZmqTransportTest, RefusesWhatThePeerWouldCutTheConnectionFor) {
  const LinkId link = link_up(Plane::membership);
  const std::string over(limits::kMembershipFrameBytesMax + 1, 'x');
  const Texts too_many(limits::kMessagePartsMax + 1, "part");
  EXPECT_EQ(client_.transport->send(link, parts_of({over})), SendResult::too_large);
  EXPECT_EQ(client_.transport->send(link, parts_of(too_many)), SendResult::too_large);
  EXPECT_EQ(client_.transport->reply(Plane::membership, 1, parts_of({over})),
            SendResult::too_large);
  EXPECT_EQ(client_.transport->send(link, parts_of({over.substr(1)})), SendResult::sent);
  EXPECT_TRUE(both_until([&] { return client_.sink.replies.size() == 1; }));
  EXPECT_TRUE(client_.sink.downs.empty());
}

class CountingAllocator final : public Allocator {
 public:
  void* allocate(size_t bytes) override {
    ++live;
    return std::malloc(bytes);
  }
  void deallocate(void* block, size_t) override {
    std::free(block);
    --live;
  }
  size_t true_size(size_t bytes) const override { return bytes; }

  std::atomic<int> live{0};
};

TEST_F(ZmqTransportTest, HoldsALargePartUntilItHasLeftAndThenLetsGo) {
  CountingAllocator allocator;
  const LinkId link = link_up();
  Parts parts;
  parts.push_back(Buffer::copy_of(std::string(1 << 20, 'v'), allocator));
  ASSERT_EQ(client_.transport->send(link, std::move(parts)), SendResult::sent);
  ASSERT_TRUE(both_until([&] { return client_.sink.replies.size() == 1; }));
  EXPECT_EQ(client_.sink.replies[0].parts, Texts{std::string(1 << 20, 'v')});
  EXPECT_TRUE(both_until([&] { return allocator.live == 0; }));

  // Unsent: dropped by close().
  server_.transport->close();
  client_.transport->send(link, {Buffer::copy_of(std::string(1 << 20, 'v'), allocator)});
  client_.transport->close();
  EXPECT_EQ(allocator.live, 0);
}

TEST_F(ZmqTransportTest, KnowsNoStrangersLinksAndRoutes) {
  const LinkId link = link_up();
  const Parts parts = parts_of({"x"});
  EXPECT_EQ(client_.transport->send(link + 1, parts), SendResult::unreachable);
  EXPECT_EQ(client_.transport->reply(Plane::data, 7, parts), SendResult::unreachable);  // unbound
  EXPECT_EQ(server_.transport->reply(Plane::data, 0, parts), SendResult::unreachable);
  EXPECT_EQ(server_.transport->reply(Plane::data, 12345, parts), SendResult::unreachable);
  client_.transport->send(link, parts);
  ASSERT_TRUE(both_until([&] { return !server_.sink.requests.empty(); }));
  const RouteId route = server_.sink.requests[0].route;
  EXPECT_EQ(server_.transport->reply(Plane::data, route, parts), SendResult::sent);
  EXPECT_EQ(server_.transport->reply(Plane::membership, route, parts), SendResult::unreachable);
  client_.transport->disconnect(link);
  EXPECT_TRUE(both_until([&] {
    return server_.transport->reply(Plane::data, route, parts) == SendResult::unreachable;
  }));
}

TEST_F(ZmqTransportTest, RefusesToSendBeforeTheLinkIsUp) {
  const BoundPorts ports = server_.bind();
  const LinkId link = client_.connect(ports.data);
  EXPECT_EQ(client_.transport->send(link, parts_of({"x"})), SendResult::unreachable);
  ASSERT_TRUE(both_until([&] { return !client_.sink.ups.empty(); }));
  EXPECT_EQ(client_.transport->send(link, parts_of({"x"})), SendResult::sent);
}

TEST_F(ZmqTransportTest, TellsNothingOfADisconnectedLink) {
  const LinkId first = link_up();
  client_.transport->send(first, parts_of({"first"}));
  ASSERT_TRUE(poll_until({&server_}, [&] { return !server_.sink.requests.empty(); }));
  client_.transport->disconnect(first);
  client_.transport->disconnect(first);
  EXPECT_EQ(client_.transport->send(first, parts_of({"x"})), SendResult::unreachable);

  const LinkId second = client_.connect(ports_.data);
  EXPECT_GT(second, first);
  ASSERT_TRUE(both_until([&] { return client_.sink.ups.size() == 2; }));
  client_.transport->send(second, parts_of({"second"}));
  ASSERT_TRUE(both_until([&] { return !client_.sink.replies.empty(); }));
  EXPECT_EQ(client_.sink.replies[0].link, second);
  EXPECT_TRUE(client_.sink.downs.empty());
}

TEST_F(ZmqTransportTest, LetsCallbacksChangeLinks) {
  const LinkId link = link_up();
  for (int i = 0; i < 20; ++i) client_.transport->send(link, parts_of({"x"}));
  // All replies wait in the socket when the first one is told.
  ASSERT_TRUE(poll_until({&server_}, [&] { return server_.sink.requests.size() == 20; }));
  LinkId second = 0;
  client_.sink.told = [&] {
    if (second != 0) return;
    client_.transport->disconnect(link);
    second = client_.connect(ports_.data);
  };
  ASSERT_TRUE(both_until([&] { return client_.sink.ups.size() == 2; }));
  EXPECT_EQ(client_.sink.replies.size(), 1U);
  EXPECT_EQ(client_.sink.ups.back(), second);
}

TEST_F(ZmqTransportTest, TellsWhenThePeerClosesAndWhenItIsBack) {
  const LinkId link = link_up();
  const BindOptions same{"127.0.0.1", ports_.data, ports_.membership};
  server_.transport->close();
  // Either at once, or after a first "down" that the listener's last moment has deceived.
  ASSERT_TRUE(poll_until({&client_}, [&] { return client_.sink.was_refused(); }));
  EXPECT_LE(client_.sink.downs.size(), 2U);
  EXPECT_EQ(client_.transport->send(link, parts_of({"x"})), SendResult::unreachable);

  Node again(true);
  again.bind(same);
  ASSERT_TRUE(poll_until({&client_, &again}, [&] { return client_.sink.ups.size() == 2; }));
  client_.transport->send(link, parts_of({"again"}));
  ASSERT_TRUE(poll_until({&client_, &again}, [&] { return !client_.sink.replies.empty(); }));
  EXPECT_EQ(client_.sink.replies[0].parts, Texts{"again"});
}

TEST_F(ZmqTransportTest, TellsOnceThatAPeerWasNeverThere) {
  const BoundPorts free = server_.bind();
  server_.transport->close();
  const LinkId link = client_.connect(free.data);
  ASSERT_TRUE(poll_until({&client_}, [&] { return !client_.sink.downs.empty(); }));
  EXPECT_EQ(client_.sink.downs, (std::vector<Recorder::Down>{{link, true}}));
  EXPECT_TRUE(client_.sink.ups.empty());

  Node late(true);
  late.bind({"127.0.0.1", free.data, 0});
  ASSERT_TRUE(poll_until({&client_, &late}, [&] { return !client_.sink.ups.empty(); }));
  EXPECT_EQ(client_.sink.downs.size(), 1U);
}

TEST_F(ZmqTransportTest, ReachesAPeerByName) {
  const BoundPorts ports = server_.bind();
  const LinkId link = client_.connect(ports.data, Plane::data, "localhost");
  ASSERT_TRUE(both_until([&] { return !client_.sink.ups.empty(); }));
  server_.transport->close();
  // Without a number nobody is asked whether the process is gone.
  ASSERT_TRUE(poll_until({&client_}, [&] { return !client_.sink.downs.empty(); }));
  EXPECT_EQ(client_.sink.downs[0], (Recorder::Down{link, false}));
}

TEST_F(ZmqTransportTest, ReachesAPeerByIpv6) {
  Result<BoundPorts> ports = server_.transport->bind({"::1", 0, 0});
  if (!ports) GTEST_SKIP() << "no IPv6 loopback: " << ports.error().message;
  client_.connect(ports->data, Plane::data, "::1");
  EXPECT_TRUE(both_until([&] { return !client_.sink.ups.empty(); }));
  server_.transport->close();
  EXPECT_TRUE(poll_until({&client_}, [&] { return client_.sink.was_refused(); }));
}

}  // namespace
}  // namespace distcache::testing
