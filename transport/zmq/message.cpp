#include "transport/zmq/message.h"

#include <zmq.h>

#include <array>
#include <cerrno>
#include <cstring>

#if defined(__SANITIZE_THREAD__)
#define DC_THREAD_SANITIZER
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define DC_THREAD_SANITIZER
#endif
#endif
#ifdef DC_THREAD_SANITIZER
#include <sanitizer/tsan_interface.h>
#endif

namespace distcache::zmq {
namespace {

constexpr size_t kRoutingIdBytes = 5;
constexpr RouteId kRouteTag = RouteId{1} << 32;  // so that no route is 0

using RoutingId = std::array<char, kRoutingIdBytes>;

RoutingId routing_id_of(RouteId route) {
  RoutingId id{};
  for (size_t i = 1; i < id.size(); ++i) id[i] = static_cast<char>(route >> (8 * (4 - i)));
  return id;
}

class Frame {
 public:
  Frame() { zmq_msg_init(&message_); }
  ~Frame() { zmq_msg_close(&message_); }
  Frame(const Frame&) = delete;
  Frame& operator=(const Frame&) = delete;

  bool receive(void* socket) { return zmq_msg_recv(&message_, socket, ZMQ_DONTWAIT) >= 0; }
  bool more() const { return zmq_msg_more(&message_) != 0; }
  Bytes view() {
    return {static_cast<const char*>(zmq_msg_data(&message_)), zmq_msg_size(&message_)};
  }

 private:
  zmq_msg_t message_;
};

// libzmq orders our writing of a Buffer before its freeing on the I/O thread, but the thread
// sanitizer sees nothing of what goes on inside libzmq, and is told so.
#ifdef DC_THREAD_SANITIZER
void hand_over(void* block) { __tsan_release(block); }
void take_over(void* block) { __tsan_acquire(block); }
#else
void hand_over(void*) {}
void take_over(void*) {}
#endif

// On libzmq's I/O thread, or here when a send fails.
void release_buffer(void*, void* detached) {
  take_over(detached);
  Buffer::adopt(detached);
}

bool fill(zmq_msg_t& message, const Buffer& part) {
  if (part.size() < kZeroCopyBytes) {
    if (zmq_msg_init_size(&message, part.size()) != 0) return false;
    if (part.size() != 0) std::memcpy(zmq_msg_data(&message), part.data(), part.size());
    return true;
  }
  Buffer reference = part;
  void* data = reference.mutable_data();
  void* detached = std::move(reference).detach();
  hand_over(detached);
  if (zmq_msg_init_data(&message, data, part.size(), release_buffer, detached) == 0) return true;
  release_buffer(nullptr, detached);
  return false;
}

// The frames of a message, all made before the first one is sent: once that has happened nothing
// but the end of the connection may keep the others from following.
class Outgoing {
 public:
  explicit Outgoing(const Parts& parts) {
    for (const Buffer& part : parts) {
      if (!fill(frames_[count_], part)) return;
      ++count_;
    }
    complete_ = true;
  }
  ~Outgoing() {
    for (size_t i = 0; i < count_; ++i) zmq_msg_close(&frames_[i]);  // empty ones, when sent
  }
  Outgoing(const Outgoing&) = delete;
  Outgoing& operator=(const Outgoing&) = delete;

  bool complete() const { return complete_; }
  size_t count() const { return count_; }
  bool send(size_t index, void* socket) {
    const int more = index + 1 < count_ ? ZMQ_SNDMORE : 0;
    return zmq_msg_send(&frames_[index], socket, ZMQ_DONTWAIT | more) >= 0;
  }

 private:
  std::array<zmq_msg_t, limits::kMessagePartsMax> frames_;
  size_t count_ = 0;
  bool complete_ = false;
};

SendResult refusal() { return errno == EAGAIN ? SendResult::full : SendResult::unreachable; }

bool append(Parts& parts, Bytes frame) {
  if (parts.size() == limits::kMessagePartsMax) return false;
  parts.push_back(Buffer::copy_of(frame));
  return !parts.back().is_null();
}

}  // namespace

RouteId route_of(Bytes routing_id) {
  if (routing_id.size() != kRoutingIdBytes || routing_id[0] != 0) return 0;
  RouteId route = 0;
  for (size_t i = 1; i < kRoutingIdBytes; ++i) {
    route = route << 8 | static_cast<unsigned char>(routing_id[i]);
  }
  return route | kRouteTag;
}

SendResult send_message(void* socket, const RouteId* route, const Parts& parts) {
  Outgoing frames(parts);
  if (!frames.complete()) return SendResult::unreachable;
  if (route) {
    const RoutingId id = routing_id_of(*route);
    if (zmq_send(socket, id.data(), id.size(), ZMQ_DONTWAIT | ZMQ_SNDMORE) < 0) return refusal();
  }
  bool whole = true;
  for (size_t i = 0; i < frames.count(); ++i) {
    if (frames.send(i, socket)) continue;
    if (i == 0 && !route) return refusal();
    // The connection went in the middle of the message. libzmq swallows the remaining parts up to
    // the last one, which must therefore be offered or it would swallow the next message's.
    whole = false;
  }
  return whole ? SendResult::sent : SendResult::unreachable;
}

Received receive_message(void* socket, RouteId* route, Parts& parts) {
  parts.clear();
  Frame frame;
  if (!frame.receive(socket)) return Received::nothing;
  bool intact = true;
  if (route) {
    *route = route_of(frame.view());
    intact = *route != 0 && frame.more();
    if (frame.more() && !frame.receive(socket)) return Received::dropped;
  }
  for (;;) {
    intact = intact && append(parts, frame.view());
    if (!frame.more()) break;
    if (!frame.receive(socket)) return Received::dropped;
  }
  if (intact) return Received::message;
  parts.clear();
  return Received::dropped;
}

}  // namespace distcache::zmq
