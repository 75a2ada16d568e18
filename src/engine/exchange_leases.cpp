#include "core/mutations.h"
#include "engine/exchange.h"

// What this node has lent to its peers and they to it: recalls, and the answers to them. Each side
// speaks on its own link to the other; nothing is waited for, and what is lost is said again.
namespace distcache::engine {
namespace {

// Some of what was lent is never taken back, however often that is said.
void lose_one_in_a_hundred(core::MemberId to, core::Recall& recall) {
  std::erase_if(recall.items, [to](const core::RecallItem& item) {
    return ((item.sequence + to) * 0x9e3779b97f4a7c15 >> 32) % 100 == 0;
  });
}

}  // namespace

void Exchange::recall(OutgoingRecall recall) {
  core::RecallItem item{0, recall.keyspace, std::move(recall.start.key), recall.start.version};
  recalls_.recall(recall.start.holder, std::move(item), recall.start.flight, recall.start.until);
}

// Whatever a member says tells which of its recalls is the latest.
void Exchange::on_lease_message(const core::Message& message) {
  const core::MemberId from = message.envelope.sender;
  const uint64_t incarnation = message.envelope.incarnation;
  if (!peers_.contains(from)) return;
  if (const auto* recall = std::get_if<core::Recall>(&message.body)) {
    ++counters_.recalls_received;
    if (lenders_.on_recall(from, incarnation, *recall)) node_.drop_lent(from);
    for (const core::RecallItem& item : recall->items) node_.on_recall(from, item);
    return;
  }
  if (lenders_.on_sequence(from, incarnation, message.envelope.invalidation_seq, node_.now())) {
    node_.drop_lent(from);
  }
  if (const auto* recalled = std::get_if<core::Recalled>(&message.body)) {
    for (const auto& ticket : recalls_.on_recalled(from, *recalled, incarnation_)) {
      node_.on_recalled(from, ticket);
    }
  }
}

void Exchange::send_leases() {
  const Instant now = node_.now();
  for (auto& [to, recall] : recalls_.take(now)) {
    ++counters_.recalls_sent;
    if (core::mutated(core::Mutation::lost_recalls)) lose_one_in_a_hundred(to, recall);
    say(to, std::move(recall));
  }
  for (const auto& [to, recalled] : lenders_.take(now)) say(to, recalled);
}

void Exchange::say(core::MemberId to, core::Body body) {
  const auto peer = peers_.find(to);
  if (peer == peers_.end() || !peer->second->up) return;
  const Result<Parts> parts =
      wire::encode({envelope(to), std::move(body)}, node_.seams().allocator);
  if (!parts.ok()) {
    node_.log().warn("exchange", "could not encode a message: " + parts.error().message);
    return;
  }
  ++counters_.frames_sent;
  static_cast<void>(transport_.send(peer->second->link, *parts));
}

}  // namespace distcache::engine
