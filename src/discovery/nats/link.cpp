#include "discovery/nats/link.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <mutex>

#include "base/signals.h"
#include "core/cluster/record_check.h"
#include "discovery/nats/options.h"

namespace distcache::discovery {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr int64_t kListenMs = 3'600'000;
constexpr int kWaitingMessagesMax = 4'096;
constexpr int kWaitingBytesMax = 4 * 1024 * 1024;
constexpr int64_t kGoodbyeMs = 200;
constexpr int64_t kCancelLookMs = 50;

// libnats ignores SIGPIPE in the whole process when it is opened, which is the host's to decide.
// Our threads and its own have all signals blocked and need no such thing.
void open_library() {
  static std::once_flag once;
  std::call_once(once, [] {
    struct sigaction before = {};
    sigaction(SIGPIPE, nullptr, &before);
    nats_Open(-1);
    sigaction(SIGPIPE, &before, nullptr);
  });
}

Bytes text_of(natsMsg& message) {
  return {natsMsg_GetData(&message), static_cast<size_t>(natsMsg_GetDataLength(&message))};
}

}  // namespace

Result<std::unique_ptr<NatsLink>> NatsLink::open(const core::NatsConfig& config, NatsSelf self,
                                                 Heard& heard) {
  const SignalsBlocked inherited;  // by every thread that libnats makes
  open_library();
  const Result<NatsOwned<natsOptions>> options = nats_options(config);
  if (!options.ok()) return options.error();
  std::unique_ptr<NatsLink> link(new NatsLink(config, std::move(self), heard));
  const natsStatus status = nats_make(link->connection_, [&](natsConnection** connection) {
    return natsConnection_Connect(connection, options->get());
  });
  if (status != NATS_OK) return nats_fault(config, status, nats_GetLastError(nullptr));
  if (Result<void> started = link->start(); !started) return started.error();
  return link;
}

Result<void> NatsLink::start() {
  natsStatus status = listen(config_.subject.c_str(), subscription_);
  if (status == NATS_OK) status = say(config_.subject.c_str(), NatsMessage::Kind::here);
  if (status == NATS_OK) {
    status = natsConnection_FlushTimeout(connection_.get(), config_.timeout.as_ms());
  }
  if (status == NATS_OK && not_permitted()) status = NATS_NOT_PERMITTED;
  if (status != NATS_OK) return fault(status);
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "dc-nats");
    answer();
  });
  return {};
}

NatsLink::~NatsLink() {
  const SignalsBlocked inherited;
  natsConnection_Close(connection_.get());  // ends the wait for a message
  if (thread_.joinable()) thread_.join();
}

bool NatsLink::dead() const { return deaf_.load() || natsConnection_IsClosed(connection_.get()); }

Error NatsLink::fault(natsStatus status) const {
  const char* text = nullptr;
  const natsStatus last = natsConnection_GetLastError(connection_.get(), &text);
  return nats_fault(config_, last == NATS_OK ? status : last, last == NATS_OK ? nullptr : text);
}

bool NatsLink::not_permitted() const {
  const char* text = nullptr;
  return natsConnection_GetLastError(connection_.get(), &text) == NATS_NOT_PERMITTED;
}

natsStatus NatsLink::listen(const char* subject, NatsOwned<natsSubscription>& to) {
  const natsStatus status = nats_make(to, [&](natsSubscription** subscription) {
    return natsConnection_SubscribeSync(subscription, connection_.get(), subject);
  });
  if (status != NATS_OK) return status;
  return natsSubscription_SetPendingLimits(to.get(), kWaitingMessagesMax, kWaitingBytesMax);
}

natsStatus NatsLink::say(const char* subject, NatsMessage::Kind kind) {
  const std::string text = format_nats_message({kind, self_.address, self_.label});
  return natsConnection_Publish(connection_.get(), subject, text.data(),
                                static_cast<int>(text.size()));
}

