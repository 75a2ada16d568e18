#include "discovery/static_list.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "core/cluster/record_check.h"

namespace distcache::discovery {
namespace {

class StaticList final : public core::Provider {
 public:
  explicit StaticList(std::vector<core::Address> peers) {
    for (core::Address& peer : peers) {
      const auto repeated = [&peer](const core::Address& known) {
        return core::same_place(known, peer);
      };
      if (std::any_of(peers_.begin(), peers_.end(), repeated)) continue;
      peers_.push_back(std::move(peer));
    }
  }

  std::string_view id() const override { return "static"; }
  Result<void> initialize() override { return {}; }
  Result<void> register_node(const core::Address& self) override {
    self_ = self;
    return {};
  }
  Result<std::vector<core::Address>> discover() override {
    std::vector<core::Address> others;
    for (const core::Address& peer : peers_) {
      if (!self_ || !core::same_place(peer, *self_)) others.push_back(peer);
    }
    return others;
  }
  Result<void> deregister_node() override { return {}; }
  void close() override {}

 private:
  std::vector<core::Address> peers_;
  std::optional<core::Address> self_;
};

}  // namespace

std::unique_ptr<core::Provider> make_static_list(std::vector<core::Address> peers) {
  return std::make_unique<StaticList>(std::move(peers));
}

}  // namespace distcache::discovery
