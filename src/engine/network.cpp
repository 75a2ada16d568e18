#include "engine/network.h"

#include <algorithm>

#include "transport/wire/codec.h"

namespace distcache::engine {
namespace {

// Deadlines, retries and expiry are looked at this often while the node runs.
constexpr Duration kTick = Duration::ms(10);
constexpr Duration kOpenAgain = Duration::seconds(1);
constexpr Duration kRepairTimeout = Duration::seconds(10);  // then it is sent again

}  // namespace

Network::Network(Node& node, Transport& transport, Options options)
    : node_(node),
      transport_(transport),
      on_event_(std::move(options.on_event)),
      label_hash_(hash64(options.membership.label)),
      membership_(std::move(options.membership)),
      exchange_(node, transport, label_hash_, options.heartbeat),
      next_tick_(node.now()) {
  core::Actions none;
  perform(core::ViewChanged{}, none);  // this node alone
}

void Network::discovered(std::span<const core::Address> addresses) {
  core::Actions out;
  membership_.discovered(addresses, node_.now(), out);
  perform(std::move(out));
}

void Network::step(Duration wait) {
  drain_inbox();
  exchange_.flush();
  const Duration until_tick = std::max(next_tick_ - node_.now(), Duration());
  transport_.poll(std::min(wait, until_tick), *this);
  drain_inbox();
  const Instant now = node_.now();
  if (now >= next_tick_) {
    next_tick_ = now + kTick;
    core::Actions out;
    membership_.on_epoch_heard(exchange_.take_epoch_heard());
    membership_.tick(now, out);
    perform(std::move(out));
    open_again(now);
    settle_disagreements(now);
    tell_majorities();
    node_.tick(now);
    node_.majorities().tick(node_.keyspaces(), node_.members(), now);
    exchange_.tick(now);
    for (const core::MemberId member : node_.missed_writes().members()) {
      if (exchange_.up(member)) repair(member, false);
    }
    drain_inbox();
  }
  exchange_.flush();
  publish();
}

Instant Network::next_deadline() const { return next_tick_; }

void Network::leave() {
  core::Actions out;
  membership_.leave(out);
  perform(std::move(out));
  node_.leave();
  exchange_.flush();
}

ClusterState Network::state() const {
  return {settled_.load(std::memory_order_acquire), live_.load(std::memory_order_acquire),
          duplicate_.load(std::memory_order_acquire)};
}

void Network::publish() {
  duplicate_.store(membership_.identity_conflict().has_value(), std::memory_order_release);
  live_.store(static_cast<uint32_t>(membership_.live()), std::memory_order_release);
  settled_.store(membership_.settled(), std::memory_order_release);
}

// Performing one item can put others into the inbox (a call that fails at once is answered by a new
// one to somebody else), so it is emptied in rounds.
void Network::drain_inbox() {
  for (std::vector<InboxItem> items = node_.inbox().take(); !items.empty();
       items = node_.inbox().take()) {
    for (InboxItem& item : items) {
      if (auto* call = std::get_if<OutgoingCall>(&item)) {
        exchange_.call(std::move(*call));
      } else if (auto* reply = std::get_if<OutgoingReply>(&item)) {
        exchange_.reply(std::move(*reply));
      } else if (auto* grant = std::get_if<OutgoingGrant>(&item)) {
        exchange_.grant(std::move(*grant));
      } else if (auto* recall = std::get_if<OutgoingRecall>(&item)) {
        exchange_.recall(std::move(*recall));
      } else if (const auto* found = std::get_if<Discovered>(&item)) {
        discovered(found->addresses);
      } else {
        core::Actions out;
        membership_.set_keyspaces(std::move(std::get<Announcement>(item).keyspaces), node_.now(),
                                  out);
        perform(std::move(out));
      }
    }
  }
}

// -- from the transport ---------------------------------------------------------------------------

std::optional<Parts> Network::encode(core::Body body) const {
  core::Envelope envelope;
  envelope.label_hash = label_hash_;
  envelope.sender = node_.self();
  envelope.incarnation = membership_.self().incarnation;
  envelope.epoch = membership_.epoch();
  Result<Parts> parts = wire::encode({envelope, std::move(body)});
  if (parts.ok()) return std::move(*parts);
  node_.log().warn("membership", "could not encode a message: " + parts.error().message);
  return std::nullopt;
}

std::optional<core::Message> Network::decode(const Parts& parts) {
  Result<core::Message> message = wire::decode(parts, wire::DecodeLimits::membership_plane());
  if (!message.ok()) {
    ++malformed_;
    node_.log().debug("membership", "dropped a message: " + message.error().message);
    return std::nullopt;
  }
  membership_.on_epoch_heard(message->envelope.epoch);
  return std::move(*message);
}

void Network::on_request(Plane plane, RouteId route, Parts parts) {
  if (plane == Plane::data) return exchange_.on_request(route, parts);
  const std::optional<core::Message> message = decode(parts);
  if (!message) return;
  core::Actions out;
  if (!membership_.on_request(route, *message, node_.now(), out)) ++malformed_;
  perform(std::move(out));
}

void Network::on_reply(LinkId link, Parts parts) {
  if (exchange_.owns(link)) return exchange_.on_reply(link, parts);
  const auto slot = slots_.find(link);
  if (slot == slots_.end()) return;
  const std::optional<core::Message> message = decode(parts);
  if (!message) return;
  core::Actions out;
  if (!membership_.on_reply(slot->second, *message, node_.now(), out)) ++malformed_;
  perform(std::move(out));
}

void Network::on_link_up(LinkId link) {
  core::Actions out;
  if (exchange_.owns(link)) {
    exchange_.on_link_up(link);
    membership_.on_data_up(exchange_.member_of(link), node_.now(), out);
  } else if (const auto slot = slots_.find(link); slot != slots_.end()) {
    membership_.on_link_up(slot->second, node_.now(), out);
  }
  perform(std::move(out));
}

// Membership hears of it first, so that what was in flight on the link looks for its next target
// in a view that knows.
void Network::on_link_down(LinkId link, bool refused) {
  core::Actions out;
  if (exchange_.owns(link)) {
    membership_.on_data_down(exchange_.member_of(link), refused, node_.now(), out);
    perform(std::move(out));
    exchange_.on_link_down(link);
  } else if (const auto slot = slots_.find(link); slot != slots_.end()) {
    membership_.on_link_down(slot->second, refused, node_.now(), out);
    perform(std::move(out));
  }
}

// -- what membership wants ------------------------------------------------------------------------

void Network::perform(core::Actions actions) {
  while (!actions.empty()) {
    core::Actions more;
    for (const core::Action& action : actions) {
      std::visit([this, &more](const auto& wanted) { perform(wanted, more); }, action);
    }
    actions = std::move(more);
  }
}

void Network::perform(const core::OpenMembership& action, core::Actions& out) {
  if (open(action.slot, action.address)) return;
  const Instant now = node_.now();
  unopened_[action.slot] = {action.address, now + kOpenAgain};
  membership_.on_link_down(action.slot, true, now, out);
}

bool Network::open(core::PeerSlot slot, const core::Address& address) {
  const Result<LinkId> link = transport_.connect(Plane::membership, address.host, address.port);
  if (!link.ok()) {
    node_.log().warn("membership", "cannot connect: " + link.error().message);
    return false;
  }
  links_[slot] = *link;
  slots_[*link] = slot;
  return true;
}

void Network::open_again(Instant now) {
  for (auto at = unopened_.begin(); at != unopened_.end();) {
    if (now < at->second.again) {
      ++at;
    } else if (open(at->first, at->second.address)) {
      at = unopened_.erase(at);
    } else {
      at++->second.again = now + kOpenAgain;
    }
  }
}

void Network::perform(const core::CloseMembership& action, core::Actions&) {
  unopened_.erase(action.slot);
  const auto link = links_.find(action.slot);
  if (link == links_.end()) return;
  transport_.disconnect(link->second);
  slots_.erase(link->second);
  links_.erase(link);
}

void Network::perform(const core::Say& action, core::Actions&) {
  const auto link = links_.find(action.slot);
  if (link == links_.end()) return;
  if (std::optional<Parts> parts = encode(action.body)) {
    transport_.send(link->second, std::move(*parts));
  }
}

void Network::perform(const core::Answer& action, core::Actions&) {
  if (std::optional<Parts> parts = encode(action.body)) {
    transport_.reply(Plane::membership, action.route, std::move(*parts));
  }
}

void Network::perform(const core::OpenData& action, core::Actions&) {
  exchange_.open(action.member, action.address);
}

void Network::perform(const core::CloseData& action, core::Actions&) {
  exchange_.close(action.member);
}

void Network::perform(const core::ViewChanged&, core::Actions&) {
  exchange_.set_identity(membership_.self().incarnation, membership_.epoch());
  Members members = membership_.members();
  std::set<core::MemberId> may_return;
  for (const core::MemberStatus& member : members) {
    if (member.in_view() || member.silent) may_return.insert(member.record.id());
  }
  node_.missed_writes().keep_only(may_return);
  node_.set_members(std::move(members), membership_.epoch());
}

void Network::perform(const core::PeerEvent& action, core::Actions&) {
  using Kind = core::PeerEvent::Kind;
  if (action.kind == Kind::recovered || action.kind == Kind::returned) {
    repair(action.member, action.forgotten);
  }
  if (action.kind == Kind::joined) {
    // A process never met before holds nothing, or what it gathered on its own, apart from us.
    static_cast<void>(node_.missed_writes().take(action.member));
    if (node_.has_written()) repair(action.member, true);
  }
  if (on_event_) on_event_(action);
}

// Whom discovery lists. Where a member was met that is gone, another process may run by now that
// this node has yet to meet.
void Network::tell_majorities() {
  if (!membership_.settled()) return;
  std::vector<std::string> strangers;
  std::set<core::MemberId> listed;
  for (const auto& [where, contact] : membership_.contacts()) {
    if (!contact.listed) continue;
    if (contact.member != 0) listed.insert(contact.member);
    const bool seen = contact.idle_since.is_never();
    if (!seen && contact.answer != core::Contact::Answer::ourselves) {
      strangers.push_back(where.first + ":" + std::to_string(where.second));
    }
  }
  node_.majorities().discovered(std::move(strangers), std::move(listed));
}

// Members that have another ring than this node.
void Network::settle_disagreements(Instant now) {
  const Disagreements::Due due = node_.disagreements().take(now);
  core::Actions out;
  for (const core::MemberId member : due.compare) membership_.compare_notes(member, now, out);
  perform(std::move(out));
  for (const core::MemberId member : due.tell) {
    node_.log().warn("membership", "member '" + name_of(member) +
                                       "' goes on to see another ring than this node: notes are "
                                       "compared until they agree");
  }
  for (const core::MemberId member : due.settled) {
    node_.log().info("membership",
                     "member '" + name_of(member) + "' sees the same ring as this node again");
  }
}

std::string Network::name_of(core::MemberId member) const {
  const std::shared_ptr<const Members> members = node_.members();
  for (const core::MemberStatus& known : *members) {
    if (known.record.id() == member) return known.record.name;
  }
  return "unknown";
}

// The member is the same process as before and may hold what was changed without it.
void Network::repair(core::MemberId member, bool forgotten) {
  MissedWrites::Missed missed = node_.missed_writes().take(member);
  if (forgotten) missed = {{}, true};
  const auto tell = [this, member](core::CallKind kind, core::KeyspaceId keyspace,
                                   const std::string& key) {
    OutgoingCall call;
    call.ticket.keyspace = node_.find(keyspace);
    if (!call.ticket.keyspace) return;
    call.to = member;
    call.deadline = node_.now() + kRepairTimeout;
    call.call.kind = kind;
    call.call.flags = core::kCallRepair;
    call.call.keyspace = keyspace;
    call.call.key = key;
    exchange_.call(std::move(call));
  };
  for (const auto& [keyspace, key] : missed.keys) tell(core::CallKind::remove, keyspace, key);
  if (!missed.everything) return;
  for (const KeyspacePtr& keyspace : node_.keyspaces()) {
    tell(core::CallKind::clear, keyspace->id(), {});
  }
}

}  // namespace distcache::engine
