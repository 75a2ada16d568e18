#include "raw_zmq.h"

#include <zmq.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "figures.h"
#include "node.h"

namespace bench {
namespace {

void must(int result, const char* what) {
  if (result >= 0) return;
  std::fprintf(stderr, "%s: %s\n", what, zmq_strerror(zmq_errno()));
  std::exit(1);
}

}  // namespace

void RawServer::serve(uint16_t port) {
  void* context = zmq_ctx_new();
  void* router = zmq_socket(context, ZMQ_ROUTER);
  must(zmq_bind(router, ("tcp://127.0.0.1:" + std::to_string(port)).c_str()), "bind");
  const std::string value(kValueBytes, 'v');
  char route[256];
  char request[256];
  while (true) {
    const int route_bytes = zmq_recv(router, route, sizeof route, 0);
    must(route_bytes, "recv");
    must(zmq_recv(router, request, sizeof request, 0), "recv");
    must(zmq_send(router, route, static_cast<size_t>(route_bytes), ZMQ_SNDMORE), "send");
    must(zmq_send(router, value.data(), value.size(), 0), "send");
  }
}

RawClient::RawClient(uint16_t port)
    : context_(zmq_ctx_new()), socket_(zmq_socket(context_, ZMQ_DEALER)) {
  const int no_linger = 0;
  must(zmq_setsockopt(socket_, ZMQ_LINGER, &no_linger, sizeof no_linger), "linger");
  must(zmq_connect(socket_, ("tcp://127.0.0.1:" + std::to_string(port)).c_str()), "connect");
}

RawClient::~RawClient() {
  zmq_close(socket_);
  zmq_ctx_term(context_);
}

double RawClient::rate(size_t in_flight, double seconds) {
  const std::string request(kKeyBytes, 'k');
  char reply[kValueBytes + 1];
  const auto ask = [&] { must(zmq_send(socket_, request.data(), request.size(), 0), "send"); };
  const auto hear = [&] { must(zmq_recv(socket_, reply, sizeof reply, 0), "recv"); };
  for (size_t i = 0; i < in_flight; ++i) ask();
  uint64_t answered = 0;
  const Stopwatch watch;
  while (watch.seconds() < seconds) {
    hear();
    ask();
    ++answered;
  }
  const double elapsed = watch.seconds();
  for (size_t i = 0; i < in_flight; ++i) hear();
  return static_cast<double>(answered) / elapsed;
}

}  // namespace bench
