#include "transport/zmq/link.h"

#include <zmq.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include "transport/zmq/descriptors.h"
#include "transport/zmq/message.h"
#include "transport/zmq/profile.h"

namespace distcache::zmq {
namespace {

constexpr Duration kProbeTimeout = Duration::seconds(1);
constexpr int kRepliesPerPoll = 256;

constexpr int kHandshakeFailed = ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                                 ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                                 ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;
constexpr int kEvents = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED |
                        ZMQ_EVENT_CONNECT_RETRIED | kHandshakeFailed;

// Unique in the process, though names are looked up per context only.
std::string next_monitor_name() {
  static std::atomic<uint64_t> count{0};
  return "inproc://dc-monitor-" + std::to_string(count.fetch_add(1, std::memory_order_relaxed));
}

std::optional<LinkState::Event> event_of(int number) {
  if (number == ZMQ_EVENT_HANDSHAKE_SUCCEEDED) return LinkState::Event::handshake_done;
  if (number == ZMQ_EVENT_DISCONNECTED) return LinkState::Event::disconnected;
  if (number == ZMQ_EVENT_CONNECT_RETRIED) return LinkState::Event::retry_scheduled;
  if (number & kHandshakeFailed) return LinkState::Event::handshake_failed;
  return std::nullopt;
}

// One event off the monitor: a frame of 16 bits of event and 32 of detail, then one of address.
// False when none waits.
bool receive_event(void* monitor, std::optional<LinkState::Event>& event) {
  Parts frames;
  if (receive_message(monitor, nullptr, frames) != Received::message) return false;
  uint16_t number = 0;
  if (frames[0].size() >= sizeof number) {
    std::memcpy(&number, frames[0].data(), sizeof number);
  }
  event = event_of(number);
  return true;
}

}  // namespace

Link::Link(LinkId id, Plane plane, Endpoint endpoint)
    : id_(id), plane_(plane), endpoint_(std::move(endpoint)) {}

Result<void> Link::open(const Context& context) {
  close_sockets();
  if (Result<void> room = require_descriptors(kDescriptorsToConnect); !room) return room;
  const std::string monitor_name = next_monitor_name();
  dealer_ = make_dealer(context, plane_, endpoint_.is_ipv6());
  if (!dealer_) return error_of(errno, "making a socket for " + endpoint_.text);
  monitor_ = context.make_socket(ZMQ_PAIR);
  if (!monitor_ || !monitor_.set(ZMQ_LINGER, 0) ||
      zmq_socket_monitor(dealer_.get(), monitor_name.c_str(), kEvents) != 0 ||
      zmq_connect(monitor_.get(), monitor_name.c_str()) != 0 ||
      zmq_connect(dealer_.get(), endpoint_.text.c_str()) != 0) {
    const int error = errno;
    close_sockets();
    return error_of(error, "connecting to " + endpoint_.text);
  }
  return {};
}

void Link::close_sockets() {
  // The monitor ends before the socket that reads it: libzmq's I/O thread would wait for ever to
  // hand an event to nobody.
  if (dealer_) zmq_socket_monitor(dealer_.get(), nullptr, 0);
  monitor_ = Socket();
  dealer_ = Socket();
}

Instant Link::next_deadline() const { return std::min(state_.next_deadline(), probe_deadline_); }

SendResult Link::send(const Parts& parts) {
  if (!state_.is_up() || !dealer_) return SendResult::unreachable;
  return send_message(dealer_.get(), nullptr, parts);
}

uint64_t Link::read_replies(TransportSink& sink) {
  uint64_t dropped = 0;
  for (int i = 0; i < kRepliesPerPoll && !retired_; ++i) {
    Parts parts;
    const Received received = receive_message(dealer_.get(), nullptr, parts);
    if (received == Received::nothing) break;
    if (received == Received::dropped) {
      ++dropped;
    } else {
      sink.on_reply(id_, std::move(parts));
    }
  }
  return dropped;
}

void Link::read_monitor(Instant now, TransportSink& sink, const Context& context) {
  std::optional<LinkState::Event> event;
  while (!retired_ && receive_event(monitor_.get(), event)) {
    if (event) perform(state_.on_event(*event, now), now, sink, context);
  }
}

void Link::read_probe(Instant now, TransportSink& sink, const Context& context) {
  const Probe::Result result = probe_.check();
  if (result == Probe::Result::pending && now < probe_deadline_) return;
  probe_ = Probe();
  probe_deadline_ = Instant::never();
  perform(state_.on_probe(result == Probe::Result::refused, now), now, sink, context);
}

void Link::on_timer(Instant now, TransportSink& sink, const Context& context) {
  if (now >= probe_deadline_) read_probe(now, sink, context);
  if (!retired_ && now >= state_.next_deadline()) {
    perform(state_.on_timer(now), now, sink, context);
  }
}

void Link::perform(LinkState::Actions actions, Instant now, TransportSink& sink,
                   const Context& context) {
  if (actions.tell_down && !retired_) sink.on_link_down(id_, actions.refused);
  if (actions.tell_up) {
    probe_ = Probe();
    probe_deadline_ = Instant::never();
    if (!retired_) sink.on_link_up(id_);
  }
  if (actions.start_probe && !retired_) start_probe(now, sink, context);
  if (actions.reopen && !retired_) state_.on_reopened(open(context).ok(), now);
}

void Link::start_probe(Instant now, TransportSink& sink, const Context& context) {
  // On loopback the answer is there at once, so it is looked at before it is waited for.
  if (endpoint_.address) probe_ = Probe(*endpoint_.address);
  probe_deadline_ = now + kProbeTimeout;
  read_probe(now, sink, context);
}

}  // namespace distcache::zmq
