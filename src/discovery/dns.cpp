#include "discovery/dns.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/limits.h"
#include "core/cluster/address.h"
#include "discovery/dns_resolver.h"

namespace distcache::discovery {
namespace {

using Addresses = std::vector<core::Address>;

class Dns final : public core::Provider {
 public:
  explicit Dns(DnsOptions options)
      : options_(std::move(options)), cancelled_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  ~Dns() override {
    if (cancelled_ >= 0) ::close(cancelled_);
  }

  std::string_view id() const override { return "dns"; }
  Result<void> initialize() override {
    if (cancelled_ >= 0) return {};
    return Error{Status::no_descriptors, "no descriptor is left"};
  }
  Result<void> register_node(const core::Address&) override { return {}; }
  Result<void> deregister_node() override { return {}; }
  void close() override {}
  void cancel() override {
    if (cancelled_ >= 0) static_cast<void>(eventfd_write(cancelled_, 1));
  }
  Duration valid_for() const override { return valid_for_; }

  Result<Addresses> discover() override {
    valid_for_ = Duration::max();
    auto resolver = DnsResolver::create(options_.servers, options_.timeout, cancelled_);
    if (!resolver.ok()) return resolver.error();
    switch (options_.record) {
      case core::DnsRecordKind::a:
        return hosts(**resolver);
      case core::DnsRecordKind::srv:
        return services(**resolver);
      case core::DnsRecordKind::txt:
        break;
    }
    return texts(**resolver);
  }

 private:
  // Where hosts are, all with the port that goes with them. A failure only if none is found.
  struct Place {
    std::string host;
    uint16_t port = 0;
  };

  void used(const DnsRecord& record) {
    valid_for_ = std::min(valid_for_, Duration::seconds(record.ttl_s));
  }

  Result<Addresses> locate(DnsResolver& resolver, const std::vector<Place>& places,
                           Addresses found) {
    std::vector<DnsQuestion> questions;
    for (const Place& place : places) {
      questions.push_back({place.host, DnsType::a});
      questions.push_back({place.host, DnsType::aaaa});
    }
    const std::vector<DnsAnswer> answers = resolver.ask(questions);
    const Error* failure = nullptr;
    for (size_t i = 0; i < answers.size(); ++i) {
      if (!answers[i].ok()) {
        failure = &answers[i].error();
        continue;
      }
      for (const DnsRecord& record : *answers[i]) {
        if (record.additional || record.type != questions[i].type) continue;
        if (found.size() >= limits::kMembersMax) return found;
        used(record);
        found.push_back({record.host, places[i / 2].port, {}});
      }
    }
    if (found.empty() && failure != nullptr) return *failure;
    return found;
  }

  Result<Addresses> hosts(DnsResolver& resolver) {
    return locate(resolver, {{options_.name, options_.port}}, {});
  }

  Result<Addresses> services(DnsResolver& resolver) {
    const DnsAnswer answer = std::move(resolver.ask({{options_.name, DnsType::srv}}).front());
    if (!answer.ok()) return answer.error();
    std::multimap<std::string, const DnsRecord*> told;  // of the targets, along with them
    for (const DnsRecord& record : *answer) {
      const bool located = record.type == DnsType::a || record.type == DnsType::aaaa;
      if (record.additional && located) told.emplace(record.owner, &record);
    }
    Addresses found;
    std::vector<Place> untold;
    for (const DnsRecord& record : *answer) {
      if (record.type != DnsType::srv || record.additional) continue;
      if (record.host == "." || record.port == 0) continue;  // RFC 2782: no such service
      if (found.size() + untold.size() >= limits::kMembersMax) break;
      used(record);
      const auto [begin, end] = told.equal_range(record.host);
      for (auto at = begin; at != end; ++at) {
        used(*at->second);
        found.push_back({at->second->host, record.port, {}});
      }
      if (begin == end) untold.push_back({record.host, record.port});
    }
    if (untold.empty()) return found;
    return locate(resolver, untold, std::move(found));
  }

  Result<Addresses> texts(DnsResolver& resolver) {
    const DnsAnswer answer = std::move(resolver.ask({{options_.name, DnsType::txt}}).front());
    if (!answer.ok()) return answer.error();
    Addresses found;
    for (const DnsRecord& record : *answer) {
      if (record.type != DnsType::txt || record.additional) continue;
      if (found.size() >= limits::kMembersMax) break;
      // A name may have texts for others too.
      Result<core::Address> address = core::parse_address(record.text);
      if (!address.ok()) continue;
      used(record);
      found.push_back(std::move(*address));
    }
    return found;
  }

  const DnsOptions options_;
  const int cancelled_;  // readable once this provider is to end
  Duration valid_for_ = Duration::max();
};

}  // namespace

std::unique_ptr<core::Provider> make_dns(DnsOptions options) {
  return std::make_unique<Dns>(std::move(options));
}

}  // namespace distcache::discovery
