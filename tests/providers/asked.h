#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/log.h"
#include "common/deadline.h"
#include "core/cluster/address.h"
#include "core/cluster/provider.h"

namespace providers {

using distcache::Result;
using distcache::core::Address;
using distcache::core::Provider;

constexpr cluster::Milliseconds kPatience{60'000};

// Skips the test for a reason, which in CI is a failure.
#define NEEDS(missing)                                \
  if (const auto why = missing) {                     \
    if (std::getenv("CI") != nullptr) FAIL() << *why; \
    GTEST_SKIP() << *why;                             \
  }

// Lines of a provider, kept.
class Lines final : public distcache::Log {
 public:
  bool enabled(distcache::LogLevel) const override { return true; }
  void write(distcache::LogLevel, std::string_view, std::string message) override {
    const std::lock_guard lock(mutex_);
    text_ += message + '\n';
  }
  std::string text() const {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  mutable std::mutex mutex_;
  std::string text_;
};

// A provider as an engine uses it: it ends in good order. The error of a step is its text.
class Asked {
 public:
  explicit Asked(std::unique_ptr<Provider> provider) : provider_(std::move(provider)) {}
  Asked(Asked&&) = default;
  ~Asked() {
    if (provider_) provider_->close();
  }

  Provider& operator*() { return *provider_; }
  Provider* operator->() { return provider_.get(); }

  // "" once the node is registered, or what kept it from that.
  std::string start(uint16_t port) {
    if (Result<void> done = provider_->initialize(); !done) return done.error().message;
    const Result<void> done = provider_->register_node({"127.0.0.1", port, {}});
    return done.ok() ? "" : done.error().message;
  }

  // The ports that were found, or -1 for an error, which is kept.
  std::vector<int> ports() {
    const Result<std::vector<Address>> found = provider_->discover();
    error_ = found.ok() ? "" : found.error().message;
    if (!found.ok()) return {-1};
    std::vector<int> ports;
    for (const Address& address : *found) ports.push_back(address.port);
    return ports;
  }
  const std::string& error() const { return error_; }

  // Asks until exactly these are found.
  testing::AssertionResult finds(const std::vector<int>& expected) {
    std::vector<int> last;
    const bool found = cluster::eventually(kPatience, [&] {
      last = ports();
      return testing::Matches(testing::UnorderedElementsAreArray(expected))(last);
    });
    if (found) return testing::AssertionSuccess();
    return testing::AssertionFailure() << testing::PrintToString(last) << ' ' << error_;
  }

  // Asks until the error says this.
  testing::AssertionResult fails(const std::string& sentence) {
    const bool failed = cluster::eventually(kPatience, [&] {
      ports();
      return error_.find(sentence) != std::string::npos;
    });
    if (failed) return testing::AssertionSuccess();
    return testing::AssertionFailure() << "last error: " << error_;
  }

 private:
  std::unique_ptr<Provider> provider_;
  std::string error_;
};

}  // namespace providers
