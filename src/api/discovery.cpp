#include "api/discovery.h"

#include <cstring>
#include <thread>
#include <utility>
#include <vector>

#include "api/arguments.h"
#include "api/config.h"
#include "api/handles.h"
#include "api/text.h"
#include "base/limits.h"
#include "core/cluster/address.h"
#include "core/cluster/record_check.h"

namespace distcache::api {
namespace {

// The answer that one call is about to give. Of the thread that the call is made on.
struct OpenReply {
  const std::thread::id thread = std::this_thread::get_id();
  const bool takes_addresses;
  std::vector<core::Address> addresses;
  std::string message;

  explicit OpenReply(bool discovers) : takes_addresses(discovers) {}
};

constinit Handles<OpenReply, distcache_discovery_reply_t> replies{0xD7};

// One call into the program. What it throws ends it, and the engine takes that for a failure.
template <typename Call>
Result<std::vector<core::Address>> ask(const char* what, bool discovers, Call&& call) {
  distcache_discovery_reply_t* const handle = replies.add(std::make_unique<OpenReply>(discovers));
  if (handle == nullptr) return Error{Status::no_memory, "no reply is left"};
  struct End {
    distcache_discovery_reply_t* handle;
    ~End() { static_cast<void>(replies.close(handle)); }
  } const end{handle};
  const distcache_status_t status = call(handle);
  const auto reply = replies.pin(handle);
  if (status == DISTCACHE_OK) return std::move(reply->addresses);
  const Status known = status_known(status) ? static_cast<Status>(status) : Status::internal;
  std::string message = std::string(what) + ": ";
  message += reply->message.empty() ? status_name(known) : std::string_view(reply->message);
  return Error{known, std::move(message)};
}

class CallbackProvider final : public core::Provider {
 public:
  explicit CallbackProvider(DiscoveryCallbacksPtr callbacks)
      : id_(callbacks->id), callbacks_(std::move(callbacks)) {}

  std::string_view id() const override { return id_; }
  Result<void> initialize() override {
    return done(ask("initialize", false, [this](auto* reply) {
      const auto call = vtable().initialize;
      return call == nullptr ? DISTCACHE_OK : call(callbacks_->context, reply);
    }));
  }
  Result<void> register_node(const core::Address& self) override {
    return done(ask("register_self", false, [this, &self](auto* reply) {
      const auto call = vtable().register_self;
      const std::string address = core::format_address(self);
      return call == nullptr ? DISTCACHE_OK : call(callbacks_->context, address.c_str(), reply);
    }));
  }
  Result<std::vector<core::Address>> discover() override {
    return ask("discover", true,
               [this](auto* reply) { return vtable().discover(callbacks_->context, reply); });
  }
  Result<void> deregister_node() override {
    return done(ask("deregister", false, [this](auto* reply) {
      const auto call = vtable().deregister;
      return call == nullptr ? DISTCACHE_OK : call(callbacks_->context, reply);
    }));
  }
  void close() override {
    const DiscoveryCallbacksPtr last = std::exchange(callbacks_, nullptr);
    if (last && last->vtable.close != nullptr) last->vtable.close(last->context);
  }

 private:
  const distcache_discovery_vtable_t& vtable() const { return callbacks_->vtable; }
  static Result<void> done(const Result<std::vector<core::Address>>& answer) {
    if (answer.ok()) return {};
    return answer.error();
  }

  const std::string id_;
  DiscoveryCallbacksPtr callbacks_;  // until it is closed
};

}  // namespace

std::shared_ptr<core::Provider> make_provider(DiscoveryCallbacksPtr callbacks) {
  return std::make_shared<CallbackProvider>(std::move(callbacks));
}

}  // namespace distcache::api

using distcache::Result;
using distcache::Status;
using distcache::api::Call;
using distcache::api::enter;
using distcache::api::Finalizer;
namespace api = distcache::api;
namespace core = distcache::core;
namespace limits = distcache::limits;

distcache_status_t distcache_config_discovery(distcache_config_t* config,
                                              const distcache_discovery_vtable_t* vtable,
                                              uintptr_t context, distcache_finalize_fn finalize,
                                              distcache_error_t** err) {
  Finalizer finalizer(finalize, context);
  return enter(err, [&](Call& call) {
    if (config == nullptr) return call.invalid("config is NULL");
    if (vtable == nullptr) return call.invalid("vtable is NULL");
    distcache_discovery_vtable_t known;
    const Status bad = api::read_growable(call, vtable, "vtable", known);
    if (bad != Status::ok) return bad;
    if (known.reserved != 0) return call.unsupported("vtable: a field that a later version has");
    if (known.discover == nullptr) return call.invalid("vtable: discover is NULL");
    std::string id = known.id == nullptr ? "custom" : api::clean_text(known.id);
    known.id = nullptr;  // borrowed for this call
    config->discovery = std::make_shared<const api::DiscoveryCallbacks>(
        api::DiscoveryCallbacks{known, std::move(id), context, std::move(finalizer)});
    return Status::ok;
  });
}

distcache_status_t distcache_discovery_reply_add(distcache_discovery_reply_t* reply,
                                                 const char* address) {
  return enter(nullptr, [&](Call& call) {
    const auto open = api::replies.pin(reply);
    if (!open) return call.refuse(open.state(), "reply");
    if (open->thread != std::this_thread::get_id()) return call.invalid("not on this thread");
    if (!open->takes_addresses) return call.invalid("only discover tells addresses");
    if (address == nullptr) return call.invalid("address is NULL");
    Result<core::Address> parsed =
        core::parse_address({address, strnlen(address, limits::kAddressBytesMax + 1)});
    if (!parsed) return call.fail(parsed.error());
    if (!core::usable(*parsed)) return call.invalid("nobody can be reached at port 0");
    if (open->addresses.size() >= limits::kMembersMax) {
      return call.fail(Status::too_large, "more addresses than a cluster has members");
    }
    open->addresses.push_back(std::move(*parsed));
    return Status::ok;
  });
}

void distcache_discovery_reply_message(distcache_discovery_reply_t* reply, const char* message) {
  static_cast<void>(enter(nullptr, [&](Call& call) {
    const auto open = api::replies.pin(reply);
    if (!open) return call.refuse(open.state(), "reply");
    if (open->thread != std::this_thread::get_id() || message == nullptr) return Status::ok;
    open->message = api::clean_text({message, strnlen(message, limits::kErrorTextBytesMax)});
    return Status::ok;
  }));
}
