#include "core/cluster/peers.h"

#include <algorithm>
#include <utility>

#include "base/hash.h"
#include "core/cluster/record_check.h"

namespace distcache::core {
namespace {

uint64_t place_of(const Address& address) { return mix64(hash64(address.host) ^ address.port); }

}  // namespace

const MemberStatus* Peers::find(MemberId id) const {
  const auto found = peers_.find(id);
  return found == peers_.end() ? nullptr : &found->second.status;
}

Peers::Peer* Peers::find_peer(MemberId id) {
  const auto found = peers_.find(id);
  return found == peers_.end() ? nullptr : &found->second;
}

bool Peers::in_view(MemberId id) const {
  const MemberStatus* status = find(id);
  return status && status->in_view();
}

const MemberStatus* Peers::at(const Address& membership, MemberId but) const {
  const uint64_t place = place_of(membership);
  for (auto at = places_.lower_bound({place, 0}); at != places_.end(); ++at) {
    if (at->first != place) break;
    const Peer& peer = peers_.at(at->second);
    if (at->second == but || !peer.data_open) continue;
    if (same_place(peer.status.record.membership, membership)) return &peer.status;
  }
  return nullptr;
}

void Peers::keep_place(const Member& record, bool keep) {
  const std::pair entry(place_of(record.membership), record.id());
  if (keep) {
    places_.insert(entry);
  } else {
    places_.erase(entry);
  }
}

void Peers::wait_until(Peer& peer, Instant due) {
  peer.due = due;
  next_due_ = std::min(next_due_, due);
}

bool Peers::has_room_for(MemberId id) const {
  if (peers_.size() < options_.peers_max || peers_.contains(id)) return true;
  return std::any_of(peers_.begin(), peers_.end(),
                     [](const auto& entry) { return !entry.second.status.in_view(); });
}

// Forgets the member that has been gone for longest.
void Peers::make_room(Actions& out) {
  if (peers_.size() < options_.peers_max) return;
  auto oldest = peers_.end();
  for (auto it = peers_.begin(); it != peers_.end(); ++it) {
    if (it->second.status.in_view()) continue;
    if (oldest == peers_.end() || it->second.status.since < oldest->second.status.since) {
      oldest = it;
    }
  }
  if (oldest != peers_.end()) forget(oldest->first, out);
}

void Peers::forget(MemberId id, Actions& out) {
  Peer& peer = peers_.at(id);
  close_data(peer, out);
  keep_place(peer.status.record, false);
  moved_.push_back(id);
  peers_.erase(id);
}

void Peers::accept(const Member& record, Instant now, Actions& out) {
  Peer* peer = find_peer(record.id());
  if (peer == nullptr) {
    make_room(out);
    enter(peers_[record.id()], record, now, out);
    return;
  }
  if (record.incarnation != peer->status.record.incarnation) {
    if (peer->status.in_view()) drop(*peer, MemberState::dead, "it was restarted", now, out);
    close_data(*peer, out);
    enter(*peer, record, now, out);
    return;
  }
  const bool in_view = peer->status.in_view();
  const uint64_t known = peer->status.record.revision;
  if (record.revision > known || (record.revision == known && !in_view)) {
    update(*peer, record, now, out);
  }
  if (in_view) return;
  // A member that was lost is back when messages flow both ways, not as soon as it is heard: one
  // whose data link stays broken would come and go every two seconds.
  if (!peer->data_open) open_data(*peer, out);
  if (peer->data_up) bring_back(*peer, now, out);
}

void Peers::enter(Peer& peer, const Member& record, Instant now, Actions& out) {
  keep_place(peer.status.record, false);
  keep_place(record, true);
  peer.status = {};
  peer.status.record = record;
  peer.status.record.state = MemberState::alive;
  peer.status.reach = Reach::pending;
  peer.status.since = peer.placed = now;
  peer.status.last_word = record.revision;
  peer.outdated = false;
  wait_until(peer, now + options_.link_grace);
  open_data(peer, out);
  tell(peer, PeerEvent::Kind::joined, out);
  moved_.push_back(record.id());
  ++joined_;
  ++live_;
  changed_ = true;
}

void Peers::update(Peer& peer, const Member& record, Instant now, Actions& out) {
  const MemberState state = peer.status.record.state;
  const bool moved = !(peer.status.record.data == record.data);
  const bool news = !same_content(peer.status.record, record);
  keep_place(peer.status.record, false);
  keep_place(record, true);
  peer.status.record = record;
  peer.status.record.state = state;
  peer.status.last_word = std::max(peer.status.last_word, record.revision);
  if (moved && peer.data_open) {
    close_data(peer, out);
    open_data(peer, out);
    if (peer.status.in_view()) {
      peer.status.reach = Reach::pending;
      wait_until(peer, now + options_.link_grace);
    }
  }
  if (!news || !peer.status.in_view()) return;
  outdate_silent(peer);
  peer.placed = now;
  tell(peer, PeerEvent::Kind::updated, out);
  changed_ = true;
}

void Peers::bring_back(Peer& peer, Instant now, Actions& out) {
  const bool silent = std::exchange(peer.status.silent, false);
  peer.status.record.state = MemberState::alive;
  peer.status.reach = Reach::up;
  peer.status.since = peer.placed = now;
  peer.status.why.clear();
  peer.due = Instant::never();
  tell(peer, PeerEvent::Kind::returned, out);
  std::get<PeerEvent>(out.back()).forgotten = !silent || std::exchange(peer.outdated, false);
  moved_.push_back(peer.status.record.id());
  ++joined_;
  ++live_;
  changed_ = true;
}

void Peers::change(Peer& peer, MemberState state, Reach reach, std::string why, Instant now,
                   Actions& out) {
  const auto in_trouble = [&peer] {
    return peer.status.record.state == MemberState::suspect || peer.status.reach == Reach::down;
  };
  const bool before = in_trouble();
  peer.status.record.state = state;
  peer.status.reach = reach;
  peer.due = Instant::never();
  changed_ = true;
  if (in_trouble()) peer.status.why = std::move(why);
  if (before == in_trouble()) return;
  peer.status.since = now;
  if (before) peer.status.why.clear();
  tell(peer, before ? PeerEvent::Kind::recovered : PeerEvent::Kind::suspect, out);
}

void Peers::suspect(MemberId id, std::string why, Instant now, Actions& out) {
  Peer* peer = find_peer(id);
  if (peer == nullptr || peer->status.record.state != MemberState::alive) return;
  const Instant due = peer->due;
  change(*peer, MemberState::suspect, peer->status.reach, std::move(why), now, out);
  peer->due = due;
}

void Peers::acquit(MemberId id, Instant now, Actions& out) {
  Peer* peer = find_peer(id);
  if (peer == nullptr || peer->status.record.state != MemberState::suspect) return;
  const Instant due = peer->due;
  change(*peer, MemberState::alive, peer->status.reach, "its data link is down", now, out);
  peer->due = due;
}

void Peers::set_last_word(MemberId id, uint64_t revision) {
  if (Peer* peer = find_peer(id)) {
    peer->status.last_word = std::max(peer->status.last_word, revision);
  }
}

void Peers::bury(MemberId id, std::string why, bool silent, Instant now, Actions& out) {
  Peer* peer = find_peer(id);
  if (peer == nullptr || !peer->status.in_view()) return;
  drop(*peer, MemberState::dead, std::move(why), now, out);
  peer->status.silent = silent;
  if (silent) wait_until(*peer, now + std::min(options_.silent_grace, options_.forget_after));
}

// Who comes into the ring while another one is silent takes over keys of that one, and is told of
// their writes as the owner, so that they are kept for nobody. When it gives those keys up, the
// silent one may come back and own them, with what it had.
void Peers::outdate_silent(const Peer& by) {
  for (auto& [id, peer] : peers_) {
    if (peer.status.silent && peer.status.since <= by.placed) peer.outdated = true;
  }
}

void Peers::drop(Peer& peer, MemberState state, std::string why, Instant now, Actions& out) {
  const bool was_in_view = peer.status.in_view();
  if (std::exchange(peer.status.silent, false)) changed_ = true;
  peer.status.record.state = state;
  peer.status.reach = Reach::down;
  peer.status.since = now;
  peer.status.why = std::move(why);
  wait_until(peer, now + options_.forget_after);
  moved_.push_back(peer.status.record.id());
  if (!was_in_view) return;
  peer.outdated = false;
  outdate_silent(peer);
  tell(peer, PeerEvent::Kind::left, out);
  --live_;
  changed_ = true;
}

void Peers::remove(MemberId id, MemberState state, std::string why, Instant now, Actions& out) {
  Peer* peer = find_peer(id);
  if (peer == nullptr) return;
  drop(*peer, state, std::move(why), now, out);
  if (state == MemberState::left) close_data(*peer, out);
}

void Peers::replace(MemberId id, std::string why, Instant now, Actions& out) {
  remove(id, MemberState::dead, std::move(why), now, out);
  if (Peer* peer = find_peer(id)) close_data(*peer, out);
}

void Peers::on_data_up(MemberId id, Instant now, Actions& out) {
  Peer* peer = find_peer(id);
  if (peer == nullptr || !peer->data_open) return;
  peer->data_up = true;
  peer->data_refused = false;
  if (!peer->status.in_view() || peer->status.reach == Reach::up) return;
  change(*peer, peer->status.record.state, Reach::up, peer->status.why, now, out);
}

bool Peers::on_data_down(MemberId id, bool refused, Instant now, Actions& out) {
  Peer* peer = find_peer(id);
  if (peer == nullptr || !peer->data_open) return false;
  peer->data_up = false;
  const bool news = refused && !std::exchange(peer->data_refused, true);
  if (!peer->status.in_view()) {
    // The proof comes late: nobody is left there who could serve anything.
    if (refused && std::exchange(peer->status.silent, false)) changed_ = true;
    return news;
  }
  const bool was_up = peer->status.reach == Reach::up;
  if (peer->status.reach != Reach::down && (refused || was_up)) {
    change(*peer, peer->status.record.state, Reach::down,
           refused ? "its data port refuses connections" : "its data link broke", now, out);
  }
  return news;
}

bool Peers::data_refused(MemberId id) const {
  const auto found = peers_.find(id);
  return found != peers_.end() && found->second.data_refused;
}

void Peers::tick(Instant now, Actions& out) {
  if (now < next_due_) return;
  next_due_ = Instant::never();
  std::vector<MemberId> over;
  for (auto& [id, peer] : peers_) {
    if (now < peer.due) {
      next_due_ = std::min(next_due_, peer.due);
      continue;
    }
    peer.due = Instant::never();
    if (!peer.status.in_view()) {
      if (std::exchange(peer.status.silent, false)) changed_ = true;
      const Instant end = peer.status.since + options_.forget_after;
      if (now < end) {
        wait_until(peer, end);
      } else {
        over.push_back(id);
      }
    } else if (peer.status.reach == Reach::pending) {
      change(peer, peer.status.record.state, Reach::down,
             "no data link within " + std::to_string(options_.link_grace.as_ms()) + " ms", now,
             out);
    }
  }
  for (const MemberId id : over) forget(id, out);
  if (!over.empty()) changed_ = true;
}

std::vector<const MemberStatus*> Peers::all() const {
  std::vector<const MemberStatus*> members;
  members.reserve(peers_.size());
  for (const auto& [id, peer] : peers_) members.push_back(&peer.status);
  return members;
}

const MemberStatus* Peers::after(MemberId id) const {
  if (live_ == 0) return nullptr;
  auto next = peers_.upper_bound(id);
  for (;; ++next) {
    if (next == peers_.end()) next = peers_.begin();
    if (next->second.status.in_view()) return &next->second.status;
  }
}

void Peers::open_data(Peer& peer, Actions& out) {
  peer.data_open = true;
  peer.data_up = peer.data_refused = false;
  out.emplace_back(OpenData{peer.status.record.id(), peer.status.record.data});
}

void Peers::close_data(Peer& peer, Actions& out) {
  if (!peer.data_open) return;
  peer.data_open = peer.data_up = false;
  out.emplace_back(CloseData{peer.status.record.id()});
}

void Peers::tell(const Peer& peer, PeerEvent::Kind kind, Actions& out) {
  const Member& record = peer.status.record;
  out.emplace_back(PeerEvent{kind, record.id(), record.name, record.incarnation, peer.status.why,
                             record.state == MemberState::left, false});
}

}  // namespace distcache::core