void NatsLink::say_goodbye() {
  if (natsConnection_Status(connection_.get()) != NATS_CONN_STATUS_CONNECTED) return;
  if (say(config_.subject.c_str(), NatsMessage::Kind::gone) != NATS_OK) return;
  natsConnection_FlushTimeout(connection_.get(), kGoodbyeMs);
}

void NatsLink::answer() {
  while (true) {
    NatsOwned<natsMsg> message;
    const natsStatus status = nats_make(message, [this](natsMsg** next) {
      return natsSubscription_NextMsg(next, subscription_.get(), kListenMs);
    });
    if (status == NATS_OK) {
      answer(*message);
    } else if (status == NATS_SLOW_CONSUMER) {
      heard_.dropped();  // libnats has thrown some away: more came in than can be a cluster's
    } else if (status != NATS_TIMEOUT) {
      deaf_.store(true);
      return;
    }
  }
}

void NatsLink::answer(natsMsg& message) {
  const std::optional<NatsMessage> said = parse_nats_message(text_of(message));
  if (!said) return heard_.dropped();
  if (said->label != self_.label || core::same_place(said->address, self_.address)) return;
  if (said->kind == NatsMessage::Kind::gone) return heard_.left(said->address);
  heard_.met(said->address);
  const char* inbox = natsMsg_GetReply(&message);
  if (said->kind == NatsMessage::Kind::ask && inbox) say(inbox, NatsMessage::Kind::here);
}

Result<void> NatsLink::ask(Places& found, const std::atomic<bool>& cancelled) {
  if (natsConnection_Status(connection_.get()) != NATS_CONN_STATUS_CONNECTED) {
    return fault(NATS_CONNECTION_DISCONNECTED);
  }
  NatsOwned<natsInbox> inbox;
  NatsOwned<natsSubscription> answers;
  natsStatus status = nats_make(inbox, &natsInbox_Create);
  if (status == NATS_OK) status = listen(inbox.get(), answers);
  if (status == NATS_OK) {
    const std::string text =
        format_nats_message({NatsMessage::Kind::ask, self_.address, self_.label});
    status = natsConnection_PublishRequest(connection_.get(), config_.subject.c_str(), inbox.get(),
                                           text.data(), static_cast<int>(text.size()));
  }
  if (status == NATS_OK) status = collect(*answers, found, cancelled);
  if (status != NATS_OK) return fault(status);
  // A server that does not let us ask says so in its own time, and else nothing at all.
  if (found.empty() && not_permitted()) {
    deaf_.store(true);
    return fault(NATS_NOT_PERMITTED);
  }
  return {};
}

// Until the time is up; earlier once somebody has answered and nobody does for a quarter of it.
natsStatus NatsLink::collect(natsSubscription& inbox, Places& found,
                             const std::atomic<bool>& cancelled) {
  const auto timeout = std::chrono::milliseconds(config_.timeout.as_ms());
  const auto end = SteadyClock::now() + timeout;
  for (auto until = end; !cancelled.load();) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - SteadyClock::now());
    if (left.count() <= 0) return NATS_OK;
    NatsOwned<natsMsg> message;
    const natsStatus status = nats_make(message, [&](natsMsg** next) {
      return natsSubscription_NextMsg(next, &inbox, std::min(left.count(), kCancelLookMs));
    });
    if (status == NATS_NO_RESPONDERS) return NATS_OK;  // the server knows that nobody listens
    if (status == NATS_TIMEOUT || status == NATS_SLOW_CONSUMER) continue;
    if (status != NATS_OK) return status;
    take(*message, found);
    until = std::min(end, SteadyClock::now() + timeout / 4);
  }
  return NATS_OK;
}

void NatsLink::take(natsMsg& message, Places& found) {
  const std::optional<NatsMessage> said = parse_nats_message(text_of(message));
  if (!said) return heard_.dropped();
  if (said->kind != NatsMessage::Kind::here || said->label != self_.label) return;
  if (!core::same_place(said->address, self_.address)) found.add(said->address);
}

}  // namespace distcache::discovery
