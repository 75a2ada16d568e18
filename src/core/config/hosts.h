#pragma once

#include <string>

namespace distcache::core {

// What an address says about the way of its traffic, judged by the text alone: nothing is looked
// up. IPv6 addresses may carry a zone, fe80::1%eth0.
bool is_ip(const std::string& host);
bool is_loopback(const std::string& host);  // 127.0.0.0/8, ::1, also mapped; the name localhost
bool is_wildcard(const std::string& host);  // 0.0.0.0 and ::, all addresses of the machine

}  // namespace distcache::core
