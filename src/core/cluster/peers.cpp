#include "core/cluster/peers.h"

#include <algorithm>
#include <utility>

#include "core/cluster/record_check.h"

namespace distcache::core {

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
  for (const auto& [id, peer] : peers_) {
    if (id == but || !peer.data_open) continue;
    if (same_place(peer.status.record.membership, membership)) return &peer.status;
  }
  return nullptr;
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
  if (oldest == peers_.end()) return;
  close_data(oldest->second, out);
  peers_.erase(oldest);
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
  peer.status = {record, Reach::pending, now, {}, false};
  peer.status.record.state = MemberState::alive;
  peer.due = now + options_.link_grace;
  open_data(peer, out);
  tell(peer, PeerEvent::Kind::joined, out);
  ++joined_;
  ++live_;
  changed_ = true;
}

void Peers::update(Peer& peer, const Member& record, Instant now, Actions& out) {
  const MemberState state = peer.status.record.state;
  const bool moved = !(peer.status.record.data == record.data);
  peer.status.record = record;
  peer.status.record.state = state;
  if (moved && peer.data_open) {
    close_data(peer, out);
    open_data(peer, out);
    if (peer.status.in_view()) {
      peer.status.record.state = MemberState::alive;
      peer.status.reach = Reach::pending;
      peer.due = now + options_.link_grace;
    }
  }
  if (!peer.status.in_view()) return;
  tell(peer, PeerEvent::Kind::updated, out);
  changed_ = true;
}

void Peers::bring_back(Peer& peer, Instant now, Actions& out) {
  const bool silent = std::exchange(peer.status.silent, false);
  peer.status.record.state = MemberState::alive;
  peer.status.reach = Reach::up;
  peer.status.since = now;
  peer.status.why.clear();
  peer.due = Instant::never();
  tell(peer, PeerEvent::Kind::returned, out);
  std::get<PeerEvent>(out.back()).forgotten = !silent;
  ++joined_;
  ++live_;
  changed_ = true;
}

void Peers::suspect(Peer& peer, std::string why, Instant now, Actions& out) {
  peer.status.record.state = MemberState::suspect;
  peer.status.reach = Reach::down;
  peer.status.since = now;
  peer.status.why = std::move(why);
  peer.due = now + options_.down_grace;
  tell(peer, PeerEvent::Kind::suspect, out);
  changed_ = true;
}

void Peers::drop(Peer& peer, MemberState state, std::string why, Instant now, Actions& out) {
  const bool was_in_view = peer.status.in_view();
  if (std::exchange(peer.status.silent, false)) changed_ = true;
  peer.status.record.state = state;
  peer.status.reach = Reach::down;
  peer.status.since = now;
  peer.status.why = std::move(why);
  peer.due = Instant::never();
  if (!was_in_view) return;
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
  if (!peer->status.in_view() || peer->status.reach == Reach::up) return;
  const bool was_down = peer->status.reach == Reach::down;
  peer->status.record.state = MemberState::alive;
  peer->status.reach = Reach::up;
  peer->status.since = now;
  peer->status.why.clear();
  peer->due = Instant::never();
  if (was_down) tell(*peer, PeerEvent::Kind::recovered, out);
  changed_ = true;
}

void Peers::on_data_down(MemberId id, bool refused, Instant now, Actions& out) {
  Peer* peer = find_peer(id);
  if (peer == nullptr || !peer->data_open) return;
  peer->data_up = false;
  if (!peer->status.in_view()) {
    // The proof comes late: nobody is left there who could serve anything.
    if (refused && std::exchange(peer->status.silent, false)) changed_ = true;
    return;
  }
  if (refused) {
    drop(*peer, MemberState::dead, "its process is gone: the data port refuses connections", now,
         out);
  } else if (peer->status.reach == Reach::up) {
    suspect(*peer, "its data link broke", now, out);
  }
}

bool Peers::data_up(MemberId id) const {
  const auto found = peers_.find(id);
  return found != peers_.end() && found->second.data_up;
}

void Peers::tick(Instant now, Actions& out) {
  for (auto& [id, peer] : peers_) {
    if (now < peer.due) continue;
    if (peer.status.reach == Reach::pending) {
      suspect(peer, "no data link within " + std::to_string(options_.link_grace.as_ms()) + " ms",
              now, out);
    } else if (peer.status.silent) {
      peer.status.silent = false;
      peer.due = Instant::never();
      changed_ = true;
    } else {
      drop(peer, MemberState::dead,
           "no data link for " + std::to_string(options_.down_grace.as_ms()) + " ms", now, out);
      peer.status.silent = true;
      peer.due = now + options_.silent_grace;
    }
  }
}

Instant Peers::next_deadline() const {
  Instant next = Instant::never();
  for (const auto& [id, peer] : peers_) next = std::min(next, peer.due);
  return next;
}

std::vector<const MemberStatus*> Peers::all() const {
  std::vector<const MemberStatus*> members;
  members.reserve(peers_.size());
  for (const auto& [id, peer] : peers_) members.push_back(&peer.status);
  return members;
}

void Peers::open_data(Peer& peer, Actions& out) {
  peer.data_open = true;
  peer.data_up = false;
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
