#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "discovery/dns_message.h"

namespace distcache::discovery {

struct DnsQuestion {
  std::string name;
  DnsType type = DnsType::a;
};

// A name that is not there, or has no record of the type, has no records.
using DnsAnswer = Result<std::vector<DnsRecord>>;

// Asks name servers, many questions at once: UDP, and TCP where an answer exceeds a datagram.
// Made anew for each time of asking, so that it reads resolv.conf as it is now.
//
// One thread, but for the descriptor: questions end when it becomes readable.
class DnsResolver {
 public:
  // `servers`: "host:port" each, numeric; empty: those of the system, with its search domains.
  static Result<std::unique_ptr<DnsResolver>> create(const std::vector<std::string>& servers,
                                                     Duration timeout, int cancelled);
  ~DnsResolver();
  DnsResolver(const DnsResolver&) = delete;
  DnsResolver& operator=(const DnsResolver&) = delete;

  // An answer for each question. All that is asked through one resolver ends within its timeout.
  std::vector<DnsAnswer> ask(const std::vector<DnsQuestion>& questions);

 private:
  struct Channel;
  explicit DnsResolver(std::unique_ptr<Channel> channel);
  const std::unique_ptr<Channel> channel_;
};

}  // namespace distcache::discovery
