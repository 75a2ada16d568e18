#include "discovery/kubernetes/provider.h"

#include <pthread.h>

#include <algorithm>
#include <optional>
#include <thread>
#include <utility>

#include "base/signals.h"
#include "core/cluster/record_check.h"
#include "discovery/guarded.h"
#include "discovery/kubernetes/watch.h"

namespace distcache::discovery {
namespace {

class Kubernetes final : public core::Provider {
 public:
  explicit Kubernetes(core::KubernetesConfig config) : config_(std::move(config)) {}
  ~Kubernetes() override { close(); }

  std::string_view id() const override { return "kubernetes"; }
  void on_change(std::function<void()> changed) override { members_.on_change(std::move(changed)); }

  void log_to(Log& log) override { log_ = &log; }

  Result<void> initialize() override {
    return guarded([&]() -> Result<void> {
      if (watch_) return {};
      Result<KubernetesAccess> access = KubernetesAccess::settle(config_);
      if (!access.ok()) return access.error();
      auto watch = std::make_unique<KubernetesWatch>(config_, std::move(*access), members_, log_);
      const SignalsBlocked inherited;
      thread_ = std::thread([&watched = *watch] {
        pthread_setname_np(pthread_self(), "dc-kubernetes");
        watched.run();
      });
      watch_ = std::move(watch);
      return {};
    });
  }

  // Kubernetes knows of its pods without being told.
  Result<void> register_node(const core::Address& self) override {
    self_ = self;
    return {};
  }
  Result<void> deregister_node() override { return {}; }

  Result<std::vector<core::Address>> discover() override {
    return guarded([&]() -> Result<std::vector<core::Address>> {
      Result<std::vector<core::Address>> found = members_.addresses(config_.timeout);
      if (!found.ok()) return found;
      std::erase_if(*found, [this](const core::Address& address) {
        return core::same_place(address, self_);
      });
      return found;
    });
  }

  void close() override {
    members_.end();
    if (watch_) watch_->stop();
    if (thread_.joinable()) thread_.join();
    watch_.reset();
  }

  void cancel() override { members_.end(); }

 private:
  const core::KubernetesConfig config_;
  core::Address self_;
  Log* log_ = nullptr;
  KubernetesMembers members_;
  std::unique_ptr<KubernetesWatch> watch_;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<core::Provider> make_kubernetes(core::KubernetesConfig config) {
  return std::make_unique<Kubernetes>(std::move(config));
}

}  // namespace distcache::discovery
