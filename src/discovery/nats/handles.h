#pragma once

#include <nats/nats.h>

#include <memory>

namespace distcache::discovery {

struct NatsDestroy {
  void operator()(natsOptions* options) const { natsOptions_Destroy(options); }
  void operator()(natsConnection* connection) const { natsConnection_Destroy(connection); }
  void operator()(natsSubscription* subscription) const { natsSubscription_Destroy(subscription); }
  void operator()(natsMsg* message) const { natsMsg_Destroy(message); }
  void operator()(natsInbox* inbox) const { natsInbox_Destroy(inbox); }
};

template <typename Handle>
using NatsOwned = std::unique_ptr<Handle, NatsDestroy>;

// Takes what `make` puts where its argument points to.
template <typename Handle, typename Make>
natsStatus nats_make(NatsOwned<Handle>& handle, Make make) {
  Handle* made = nullptr;
  const natsStatus status = make(&made);
  handle.reset(made);
  return status;
}

}  // namespace distcache::discovery
