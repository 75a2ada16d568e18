#pragma once

#include "base/time.h"

namespace distcache::zmq {

// What a link's monitor events, probe results and the time mean: when the owner is told that it is
// up, down or refused, when to ask by a probe, and when the DEALER must be made anew. Pure: it
// holds no socket and reads no clock. Lives as long as its link.
class LinkState {
 public:
  // In the words of libzmq's monitor: HANDSHAKE_SUCCEEDED, DISCONNECTED, HANDSHAKE_FAILED_*,
  // CONNECT_RETRIED (libzmq itself will try again).
  enum class Event { handshake_done, disconnected, handshake_failed, retry_scheduled };

  // To be done in the order of the members.
  struct Actions {
    bool tell_down = false;
    bool refused = false;  // of tell_down
    bool tell_up = false;
    bool start_probe = false;
    bool reopen = false;  // answered by on_reopened()
  };

  Actions on_event(Event event, Instant now);
  Actions on_probe(bool refused, Instant now);  // the probe that was started has ended
  Actions on_timer(Instant now);
  void on_reopened(bool succeeded, Instant now);

  Instant next_deadline() const;
  bool is_up() const { return up_; }

 private:
  Actions start_probe();
  Actions tell_down(bool refused);
  Actions on_up(Instant now);
  Actions on_disconnected(Instant now);

  bool up_ = false;
  bool down_untold_ = false;   // was up, went down, and the owner does not know yet
  bool refused_told_ = false;  // in this period without a connection
  bool probing_ = false;
  Duration probe_delay_ = Duration::ms(20);
  Duration reopen_delay_ = Duration::ms(100);
  Instant up_since_;
  Instant tell_at_ = Instant::never();    // the owner is told by then, refused or not
  Instant probe_at_ = Instant::never();   // ask again whether nobody listens
  Instant reopen_at_ = Instant::never();  // libzmq has not said that it tries again
};

}  // namespace distcache::zmq
