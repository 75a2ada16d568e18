#include "core/cluster/membership.h"

#include <algorithm>
#include <utility>

#include "base/hash.h"
#include "core/cluster/record_check.h"

// Links, discovery and time. What members say to each other is in membership_talk.cpp.
namespace distcache::core {
namespace {

constexpr uint32_t kIdentityRefusalsMax = 4;  // some seconds: a crashed namesake is noticed by then
constexpr Duration kHearsayPatience = Duration::seconds(60);
constexpr uint64_t kEpochMax = uint64_t{1} << 62;  // beyond any honest one: would wrap

}  // namespace

Membership::Membership(MembershipOptions options)
    : options_(std::move(options)),
      self_(options_.self),
      first_incarnation_(self_.incarnation),
      label_hash_(hash64(options_.label)),
      contacts_(options_.peers_max),
      peers_({options_.peers_max, options_.link_grace}),
      detector_(options_.swim, mix64(self_.id() ^ self_.incarnation), options_.nonce_seed),
      rumours_(options_.swim) {
  self_.state = MemberState::alive;
}

void Membership::discovered(std::span<const Address> addresses, Instant now, Actions& out) {
  if (left_) return;
  if (!asked_) {
    asked_ = true;
    listed_until_ = now + options_.link_grace;
    attempts_until_ = now + options_.join_retry_interval * options_.join_attempts_max;
  }
  for (auto& [where, contact] : contacts_) contact.listed = false;
  for (const Address& address : addresses) {
    if (Contact* contact = contacts_.find(address)) contact->listed = true;
  }
  drop_silent_contacts(now, out);  // first: they leave room
  for (const Address& address : addresses) {
    if (!usable(address)) continue;
    Contact* contact = reach_out(address, Known::listed, now, out);
    if (contact) contact->listed = true;
  }
  finish(now, out);
}

// No longer listed, and nobody ever answered there. What members told may be late: it is tried for
// a while, and is told again if it is true.
void Membership::drop_silent_contacts(Instant now, Actions& out) {
  std::vector<Contact*> gone;
  for (auto& [where, contact] : contacts_) {
    // Of one that is gone: no longer kept, or tried again.
    const bool idle = !contact.listed || contact.slot == 0;
    if (idle && contact.member != 0) moved_.push_back(contact.member);
    if (contact.listed || contact.member != 0) continue;
    const bool tried = !contact.up && now - contact.idle_since >= kHearsayPatience;
    if (!contact.heard || tried) gone.push_back(&contact);
  }
  for (Contact* contact : gone) {
    contacts_.close(*contact, out);
    contacts_.erase(*contact);
  }
}

// The contact at an address, made if there is room. A member that has been met (it spoke to us)
// displaces whatever leads nowhere; a listed address what is not listed; hearsay none but those of
// members that were lost, or whoever tells of many could keep everybody else out.
Contact* Membership::reach_out(const Address& address, Known how, Instant now, Actions& out) {
  if (Contact* known = contacts_.find(address)) return known;
  if (is_own(address)) return nullptr;
  if (contacts_.full()) {
    Contact* worst = worst_contact(how);
    if (worst == nullptr) return nullptr;
    contacts_.close(*worst, out);
    contacts_.erase(*worst);
  }
  Contact* contact = contacts_.add(address, now);
  if (contact) contacts_.open(*contact, out);
  return contact;
}

Contact* Membership::worst_contact(Known how) {
  Contact* worst = nullptr;
  for (auto& [where, contact] : contacts_) {
    if (contact.up || peers_.in_view(contact.member)) continue;
    if (how != Known::met && contact.listed) continue;
    if (how == Known::hearsay && contact.member == 0) continue;
    if (worst == nullptr || std::pair(contact.listed, contact.idle_since) <
                                std::pair(worst->listed, worst->idle_since)) {
      worst = &contact;
    }
  }
  return worst;
}

bool Membership::is_own(const Address& address) const {
  return same_place(address, self_.membership);
}

void Membership::on_link_up(PeerSlot slot, Instant now, Actions& out) {
  Contact* contact = contacts_.find(slot);
  if (left_ || contact == nullptr) return;
  contact->up = true;
  contact->link_refused = false;
  contact->pings_unanswered = 0;
  say_hello(*contact, now, out);
  finish(now, out);
}

void Membership::on_link_down(PeerSlot slot, bool refused, Instant now, Actions& out) {
  Contact* contact = contacts_.find(slot);
  if (left_ || contact == nullptr) return;
  if (std::exchange(contact->up, false)) detector_.doubt(contact->member);
  contact->link_refused = contact->link_refused || refused;
  finish(now, out);
}

bool Membership::on_request(RouteTag route, const Message& message, Instant now, Actions& out) {
  if (left_) return true;
  // Else it is meant for a member of another cluster, whose address is ours now.
  const bool is_hello = std::holds_alternative<Hello>(message.body);
  const bool is_for_us = is_hello || message.envelope.label_hash == label_hash_;
  const bool expected = is_for_us && take_request(route, message, now, out);
  if (expected) challenge(message.envelope, now, out);
  finish(now, out);
  return expected;
}

bool Membership::take_request(RouteTag route, const Message& message, Instant now, Actions& out) {
  if (std::holds_alternative<Leave>(message.body)) return on_leave(message, now, out);
  if (std::holds_alternative<Hello>(message.body)) {
    on_hello(route, message, now, out);
  } else if (std::holds_alternative<Ping>(message.body)) {
    on_ping(route, message, now, out);
  } else if (std::holds_alternative<ProbeRequest>(message.body)) {
    on_probe_request(route, message, now, out);
  } else if (const auto* gossip = std::get_if<Gossip>(&message.body)) {
    hear_rumours(gossip->rumours, now, out);
  } else {
    return false;
  }
  return true;
}

bool Membership::on_reply(PeerSlot slot, const Message& message, Instant now, Actions& out) {
  Contact* contact = contacts_.find(slot);
  // What was under way when the link went down or was closed is stale: Hello is said anew.
  if (left_ || contact == nullptr || !contact->up) return true;
  contact->pings_unanswered = 0;
  bool expected = true;
  if (std::holds_alternative<Welcome>(message.body)) {
    expected = on_welcome(*contact, message, now, out);
  } else {
    expected = on_probe_reply(*contact, message, now, out);
  }
  finish(now, out);
  return expected;
}

void Membership::on_data_up(MemberId member, Instant now, Actions& out) {
  if (left_) return;
  peers_.on_data_up(member, now, out);
  const MemberStatus* status = peers_.find(member);
  if (status && status->record.state == MemberState::dead) {
    // The way is there again. Its next word brings it back, so ask for one.
    Contact* contact = contacts_.of_member(member);
    if (contact && contact->up) say_hello(*contact, now, out);
  }
  finish(now, out);
}

void Membership::on_data_down(MemberId member, bool refused, Instant now, Actions& out) {
  if (left_) return;
  // Once per outage: if it speaks up against that, something is between us, and probes through
  // others decide.
  if (peers_.on_data_down(member, refused, now, out)) {
    accuse(member, self_.id(), true, now, out);
  } else {
    detector_.doubt(member);
  }
  finish(now, out);
}

void Membership::set_keyspaces(std::vector<MemberKeyspace> keyspaces, Instant now, Actions& out) {
  if (left_) return;
  self_.keyspaces = std::move(keyspaces);
  ++self_.revision;
  changed_ = true;
  say_hello_to_all(now, out);
  finish(now, out);
}

void Membership::compare_notes(MemberId member, Instant now, Actions& out) {
  Contact* contact = contacts_.of_member(member);
  if (left_ || contact == nullptr || !contact->up) return;
  say_hello(*contact, Tell::all, now, out);
}

void Membership::leave(Actions& out) {
  if (std::exchange(left_, true)) return;
  self_.state = MemberState::left;
  for (auto& [where, contact] : contacts_) {
    if (contact.up) out.emplace_back(Say{contact.slot, Leave{self_.name, self_.incarnation}});
  }
}

void Membership::tick(Instant now, Actions& out) {
  if (left_) return;
  say_hellos_due(now, out);
  peers_.tick(now, out);
  probe(now, out);
  gossip(now, out);
  finish(now, out);
}

// Of several addresses that lead to one member, the one it gives itself is kept up, else the one
// that was there first. Listed addresses and its own are remembered without a link: they are tried
// again once the member is lost.
void Membership::keep_one_link(Contact& contact, const Address& own, Actions& out) {
  std::vector<Contact*> others;
  for (Contact* other : contacts_.all_of(contact.member)) {
    if (other == &contact) continue;
    const bool works = other->up && other->answer == Contact::Answer::welcomed;
    if (works && (same_place(other->address, own) || !same_place(contact.address, own))) {
      contacts_.close(contact, out);
      return;
    }
    others.push_back(other);
  }
  for (Contact* other : others) {
    contacts_.close(*other, out);
    other->answer = Contact::Answer::welcomed;
    if (!other->listed && !same_place(other->address, own)) contacts_.erase(*other);
  }
}

Instant Membership::next_deadline() const {
  if (left_) return Instant::never();
  Instant next =
      std::min({peers_.next_deadline(), detector_.next_deadline(), exchange_due_, hellos_due_});
  if (!rumours_.empty()) next = std::min(next, gossip_due_);
  if (!settled_) next = std::min(next, listed_waited_ ? attempts_until_ : listed_until_);
  return next;
}

void Membership::say_hello(Contact& contact, Tell tell, Instant now, Actions& out) {
  await_welcome(contact, now + options_.join_retry_interval);
  contact.told = peers_.joined();
  const MemberStatus* known = peers_.find(contact.member);
  const Member* lost = known && !known->in_view() ? &known->record : nullptr;
  out.emplace_back(Say{contact.slot, Hello{options_.label, told_to(contact.member, lost, tell)}});
}

void Membership::await_welcome(Contact& contact, Instant due) {
  contact.hello_pending = true;
  contact.hello_due = due;
  hellos_due_ = std::min(hellos_due_, due);
}

void Membership::say_hellos_due(Instant now, Actions& out) {
  if (now < hellos_due_) return;
  hellos_due_ = Instant::never();
  for (auto& [where, contact] : contacts_) {
    if (!contact.up || !contact.hello_pending) continue;
    if (now >= contact.hello_due) say_hello(contact, now, out);
    hellos_due_ = std::min(hellos_due_, contact.hello_due);
  }
}

void Membership::say_hello_to_all(Instant now, Actions& out) {
  for (auto& [where, contact] : contacts_) {
    if (contact.up) say_hello(contact, now, out);
  }
}

void Membership::on_epoch_heard(uint64_t epoch) {
  if (epoch <= kEpochMax) epoch_ = std::max(epoch_, epoch);
}

void Membership::lead(Contact& contact, MemberId member, Instant now) {
  contacts_.lead(contact, member);
  if (peers_.in_view(member)) {
    contact.idle_since = Instant::never();
  } else if (contact.idle_since.is_never()) {
    contact.idle_since = now;
  }
}

// Of whoever entered or left the view or was forgotten: whether it is watched, and what becomes of
// its contacts.
void Membership::follow_moves(Instant now, Actions& out) {
  for (const MemberId member : peers_.take_moved()) {
    if (peers_.in_view(member)) {
      detector_.watch(member);
    } else {
      detector_.forget(member);
    }
    moved_.push_back(member);
  }
  for (const MemberId member : std::exchange(moved_, {})) sweep_contacts_of(member, now, out);
}

// Contacts follow the member they lead to: one that shared its member with another gets its link
// back when that member is lost, since somebody else may listen there by now.
void Membership::sweep_contacts_of(MemberId member, Instant now, Actions& out) {
  const bool in_view = peers_.in_view(member);
  const MemberStatus* status = peers_.find(member);
  const bool over = status == nullptr || status->record.state == MemberState::left;
  for (Contact* contact : std::vector<Contact*>(contacts_.all_of(member))) {
    if (in_view) {
      contact->idle_since = Instant::never();
      continue;
    }
    if (contact->idle_since.is_never()) contact->idle_since = now;
    if (over && !contact->listed) {
      contacts_.close(*contact, out);
      contacts_.erase(*contact);
    } else if (contact->slot == 0) {
      contacts_.open(*contact, out);
    }
  }
}

bool Membership::has_answered(const Contact& contact) {
  if (contact.answer == Contact::Answer::welcomed) return true;
  return contact.answer == Contact::Answer::refused &&
         (contact.identity_refusals == 0 || contact.identity_refusals >= kIdentityRefusalsMax);
}

bool Membership::is_awaited(const Contact& contact) const {
  if (contact.answer == Contact::Answer::ourselves || has_answered(contact)) return false;
  return !contact.link_refused && (contact.heard || !listed_waited_);
}

bool Membership::joined_up(Instant now) {
  if (!asked_) return false;
  if (now >= attempts_until_) return true;
  listed_waited_ = listed_waited_ || now >= listed_until_;
  const Contact* before = contacts_.find(awaited_);
  if (before && is_awaited(*before)) return false;
  bool nobody = true, answered = false;
  for (const auto& [where, contact] : contacts_) {
    if (is_awaited(contact)) {
      awaited_ = contact.slot;
      return false;
    }
    if (contact.answer == Contact::Answer::ourselves) continue;
    nobody = false;
    answered = answered || has_answered(contact);
  }
  return nobody || answered;
}

std::optional<Error> Membership::identity_conflict() const {
  if (!identity_refused_) return std::nullopt;  // asked often, and hardly ever the case
  for (const auto& [where, contact] : contacts_) {
    if (contact.identity_refusals < kIdentityRefusalsMax) continue;
    return Error{Status::duplicate_identity, contact.why};
  }
  return std::nullopt;
}

std::vector<MemberStatus> Membership::members() const {
  const MemberStatus own{self_, Reach::up, {}, {}, true};
  std::vector<const MemberStatus*> all = peers_.all();
  all.insert(std::find_if(all.begin(), all.end(),
                          [&own](const MemberStatus* member) {
                            return member->record.id() > own.record.id();
                          }),
             &own);
  std::vector<MemberStatus> copies;
  copies.reserve(all.size());
  for (const MemberStatus* member : all) copies.push_back(*member);
  return copies;
}

// Ends every input.
void Membership::finish(Instant now, Actions& out) {
  if (peers_.take_changed()) changed_ = true;
  follow_moves(now, out);
  settled_ = settled_ || joined_up(now);
  if (!std::exchange(changed_, false)) return;
  ++epoch_;
  out.emplace_back(ViewChanged{});
}

}  // namespace distcache::core
