#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace distcache::discovery {

struct HttpRequest {
  std::string url;
  std::string token;    // sent as a bearer; empty: none
  std::string ca_file;  // empty: the system's
  Duration connect_timeout;
  Duration timeout;  // of the whole answer
};

struct HttpAnswer {
  int status = 0;
  Duration retry_after;  // zero: not said
};

// Where the bytes of an answer go, with its status. False ends the request, which then fails.
using HttpSink = std::function<bool(int status, std::string_view bytes)>;

// GET over libcurl on a connection that is kept. No redirects, no proxies, HTTP and HTTPS only.
//
// Thread: that of its owner; stop() from any.
class Http {
 public:
  Http();
  ~Http();

  // The error says what libcurl says.
  Result<HttpAnswer> get(const HttpRequest& request, const HttpSink& sink);
  void stop();  // a get that is in progress fails at once, and so do all others
  bool stopped() const { return stopped_.load(); }

  static std::string escape(const std::string& text);  // for a query

 private:
  struct Handles;
  Result<void> perform();

  std::atomic<bool> stopped_{false};
  std::unique_ptr<Handles> handles_;
};

}  // namespace distcache::discovery
