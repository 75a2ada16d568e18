#include <algorithm>
#include <utility>

#include "core/cluster/membership.h"
#include "core/cluster/record_check.h"

// Who is alive: what the failure detector and the rumours become as messages, and what is made of
// those that come.
namespace distcache::core {
namespace {

constexpr uint32_t kPingsLostMax = 2;  // a link that swallows these is made anew

constexpr Duration kGossipInterval = Duration::ms(200);
constexpr size_t kGossipTargets = 3;
constexpr size_t kRumoursMax = 32;  // in one message
constexpr size_t kRumourBytesMax = 8 * 1024;

constexpr uint64_t kRevisionMax = uint64_t{1} << 62;

// Everything is told to one other member this often, so that what rumours missed comes to light.
constexpr Duration kExchangeInterval = Duration::seconds(30);

Rumour word_of(const MemberStatus& known, MemberState state, MemberId accuser, bool refused) {
  Rumour rumour{known.record, accuser, refused};
  rumour.about.keyspaces.clear();
  rumour.about.revision = known.last_word;
  rumour.about.state = state;
  return rumour;
}

}  // namespace

// ---- probes ------------------------------------------------------------------------------------

void Membership::probe(Instant now, Actions& out) {
  FailureDetector::Outcome outcome;
  detector_.tick(now, outcome);
  perform(outcome, now, out);
}

void Membership::perform(const FailureDetector::Outcome& outcome, Instant now, Actions& out) {
  for (const Prober::Probe& probe : outcome.probes) {
    if (probe.to == probe.target) {
      // Where no Ping can be sent the data link, which is watched too, speaks for the member.
      const bool said = say_ping(probe.to, probe.nonce, out);
      if (!said && peers_.find(probe.to)->reach != Reach::down) detector_.withdraw(probe.nonce);
      continue;
    }
    const Contact* contact = contacts_.of_member(probe.to);
    if (contact == nullptr || !contact->up) continue;
    out.emplace_back(
        Say{contact->slot, ProbeRequest{probe.nonce, probe.target, rumours_for(probe.to)}});
  }
  for (const FailureDetector::Answered& answered : outcome.answered) {
    if (answered.alive) {
      out.emplace_back(Answer{answered.route, Pong{answered.nonce, {}}});
    } else {
      out.emplace_back(Answer{answered.route, Decline{answered.nonce}});
    }
  }
  for (const MemberId member : outcome.failed) {
    accuse(member, self_.id(), peers_.data_refused(member), now, out);
  }
  for (const MemberId member : outcome.dead) {
    bury(member, true, "it was suspected and did not speak up", now, out);
  }
}

bool Membership::say_ping(MemberId to, uint64_t nonce, Actions& out) {
  Contact* contact = contacts_.of_member(to);
  const MemberStatus* known = peers_.find(to);
  if (contact == nullptr || !contact->up || known == nullptr) return false;
  // Counted in Pings, not in time: after this process was suspended nobody is to blame.
  if (contact->pings_unanswered >= kPingsLostMax) {
    contacts_.close(*contact, out);
    contacts_.open(*contact, out);
    return false;
  }
  ++contact->pings_unanswered;
  out.emplace_back(Say{contact->slot, Ping{nonce, to, known->record.incarnation, rumours_for(to)}});
  return true;
}

void Membership::on_ping(RouteTag route, const Message& message, Instant now, Actions& out) {
  const Ping& ping = std::get<Ping>(message.body);
  hear_rumours(ping.rumours, now, out);
  if (ping.target != self_.id() || ping.incarnation != self_.incarnation) return;
  out.emplace_back(Answer{route, Pong{ping.nonce, rumours_for(message.envelope.sender)}});
}

void Membership::on_probe_request(RouteTag route, const Message& message, Instant now,
                                  Actions& out) {
  const ProbeRequest& request = std::get<ProbeRequest>(message.body);
  hear_rumours(request.rumours, now, out);
  std::optional<Prober::Probe> probe;
  if (peers_.in_view(request.target)) {
    probe = detector_.probe_for(route, request.nonce, request.target, now);
  }
  if (probe) {
    say_ping(probe->to, probe->nonce, out);
  } else {
    out.emplace_back(Answer{route, Decline{request.nonce}});
  }
}

bool Membership::on_probe_reply(const Contact& contact, const Message& message, Instant now,
                                Actions& out) {
  if (const auto* pong = std::get_if<Pong>(&message.body)) {
    FailureDetector::Outcome outcome;
    detector_.on_ack(pong->nonce, contact.member, outcome);
    perform(outcome, now, out);
    hear_rumours(pong->rumours, now, out);
    return true;
  }
  const auto* decline = std::get_if<Decline>(&message.body);
  if (decline == nullptr) return false;
  detector_.on_decline(decline->nonce, contact.member);
  return true;
}

// ---- suspicion ---------------------------------------------------------------------------------

void Membership::accuse(MemberId member, MemberId accuser, bool refused, Instant now,
                        Actions& out) {
  const MemberStatus* known = peers_.find(member);
  if (known == nullptr || !known->in_view()) return;
  if (accuser != self_.id() && !peers_.in_view(accuser)) return;
  if (!detector_.accuse(member, accuser, refused, now)) return;
  if (accuser != self_.id()) detector_.look_too(member);
  // Each tells its own finding where that says more: it must not be replaced before it was told.
  if (accuser == self_.id() || !peers_.data_refused(member)) {
    rumours_.add(word_of(*known, MemberState::suspect, accuser, refused));
  }
  const MemberStatus* by = peers_.find(accuser);
  const std::string who = by ? "'" + by->record.name + "'" : "us";
  peers_.suspect(member, refused ? "it refuses connections of " + who : "it does not answer " + who,
                 now, out);
  if (detector_.refused_by_all(member)) {
    bury(member, false, "its process is gone: the data port refuses connections", now, out);
  }
}

void Membership::acquit(const MemberStatus& known, uint64_t revision, Instant now, Actions& out) {
  const MemberId member = known.record.id();
  peers_.set_last_word(member, revision);
  detector_.acquit(member);
  tell_others_of(known);
  peers_.acquit(member, now, out);
}

void Membership::bury(MemberId member, bool silent, std::string why, Instant now, Actions& out) {
  const MemberStatus* known = peers_.find(member);
  if (known == nullptr || !known->in_view()) return;
  rumours_.add(word_of(*known, MemberState::dead, self_.id(), !silent));
  peers_.bury(member, std::move(why), silent, now, out);
}

void Membership::tell_others_of(const MemberStatus& member) {
  rumours_.add(word_of(member, MemberState::alive, 0, false));
}

// Somebody thinks that we are dead. One that missed our last word hears it again. No word of this
// incarnation is newer than the highest number, which nobody comes to honestly: a new one begins.
void Membership::refute(uint64_t revision, Instant now, Actions& out) {
  if (revision >= kRevisionMax) {
    outbid(self_.incarnation, now, out);
    return;
  }
  if (revision >= self_.revision) {
    self_.revision = revision + 1;
    detector_.had_to_refute();
  }
  Rumour rumour{self_, 0, false};
  rumour.about.keyspaces.clear();
  rumours_.add(std::move(rumour));
}

// ---- rumours -----------------------------------------------------------------------------------

void Membership::hear_rumours(std::span<const Rumour> rumours, Instant now, Actions& out) {
  for (const Rumour& rumour : rumours) {
    const Member& about = rumour.about;
    if (about.id() == self_.id()) {
      const bool accused = about.state == MemberState::suspect || about.state == MemberState::dead;
      if (accused && about.incarnation == self_.incarnation) refute(about.revision, now, out);
      continue;
    }
    const MemberStatus* known = peers_.find(about.id());
    if (known == nullptr || known->record.incarnation != about.incarnation) {
      hear({&about, 1}, now, out);
    } else if (known->in_view()) {
      hear_rumour(rumour, *known, now, out);
    } else {
      contradict(rumour, *known, now, out);
    }
  }
}

// Of the death of a member that we find well we take only the suspicion: it can still speak up.
void Membership::hear_rumour(const Rumour& rumour, const MemberStatus& known, Instant now,
                             Actions& out) {
  const MemberId member = known.record.id();
  const uint64_t revision = rumour.about.revision;
  if (rumour.about.state == MemberState::alive) {
    if (revision > known.last_word) acquit(known, revision, now, out);
    return;
  }
  if (revision < known.last_word) {
    // Whoever tells it has missed what the member said to that.
    if (!rumours_.tells_of(member)) tell_others_of(known);
    return;
  }
  const bool over = rumour.about.state != MemberState::suspect &&
                    (detector_.suspects(member) || known.reach == Reach::down);
  if (over) {
    bury(member, !rumour.refused, "others found it dead", now, out);
  } else {
    accuse(member, rumour.accuser, rumour.refused, now, out);
  }
}

// Others have a member in their view that is dead here. A word of it that is newer than its death
// is a reason to look. An older one is answered: whoever tells it missed the death, and if it is
// the member itself it has to hear of it, or it would stay dead here for ever.
void Membership::contradict(const Rumour& rumour, const MemberStatus& known, Instant now,
                            Actions& out) {
  const MemberState told = rumour.about.state;
  if (told == MemberState::dead || told == MemberState::left) return;
  if (rumour.about.revision <= known.last_word) {
    rumours_.add(word_of(known, known.record.state, self_.id(), !known.silent));
  }
  if (told == MemberState::alive) hear({&rumour.about, 1}, now, out);
}

// The buddy system of Lifeguard: a suspect is the first to be told.
std::vector<Rumour> Membership::rumours_for(MemberId member) {
  std::vector<Rumour> told;
  const MemberStatus* known = peers_.find(member);
  if (options_.swim.buddy && known && known->record.state == MemberState::suspect) {
    told.push_back(word_of(*known, MemberState::suspect, self_.id(), false));
  }
  std::vector<Rumour> more = rumours_.take(kRumoursMax, kRumourBytesMax, live());
  std::move(more.begin(), more.end(), std::back_inserter(told));
  return told;
}

void Membership::gossip(Instant now, Actions& out) {
  if (!rumours_.empty() && now >= gossip_due_) {
    gossip_due_ = now + kGossipInterval;
    for (const MemberId member : detector_.pick(kGossipTargets)) {
      const Contact* contact = contacts_.of_member(member);
      if (contact == nullptr || !contact->up) continue;
      std::vector<Rumour> rumours = rumours_for(member);
      if (!rumours.empty()) out.emplace_back(Say{contact->slot, Gossip{std::move(rumours)}});
    }
  }
  if (exchange_due_.is_never()) exchange_due_ = now + kExchangeInterval;
  if (now < exchange_due_) return;
  exchange_due_ = now + kExchangeInterval;
  for (const MemberId member : detector_.pick(1)) {
    Contact* contact = contacts_.of_member(member);
    if (contact && contact->up) say_hello(*contact, Tell::all, now, out);
  }
}

}  // namespace distcache::core
