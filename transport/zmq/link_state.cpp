#include "transport/zmq/link_state.h"

#include <algorithm>

namespace distcache::zmq {
namespace {

// How long the news of a lost connection is held back for a probe to find out why.
constexpr Duration kTellWithin = Duration::ms(20);

// A dying process closes its connections before its listener, so the first probe may still be
// accepted: the second follows soon, the later ones ever more slowly.
constexpr Duration kProbeDelayMin = Duration::ms(20);
constexpr Duration kProbeDelayMax = Duration::seconds(1);

// A link that keeps breaking by protocol errors is made anew ever more slowly, until it has held.
constexpr Duration kReopenDelayMin = Duration::ms(100);
constexpr Duration kReopenDelayMax = Duration::seconds(1);
constexpr Duration kHeldFor = Duration::seconds(5);

}  // namespace

LinkState::Actions LinkState::on_event(Event event, Instant now) {
  switch (event) {
    case Event::handshake_done:
      return on_up(now);
    case Event::disconnected:
      return on_disconnected(now);
    case Event::handshake_failed:
      reopen_at_ = now + reopen_delay_;
      return {};
    case Event::retry_scheduled:
      reopen_at_ = Instant::never();
      // The first attempt of a link that was never up has failed: nobody asks why but we.
      if (!up_ && !refused_told_ && !probing_ && probe_at_.is_never()) return start_probe();
      return {};
  }
  return {};
}

LinkState::Actions LinkState::on_up(Instant now) {
  Actions actions;
  if (up_ || down_untold_) actions = tell_down(false);  // in between it was down
  actions.tell_up = true;
  up_ = true;
  up_since_ = now;
  refused_told_ = false;
  probing_ = false;
  probe_delay_ = kProbeDelayMin;
  probe_at_ = Instant::never();
  reopen_at_ = Instant::never();
  return actions;
}

LinkState::Actions LinkState::on_disconnected(Instant now) {
  // Followed by retry_scheduled at once, unless libzmq gives this connection up: after a frame that
  // is too large, or a refused key, its DEALER is dead for ever.
  if (up_ && now - up_since_ >= kHeldFor) reopen_delay_ = kReopenDelayMin;
  reopen_at_ = now + reopen_delay_;
  if (!up_) return {};
  up_ = false;
  down_untold_ = true;
  tell_at_ = now + kTellWithin;
  return start_probe();
}

LinkState::Actions LinkState::on_probe(bool refused, Instant now) {
  if (!probing_) return {};
  probing_ = false;
  if (refused) {
    refused_told_ = true;
    return tell_down(true);
  }
  probe_at_ = now + probe_delay_;
  probe_delay_ = std::min(probe_delay_ * 2, kProbeDelayMax);
  return down_untold_ ? tell_down(false) : Actions{};
}

LinkState::Actions LinkState::on_timer(Instant now) {
  Actions actions;
  if (now >= tell_at_) actions = tell_down(false);
  if (now >= probe_at_) {
    probe_at_ = Instant::never();
    actions.start_probe = start_probe().start_probe;
  }
  if (now >= reopen_at_) {
    reopen_at_ = Instant::never();
    reopen_delay_ = std::min(reopen_delay_ * 2, kReopenDelayMax);
    actions.reopen = true;
  }
  return actions;
}

void LinkState::on_reopened(bool succeeded, Instant now) {
  if (!succeeded) reopen_at_ = now + reopen_delay_;
}

Instant LinkState::next_deadline() const { return std::min({tell_at_, probe_at_, reopen_at_}); }

LinkState::Actions LinkState::start_probe() {
  probing_ = true;
  Actions actions;
  actions.start_probe = true;
  return actions;
}

LinkState::Actions LinkState::tell_down(bool refused) {
  down_untold_ = false;
  tell_at_ = Instant::never();
  Actions actions;
  actions.tell_down = true;
  actions.refused = refused;
  return actions;
}

}  // namespace distcache::zmq
