#pragma once

#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "transport/transport.h"

// What the tests of both transports share: a sink that writes down what it is told.
namespace distcache::testing {

using Texts = std::vector<std::string>;

inline Parts parts_of(const Texts& texts) {
  Parts parts;
  for (const std::string& text : texts) parts.push_back(Buffer::copy_of(text));
  return parts;
}

inline Texts texts_of(const Parts& parts) {
  Texts texts;
  for (const Buffer& part : parts) texts.emplace_back(part.view());
  return texts;
}

class Recorder : public TransportSink {
 public:
  struct Request {
    Plane plane;
    RouteId route;
    Texts parts;
  };
  struct Reply {
    LinkId link;
    Texts parts;
  };
  struct Down {
    LinkId link;
    bool refused;
    friend bool operator==(const Down&, const Down&) = default;
  };

  // With a transport, requests are echoed, in order; those it is too full for by echo_again().
  explicit Recorder(Transport* echo = nullptr) : echo_(echo) {}

  void on_request(Plane plane, RouteId route, Parts parts) override {
    requests.push_back({plane, route, texts_of(parts)});
    if (echo_) {
      echoes_.push_back({plane, route, std::move(parts)});
      echo_again();
    }
    told();
  }
  void on_reply(LinkId link, Parts parts) override {
    replies.push_back({link, texts_of(parts)});
    told();
  }
  void on_link_up(LinkId link) override {
    ups.push_back(link);
    told();
  }
  void on_link_down(LinkId link, bool refused) override {
    downs.push_back({link, refused});
    told();
  }

  void echo_again() {
    for (; !echoes_.empty(); echoes_.pop_front()) {
      Echo& echo = echoes_.front();
      last_echo = echo_->reply(echo.plane, echo.route, echo.parts);
      if (last_echo == SendResult::full) return;
    }
  }

  bool was_refused() const {
    for (const Down& down : downs) {
      if (down.refused) return true;
    }
    return false;
  }

  std::vector<Request> requests;
  std::vector<Reply> replies;
  std::vector<LinkId> ups;
  std::vector<Down> downs;
  SendResult last_echo = SendResult::sent;
  std::function<void()> told = [] {};  // after each of them

 private:
  struct Echo {
    Plane plane;
    RouteId route;
    Parts parts;
  };

  Transport* echo_;
  std::deque<Echo> echoes_;
};

}  // namespace distcache::testing
