#include "discovery/standalone.h"

namespace distcache::discovery {
namespace {

class Standalone final : public core::Provider {
 public:
  std::string_view id() const override { return "standalone"; }
  Result<void> initialize() override { return {}; }
  Result<void> register_node(const core::Address&) override { return {}; }
  Result<std::vector<core::Address>> discover() override { return std::vector<core::Address>{}; }
  Result<void> deregister_node() override { return {}; }
  void close() override {}
};

}  // namespace

std::unique_ptr<core::Provider> make_standalone() { return std::make_unique<Standalone>(); }

}  // namespace distcache::discovery
