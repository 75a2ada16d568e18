#include <algorithm>
#include <utility>

#include "base/hash.h"
#include "base/limits.h"
#include "core/cluster/address.h"
#include "core/cluster/membership.h"
#include "core/cluster/record_check.h"
#include "core/config/hosts.h"

// What members say to each other: who is let in, what is told and what is believed.
namespace distcache::core {
namespace {

// Retries of a refusal that only a new configuration can end.
constexpr int64_t kPatience = 10;

// How far above a newer incarnation of its name a process goes, in microseconds by a usual count.
constexpr uint64_t kOutbidMax = 1 << 16;

// Between two of these, at first and at most so many times doubled: a quarter of an hour.
constexpr Duration kOutbidPause = Duration::seconds(1);
constexpr uint32_t kOutbidDoublings = 10;

// Leaves room in a frame for what the estimate below does not count.
constexpr size_t kToldBytesMax = limits::kMembershipFrameBytesMax / 4 * 3;

// Of larger clusters only so many are told, or a newcomer among a thousand would hear of each of
// them a thousand times.
constexpr size_t kToldFew = 16;
constexpr size_t kToldNext = 4;  // of them, who come next in the circle of ids

bool speaks_our_version(const Member& record, const Member& own) {
  return record.version_min <= own.version_max && own.version_min <= record.version_max;
}

}  // namespace

// ---- who is let in ------------------------------------------------------------------------------

// A record that its own member has just given.
Membership::Verdict Membership::judge(const Member& record) {
  using Kind = Verdict::Kind;
  if (const std::optional<std::string> fault = fault_of(record)) {
    return {Kind::refused, Status::invalid_config, "its record is refused: " + *fault};
  }
  if (!may_speak_to(record)) {
    return {Kind::refused, Status::invalid_config,
            "'" + record.name + "' is at " + format_address(record.membership) + " and " +
                format_address(record.data) +
                ", which is not this machine, while security.plaintext = loopback"};
  }
  if (!speaks_our_version(record, self_)) {
    return {Kind::refused, Status::invalid_config,
            "no common protocol version: " + std::to_string(record.version_min) + " to " +
                std::to_string(record.version_max) + " against " +
                std::to_string(self_.version_min) + " to " + std::to_string(self_.version_max)};
  }
  if (record.id() == self_.id()) {
    if (record.incarnation >= first_incarnation_ && record.incarnation <= self_.incarnation) {
      return {Kind::ourselves, Status::ok, {}};
    }
    return {Kind::refused, Status::duplicate_identity,
            "node.name '" + record.name + "' is taken by a live member"};
  }
  if (is_own(record.membership)) {
    return {Kind::refused, Status::invalid_config,
            "advertise.address of '" + record.name + "' is the address of '" + self_.name + "'"};
  }
  if (const MemberStatus* known = peers_.find(record.id())) return judge_known(*known, record);
  const MemberStatus* neighbour = peers_.at(record.membership, record.id());
  if (neighbour && is_alive(*neighbour) && neighbour->record.incarnation > record.incarnation) {
    return {Kind::refused, Status::duplicate_identity,
            "the address of '" + record.name + "' is that of the live member '" +
                neighbour->record.name + "'"};
  }
  if (!peers_.has_room_for(record.id())) {
    return {Kind::refused, Status::overloaded,
            "peers.max (" + std::to_string(options_.peers_max) + ") live members are known"};
  }
  return {Kind::accepted, Status::ok, {}};
}

Membership::Verdict Membership::judge_known(const MemberStatus& known, const Member& record) {
  using Kind = Verdict::Kind;
  if (known.record.name != record.name) {
    return {Kind::refused, Status::duplicate_identity,
            "the names '" + record.name + "' and '" + known.record.name + "' have one hash"};
  }
  if (record.incarnation == known.record.incarnation) {
    // Its goodbye may overtake what it said before on another link.
    if (known.record.state == MemberState::left) return {Kind::refused, Status::closed, "it left"};
    return {Kind::accepted, Status::ok, {}};
  }
  if (is_alive(known) && !same_place(known.record.membership, record.membership)) {
    return {Kind::refused, Status::duplicate_identity,
            "node.name '" + record.name + "' is taken by a live member at " +
                format_address(known.record.membership)};
  }
  const bool older = record.incarnation < known.record.incarnation;
  return {older ? Kind::outdated : Kind::accepted, Status::ok, {}};
}

bool Membership::may_speak_to(const Member& record) const {
  return !options_.loopback_only ||
         (is_loopback(record.membership.host) && is_loopback(record.data.host));
}

bool Membership::is_alive(const MemberStatus& member) {
  return member.record.state == MemberState::alive && member.reach != Reach::down;
}

void Membership::accept(const Member& record, Instant now, Actions& out) {
  if (const MemberStatus* gone = peers_.at(record.membership, record.id())) {
    const MemberId id = gone->record.id();
    peers_.replace(id, "its address belongs to '" + record.name + "' now", now, out);
    detector_.forget(id);  // at once: the new one may need its room
  }
  const uint64_t joined = peers_.joined();
  peers_.accept(record, now, out);
  const MemberStatus* known = peers_.find(record.id());
  if (joined != peers_.joined() && known->in_view()) tell_others_of(*known);
  // It speaks for itself: nobody has to ask whether it lives.
  if (detector_.suspects(record.id())) acquit(*known, record.revision, now, out);
}

// ---- what is said -------------------------------------------------------------------------------

void Membership::on_hello(RouteTag route, const Message& message, Instant now, Actions& out) {
  const Hello& hello = std::get<Hello>(message.body);
  const Member record = hello.members.empty() ? Member{} : hello.members.front();
  const Verdict verdict =
      hello.label == options_.label
          ? judge(record)
          : Verdict{Verdict::Kind::refused, Status::invalid_config,
                    "cluster.label '" + hello.label + "' is not ours, '" + options_.label + "'"};
  if (verdict.kind == Verdict::Kind::refused) {
    out.emplace_back(Answer{route, Welcome{verdict.status, verdict.message, {}}});
    tell_of_refusal({PeerEvent::Kind::refused, record.id(), record.name, record.incarnation,
                     "we refuse it: " + verdict.message},
                    now, out);
    return;
  }
  on_epoch_heard(message.envelope.epoch);
  if (verdict.kind == Verdict::Kind::ourselves) {
    out.emplace_back(Answer{route, Welcome{Status::ok, {}, {self_}}});
    return;
  }
  defend(hello.members, now, out);
  const MemberStatus* known = peers_.find(record.id());
  const bool outdated = verdict.kind == Verdict::Kind::outdated;
  const bool was_lost =
      known && !known->in_view() && known->record.incarnation == record.incarnation;
  const uint64_t joined = peers_.joined();
  // Few can be as many as all, then it makes no difference.
  const Tell tell = hello.members.size() > 2 + kToldFew ? Tell::all : Tell::few;
  if (!outdated) accept(record, now, out);
  Member about_it = peers_.find(record.id())->record;
  if (outdated || was_lost) about_it.state = MemberState::dead;
  out.emplace_back(Answer{route, Welcome{Status::ok, {}, told_to(record.id(), &about_it, tell)}});
  if (outdated) return;

  if (joined == peers_.joined()) hear_of_loss(hello.members, record.id(), out);
  const Contact* linked = contacts_.of_member(record.id());
  if (linked == nullptr || !linked->up) {
    Contact* contact = reach_out(record.membership, Known::met, now, out);
    if (contact) contact->heard = true;
    if (contact && !peers_.in_view(contact->member)) lead(*contact, record.id(), now);
  }
  hear_members(hello.members, now, out);
}

bool Membership::on_welcome(Contact& contact, const Message& message, Instant now, Actions& out) {
  const Welcome& welcome = std::get<Welcome>(message.body);
  if (welcome.status != Status::ok) {
    // Only this counts against our name: where we refuse them, theirs is the conflict.
    const bool identity = welcome.status == Status::duplicate_identity;
    contact.identity_refusals = identity ? contact.identity_refusals + 1 : 0;
    identity_refused_ = identity_refused_ || identity;
    on_refused(contact, welcome.status, "it refuses us: " + welcome.message, now, out);
    return true;
  }
  if (welcome.members.empty()) return false;
  const Member& record = welcome.members.front();
  const Verdict verdict = judge(record);
  switch (verdict.kind) {
    case Verdict::Kind::refused:
      contact.identity_refusals = 0;
      on_refused(contact, verdict.status, "we refuse it: " + verdict.message, now, out);
      return true;
    case Verdict::Kind::ourselves:
      contact.answer = Contact::Answer::ourselves;
      contacts_.close(contact, out);
      return true;
    case Verdict::Kind::outdated:
      // It learns so from our answer to its own Hello, and raises its incarnation.
      lead(contact, record.id(), now);
      await_welcome(contact, now + options_.join_retry_interval);
      return true;
    case Verdict::Kind::accepted:
      break;
  }
  on_epoch_heard(message.envelope.epoch);
  defend(welcome.members, now, out);
  const uint64_t joined = peers_.joined();
  on_welcomed(contact, welcome, now, out);
  if (joined == peers_.joined()) hear_of_loss(welcome.members, record.id(), out);
  hear_members(welcome.members, now, out);
  return true;
}

void Membership::on_welcomed(Contact& contact, const Welcome& welcome, Instant now, Actions& out) {
  const Member& record = welcome.members.front();
  const MemberId before = contact.member;
  lead(contact, record.id(), now);
  contact.answer = Contact::Answer::welcomed;
  // It says what it knows of us. An answer to an earlier Hello leaves the latest one unanswered.
  contact.hello_pending =
      std::any_of(welcome.members.begin() + 1, welcome.members.end(), [this](const Member& known) {
        return known.name == self_.name && std::pair(known.incarnation, known.revision) <
                                               std::pair(self_.incarnation, self_.revision);
      });
  if (contact.hello_pending) await_welcome(contact, contact.hello_due);
  contact.identity_refusals = 0;
  contact.why.clear();
  const uint64_t joined = peers_.joined();
  accept(record, now, out);
  if (joined != peers_.joined() && joined != contact.told && peers_.live() <= kToldFew) {
    // Others joined since our Hello to it. One of any two has to be told of the other; where not
    // all are told anyway, rumours do it.
    say_hello(contact, now, out);
  }
  if (before != record.id() && peers_.in_view(before) && !contacts_.of_member(before)) {
    // A name that leads to several members: keep a link to this one too.
    reach_out(peers_.find(before)->record.membership, Known::met, now, out);
  }
  keep_one_link(contact, record.membership, out);
}

void Membership::on_refused(Contact& contact, Status status, std::string why, Instant now,
                            Actions& out) {
  const bool news = contact.answer != Contact::Answer::refused || contact.why != why;
  contact.answer = Contact::Answer::refused;
  contact.why = std::move(why);
  const bool hopeless = status == Status::invalid_config;
  await_welcome(contact, now + options_.join_retry_interval * (hopeless ? kPatience : 1));
  if (!news) return;
  tell_of_refusal(
      {PeerEvent::Kind::refused, contact.member, format_address(contact.address), 0, contact.why},
      now, out);
}

void Membership::tell_of_refusal(PeerEvent event, Instant now, Actions& out) {
  const std::optional<uint64_t> left_out = refusals_.tell(hash64(event.name), event.why, now);
  if (!left_out) return;
  if (*left_out > 0) {
    event.why += " (and " + std::to_string(*left_out) + " times since this was last told)";
  }
  out.emplace_back(std::move(event));
}

bool Membership::on_leave(const Message& message, Instant now, Actions& out) {
  const Leave& leave = std::get<Leave>(message.body);
  const MemberId id = hash64(leave.name);
  if (message.envelope.sender != id) return false;
  const MemberStatus* known = peers_.find(id);
  if (known && known->record.incarnation == leave.incarnation) {
    rumours_.forget(id);
    peers_.remove(id, MemberState::left, "it left", now, out);
  }
  return true;
}

// Whoever speaks although it is held dead here is told so, and asked to speak for itself: news of
// its death may never have reached it, and it would stay dead for ever.
void Membership::challenge(const Envelope& from, Instant now, Actions& out) {
  const MemberStatus* known = peers_.find(from.sender);
  if (known == nullptr || known->record.state != MemberState::dead) return;
  if (known->record.incarnation != from.incarnation) return;
  Contact* contact = contacts_.of_member(from.sender);
  if (contact && contact->up && !contact->hello_pending) say_hello(*contact, now, out);
}

// Our own record first, then what is known of the one that is told: whether its latest Hello came
// through, that it was lost here, or that a newer incarnation of it is known. Then who else is in
// the view. Without their keyspaces, since only what a member says of itself counts.
std::vector<Member> Membership::told_to(MemberId to, const Member* about_itself, Tell tell) const {
  std::vector<Member> told{self_};
  size_t bytes = 0;
  const auto add = [&told, &bytes](const Member& record) {
    Member copy = record;
    copy.keyspaces.clear();
    bytes += told_bytes(copy);
    told.push_back(std::move(copy));
  };
  if (about_itself) add(*about_itself);
  for (const MemberStatus* member : worth_telling(tell)) {
    if (bytes > kToldBytesMax || told.size() >= limits::kMembersMax) break;
    if (member->record.id() != to) add(member->record);
  }
  return told;
}

// Each node begins behind itself in the circle of ids: what does not fit is told by others. Of
// many, few are told: the next ones, by whom whoever asks on comes around to everybody, and those
// half, a quarter, an eighth of the way ahead, by whom it does so in a few rounds.
std::vector<const MemberStatus*> Membership::worth_telling(Tell tell) const {
  std::vector<const MemberStatus*> chosen;
  const size_t all = peers_.live();
  const size_t next = tell == Tell::all || all <= kToldFew ? all : kToldNext;
  chosen.reserve(std::max(next, kToldFew));
  MemberId at = self_.id();
  while (chosen.size() < next) {
    chosen.push_back(peers_.after(at));
    at = chosen.back()->record.id();
  }
  if (next == all) return chosen;
  for (uint64_t ahead = uint64_t{1} << 63; ahead != 0 && chosen.size() < kToldFew; ahead /= 2) {
    const MemberStatus* member = peers_.after(self_.id() + ahead - 1);
    const auto next_ones = chosen.begin() + kToldNext;
    if (std::find(chosen.begin(), next_ones, member) != next_ones) break;
    if (std::find(next_ones, chosen.end(), member) == chosen.end()) chosen.push_back(member);
  }
  return chosen;
}

// ---- what is believed ---------------------------------------------------------------------------

// A member holds us dead: our next word is newer than that. Or it knows an incarnation of this node
// that is newer than its own: left by a process before, whose clock was ahead. Nobody else may
// raise either. Members that tell of a newer one have made sure that no other live one has this
// name.
void Membership::defend(std::span<const Member> records, Instant now, Actions& out) {
  for (const Member& record : records.subspan(1)) {
    if (record.name != self_.name) continue;
    if (record.incarnation == self_.incarnation && record.state == MemberState::dead) {
      refute(record.revision, now, out);
    }
    if (record.incarnation > self_.incarnation) outbid(record.incarnation, now, out);
  }
}

// To everybody else that is a restart. Where it is true that a newer one is known it is told until
// it is heard, so nothing is lost by a pause; where it is not, whoever makes it up must not make
// this node restart as often as they like.
void Membership::outbid(uint64_t incarnation, Instant now, Actions& out) {
  if (incarnation > kIncarnationMax - kOutbidMax || now < outbid_from_) return;
  outbid_from_ = now + kOutbidPause * (int64_t{1} << outbids_);
  outbids_ = std::min(outbids_ + 1, kOutbidDoublings);
  // Not just one more: a process of this name before us may have outbid the same one.
  self_.incarnation = incarnation + 1 + mix64(first_incarnation_) % kOutbidMax;
  self_.revision = 1;
  changed_ = true;
  say_hello_to_all(now, out);
}

// What a Hello or a Welcome tells behind the record of its sender.
void Membership::hear_members(std::span<const Member> records, Instant now, Actions& out) {
  const MemberId from = records.front().id();
  std::vector<Rumour> rumours;
  for (const Member& record : records.subspan(1)) {
    if (record.state == MemberState::suspect) rumours.push_back({record, from, false});
  }
  hear_rumours(rumours, now, out);
  hear(records.subspan(1), now, out);
}

// Others are believed in one thing: where to look. Who they name has to speak for itself.
void Membership::hear(std::span<const Member> records, Instant now, Actions& out) {
  for (const Member& record : records) {
    if (record.state == MemberState::dead || record.state == MemberState::left) continue;
    if (record.id() == self_.id() || !usable(record.membership)) continue;
    if (!may_speak_to(record)) continue;
    // Of one that was lost here an older incarnation may be running too, its clock set back.
    const MemberStatus* known = peers_.find(record.id());
    if (known && known->in_view() && known->record.incarnation >= record.incarnation) continue;
    const bool left = known && known->record.state == MemberState::left;
    if (left && known->record.incarnation == record.incarnation) continue;
    Contact* contact = reach_out(record.membership, Known::hearsay, now, out);
    if (contact == nullptr) continue;
    contact->heard = true;
    // Others have it again, and it may not know that it is missed here.
    if (known && contact->up && !contact->hello_pending) say_hello(*contact, now, out);
  }
}

// The member had removed this node, which did not notice: what it did meanwhile went elsewhere.
void Membership::hear_of_loss(std::span<const Member> records, MemberId from, Actions& out) const {
  const MemberStatus* member = peers_.find(from);
  if (member == nullptr || !member->in_view()) return;
  for (const Member& record : records.subspan(1)) {
    if (record.name != self_.name || record.incarnation != self_.incarnation) continue;
    if (record.state != MemberState::dead) continue;
    out.emplace_back(PeerEvent{PeerEvent::Kind::returned, from, member->record.name,
                               member->record.incarnation, "it had lost us"});
    return;
  }
}

}  // namespace distcache::core
