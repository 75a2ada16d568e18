#include "judge.h"

#include <algorithm>

#include "loads.h"

namespace distcache::sim {
namespace {

// mirror.lease.ms: how long the promises let others than the owner keep what they have.
constexpr Duration kLease = Duration::seconds(1);
constexpr Duration kLate = Duration::ms(50);  // and how much later it may be
// A call that is lost, and with it what it tells, is given up after 2.5 s, and made again.
constexpr Duration kToldAgain = Duration::seconds(3);
// Or the first one comes yet, after as long as paths are slow and processes stopped.
constexpr Duration kComesTwice = Duration::seconds(10);
constexpr Duration kSlowTurn = Duration::ms(400);  // the longest that a slow node takes for one

// What a refresh has done: NOT_FOUND is what the source has said. One that has ended early may go
// on at the owner.
Status refreshed(Status status) {
  const bool may_go_on = status == Status::timed_out || status == Status::closed;
  return status == Status::not_found ? Status::ok : may_go_on ? Status::unknown : status;
}

}  // namespace

// -- I6: loads at once ----------------------------------------------------------------------------

bool Judge::over(const Load& load) const {
  return load.answered.order != UINT64_MAX || load.process_died ||
         load.deadline <= clocks_.of(load.process).now() || passed_on(load);
}

// A granted load may have gone to the next caller: its lease is over, or its holder was given up.
bool Judge::passed_on(const Load& load) const {
  if (!load.granted) return false;
  const Duration early = plan_.way() + (load.lease_until - load.began.at) / 20;
  return load.lease_until - early <= clock_.now() ||
         load.deadline - early <= clocks_.of(load.process).now() ||
         watch_.way_was_lost(load.process, load.began.at - early);
}

// What a caller has loaded is an entry when it has come to the owner. Each of the two may be slow,
// and wait for its next turn.
Instant Judge::stored_by(const Load& load) const {
  if (!load.granted) return load.answered.at;
  const Duration turns = plan_.faults.slow_nodes ? kSlowTurn * 2 : Duration();
  return load.answered.at + (calls_may_fail(load.answered.at) ? kComesTwice : plan_.way() + turns);
}

// Where no majority confirms the owner what an older load brings may not be served for long (P2),
// so nobody new waits for one that began a lease before: while the source is slower than a lease
// there are as many at once as leases.
bool Judge::is_retired(const Load& older, const Load& load) const {
  const Duration lease = plan_.keyspaces[load.key.keyspace].config.mirror_lease;
  return is_bounded(load.key) &&
         (plan_.faults.clock_jumps || older.asked + lease / 100 * 98 <= load.asked);
}

void Judge::load_began(const Load& load) {
  const History::OfKey& of = history_.of(load.key);
  uint32_t at_once = 1, excused = 0;
  for (const Load* other : of.loads) {
    if (other == &load || over(*other) || watch_.is_paused(other->process)) continue;
    // Nobody asks a leaver, whose last calls end as they can.
    if (watch_.is_leaving(load.process) || watch_.is_leaving(other->process)) continue;
    // A put or delete in between has poisoned the older one: nobody new waits for it.
    const Instant since = std::min(other->asked, load.asked);
    const bool fenced =
        std::any_of(of.writes.begin(), of.writes.end(), [since](const Write* write) {
          return write->returned.at >= since || (write->may_be_applied() && !write->is_settled());
        });
    if (fenced) continue;
    ++at_once;
    // What is too large to be sent is loaded by everybody.
    if (plan_.faults.oversize && load.key.key == 0) continue;
    if (!agreed(load.key, since)) continue;
    if (is_retired(*other, load)) continue;
    // A reader looked elsewhere, before its call arrived there and made the load begin; or the
    // caller that was to load had others to run before, for longer than its owner waits.
    const Faults& faults = plan_.faults;
    const bool came_late =
        load.granted && (faults.slow_source || faults.hung_source || !faults.calm());
    if (excused == 0 &&
        (came_late || calls_may_fail(since - plan_.path.delay_max - plan_.path.tail_max))) {
      ++excused;
      continue;
    }
    report_.violate("I6", text("load %lu of %s at process %u began while load %lu at process %u "
                               "was running, though all agree about the owner:%s",
                               load.id, key_text(load.key).c_str(), load.process, other->id,
                               other->process, watch_.describe(load.key).c_str()));
  }
  if (at_once > 1) report_.count("loads at once", at_once == 2 ? "2" : at_once == 3 ? "3" : "more");
}

// -- answers --------------------------------------------------------------------------------------

void Judge::item_done(const Call& call, size_t item, const Caller& caller,
                      const core::Outcome& outcome) {
  static constexpr const char* kNames[] = {"get", "peek", "put", "remove", "refresh"};
  const KeyId key = call.keys[item];
  report_.count(kNames[static_cast<size_t>(call.kind)],
                caller.died ? "caller died" : status_name(outcome.status));
  report_.mix(call.id << 8 | static_cast<uint64_t>(outcome.status));
  report_.mix(hash64(outcome.value.view().substr(0, ValueTag::kBytes)));
  if (report_.tells()) {
    const auto tag = read_value(outcome.value.view());
    report_.tell("process %u: %s %s (call %lu) answers %s %s %lu %s", call.process,
                 kNames[static_cast<size_t>(call.kind)], key_text(key).c_str(), call.id,
                 std::string(status_name(outcome.status)).c_str(),
                 !tag                                ? ""
                 : tag->kind == ValueTag::Kind::load ? "load"
                                                     : "put",
                 tag ? tag->id : 0, outcome.message.c_str());
  }
  if (call.writes_something()) write_done(*call.writes[item], caller, outcome);
  if (caller.died) return;
  if (!status_allowed(plan_, call, caller, item, outcome.status) && !unheard(call, outcome) &&
      !hurried(call, outcome)) {
    report_.violate(
        call.all_is_well ? "I10 after the faults" : "I10",
        text("process %u: %s %s (call %lu) answers %s '%s'", call.process,
             kNames[static_cast<size_t>(call.kind)], key_text(key).c_str(), call.id,
             std::string(status_name(outcome.status)).c_str(), outcome.message.c_str()));
  }
  if (call.kind == Call::Kind::put || call.kind == Call::Kind::remove) return;
  if (call.kind == Call::Kind::refresh) is_new(call, key, outcome);
  if (call.brings_loader) {
    report_.count("get_with", status_name(outcome.status));
    if (outcome.status == Status::timed_out) not_left_waiting(call, key);
  }
  const bool capped = is_bounded(key) && !caller.lately && outcome.origin == core::Origin::local;
  const Read read{call, key, history_.moment(), outcome.origin == core::Origin::mirror, capped};
  if (read.mirror) {
    report_.count("from mirrors", "read");
    mirrored_[key] = clock_.now();
  }
  conditions_.seen(key, outcome);
  if (outcome.status == Status::ok) value_read(read, outcome.value.view());
  if (outcome.status == Status::not_found) absence_read(read);
}

// A refresh gives what a load brought that began after it.
void Judge::is_new(const Call& call, KeyId key, const core::Outcome& outcome) {
  if (outcome.status != Status::ok) return;
  const std::optional<ValueTag> tag = read_value(outcome.value.view());
  if (!tag) return;  // value_read() says so
  const Load* load = tag->kind == ValueTag::Kind::load ? history_.load(tag->id) : nullptr;
  if (load != nullptr && !load->began.before(call.began)) return;
  report_.violate("I5",
                  text("process %u: refresh %s (call %lu) gives a value that was there before",
                       call.process, key_text(key).c_str(), call.id));
}

// I12: a caller that brings a loader is not left waiting for another one that is late or gone.
void Judge::not_left_waiting(const Call& call, KeyId key) {
  const Faults& faults = plan_.faults;
  // A process that was not there, or calls that found no room, say nothing.
  if (faults.loss || faults.cuts() || faults.slow_nodes || faults.clock_jumps) return;
  if (faults.tight_limits || (faults.oversize && key.key == 0)) return;
  if (!agreed(key, call.began.at) || watch_.was_unheard(call.process, call.began.at)) return;
  const Duration fetch_timeout = plan_.keyspaces[key.keyspace].config.fetch_timeout;
  const Duration slack = (plan_.way() + fetch_timeout / 50) * 2;
  const Instant now = clock_.now();
  if (call.began.at + fetch_timeout / 2 + slack > now) return;
  for (const Load* load : history_.of(key).loads) {
    // It had its turn; or another one has, for all that the owner knows.
    const bool own = load->process == call.process && load->began.at >= call.began.at;
    const Duration lease = load->granted ? fetch_timeout / 2 : fetch_timeout;
    if (own || load->began.at + lease + slack > now) return;
  }
  report_.violate("I12", text("process %u brings a loader for %s (call %lu) and waits in vain: "
                              "no load began for half of fetch.timeout.ms",
                              call.process, key_text(key).c_str(), call.id));
}

bool Judge::unheard(const Call& call, const core::Outcome& outcome) const {
  // Whoever has no source has nobody else to ask.
  if (call.kind == Call::Kind::get && outcome.status == Status::peer_unreachable) {
    return watch_.was_unheard(call.process, call.began.at);
  }
  if (outcome.status != Status::partial) return false;
  return std::all_of(outcome.unconfirmed.begin(), outcome.unconfirmed.end(),
                     [&](const std::string& name) {
                       return watch_.member_was_unheard(hash64(name), call.began.at);
                     });
}

// An owner leaves an eighth of the writer's time for the way back, by a clock of its own.
bool Judge::hurried(const Call& call, const core::Outcome& outcome) const {
  return outcome.status == Status::partial && !call.all_is_well &&
         (plan_.faults.short_timeouts || plan_.faults.slow_paths) &&
         clock_.now() - call.began.at >= call.timeout / 100 * 85;
}

void Judge::value_read(const Read& read, Bytes value) {
  const std::optional<ValueTag> tag = read_value(value);
  if (!tag || tag->key != read.key) {
    report_.violate("I2", text("%s: %zu bytes that nobody wrote for it", key_text(read.key).c_str(),
                               value.size()));
    return;
  }
  never_back(read, *tag);
  tag->kind == ValueTag::Kind::load ? load_read(read, *tag) : put_read(read, *tag);
}

// What a load brings that a write may have fenced is for those who waited for it, and may be newer
// than what is stored: the write that it has seen already has yet to come. A granted load begins
// anew with its next holder, and what has fenced it may lie before: not before who waited for it.
bool Judge::is_entry(const Read& read, const ValueTag& tag) {
  if (tag.kind == ValueTag::Kind::put) return true;
  const Load* load = history_.load(tag.id);
  if (load == nullptr) return false;
  const bool waited = load->granted && read.call.began.before(load->began);
  const Moment since = waited ? read.call.began : load->began;
  const std::vector<Write*>& writes = history_.of(read.key).writes;
  return std::none_of(writes.begin(), writes.end(), [load, since](const Write* write) {
    return write->invoked.before(load->answered) && !write->returned.before(since);
  });
}

// P3. Of two puts at once either may be the last one; what is loaded is never older than what the
// same process has read before.
void Judge::never_back(const Read& read, const ValueTag& tag) {
  auto& newest = newest_[{read.call.process, read.key}];
  uint64_t before = 0;
  for (const auto& [ended, content] : newest) {
    if (ended < read.call.began.order) before = content;
  }
  if ((newest.empty() || newest.back().second < tag.content) && is_entry(read, tag)) {
    newest.emplace_back(read.ended.order, tag.content);
  }
  if (tag.content >= before || tag.kind != ValueTag::Kind::load) return;
  const Faults& faults = plan_.faults;
  if (!faults.calm()) return report_.count("excused", "back in time, members disagree");
  if (faults.small_memory || faults.short_ttls || faults.oversize) {
    return report_.count("excused", "back in time, as it did not stay");
  }
  report_.violate(
      "P3", text("process %u reads %s, content %lu (call %lu), having read content %lu",
                 read.call.process, key_text(read.key).c_str(), tag.content, read.call.id, before));
}

void Judge::load_read(const Read& read, const ValueTag& tag) {
  const std::string name = text("%s, load %lu", key_text(read.key).c_str(), tag.id);
  const Load* load = history_.load(tag.id);
  if (!load || load->key != read.key || load->answer != Load::Answer::value) {
    report_.violate("I2", name + ": never answered");
    return;
  }
  no_older_than_lease(read, name, load->began.at);
  const bool on_its_way = load->granted && stored_by(*load) >= read.call.began.at;
  if (!load->kept && !on_its_way && load->answered.before(read.call.began)) {
    report_.violate("I2", name + ": kept, though the source asked not to");
  }
  if (has_ended(load->answered.at, stored_by(*load), load->ttl, read.call.began.at)) {
    report_.violate(
        "I4",
        text("%s: read %.3f ms after its end", name.c_str(),
             static_cast<double>((read.call.began.at - load->answered.at - load->ttl).as_us()) /
                 1000));
  }
  no_older_than_writes(read, name,
                       [load](const Write& write) { return load->began.before(write.invoked); });
}

void Judge::put_read(const Read& read, const ValueTag& tag) {
  const std::string name = text("%s, put %lu", key_text(read.key).c_str(), tag.id);
  const Write* put = history_.write(tag.id);
  if (!put || put->key != read.key || !put->is_put) {
    report_.violate("I2", name + ": never made");
    return;
  }
  const_cast<Write*>(put)->seen = true;
  if (!put->may_be_applied()) {
    report_.violate("I10", name + ": it was answered as not applied and can be read");
  }
  // One that was not confirmed everywhere may be applied once more, and at any later time.
  if (!put->is_settled()) return;
  no_older_than_lease(read, name, put->returned.at);
  if (has_ended(put->invoked.at, put->returned.at, put->ttl, read.call.began.at)) {
    report_.violate("I4", name + ": read after its end");
  }
  no_older_than_writes(read, name,
                       [put](const Write& write) { return put->returned.before(write.invoked); });
}

// Some load must have found nothing, and not before the writes that bind this read.
void Judge::absence_read(const Read& read) {
  const std::string name = text("%s, absent", key_text(read.key).c_str());
  const Write* binding = nullptr;
  for (const Write* write : history_.of(read.key).writes) {
    if (binds(*write, read) && (!binding || binding->invoked.before(write->invoked))) {
      binding = write;
    }
  }
  bool found_once = false;
  for (const Load* load : history_.of(read.key).loads) {
    if (load->answer != Load::Answer::not_found || !load->answered.before(read.ended)) continue;
    const bool ended =
        load->answered.before(read.call.began) &&
        has_ended(load->answered.at, stored_by(*load), load->ttl, read.call.began.at);
    if (ended) continue;
    if (!binding || !load->began.before(binding->invoked)) return;
    found_once = true;
  }
  const bool wants_source = !read.call.brings_loader;
  if ((wants_source &&
       watch_.without_source(read.call.process, read.key.keyspace, sources_[read.key.keyspace])) ||
      (plan_.faults.sourceless && !agreed(read.key, read.call.began.at))) {
    report_.count("excused", "absent for want of a source");
    return;
  }
  if (found_once) return stale(read, *binding, name);
  report_.violate("I2", name + ": no load that found nothing can have told so");
}

// -- I5: nothing old comes back -------------------------------------------------------------------

// After the faults are over a PARTIAL must have reached those that it missed, too, unless everybody
// who knew of it was gone before they were back, or messages were lost on the way.
bool Judge::binds(const Write& write, const Read& read) const {
  if (!write.over() || write.caller_died || !write.returned.before(read.call.began)) return false;
  if (write.status == Status::ok) return true;
  if (write.lent) {  // P2
    const Duration lease = plan_.keyspaces[read.key.keyspace].config.mirror_lease;
    if (read.call.began.at >= write.returned.at + lease + kLate) return true;
  }
  if (!read.call.all_is_well || write.status != Status::partial) return false;
  const bool loses =
      plan_.faults.loss || plan_.faults.partitions || plan_.faults.partial || plan_.faults.one_way;
  return watch_.is_alive(write.process) || (!loses && watch_.is_known(write));
}

bool Judge::has_ended(Instant from, Instant until, Duration ttl, Instant by) const {
  const Instant end = until + ttl;
  return end < by && end + clocks_.lost(from, by) < by;
}

// All agree about the owner, since a lease before that moment.
bool Judge::agreed(KeyId key, Instant at) const {
  if (!watch_.agreed_since(key, at - kLease)) return false;
  return watch_.agreed_since(key, at - kLease - clocks_.lost(at - kLease, clock_.now()));
}

// P2: others had been lent the key just before.
bool Judge::was_lent(const Write& write) const {
  if (!plan_.faults.lost_recalls || !plan_.faults.calm() || plan_.faults.clock_stops) return false;
  const auto last = mirrored_.find(write.key);
  return last != mirrored_.end() && last->second <= write.returned.at &&
         last->second + plan_.keyspaces[write.key.keyspace].config.mirror_lease >= write.invoked.at;
}

void Judge::older_read(const Read& read, const Write& write) {
  if (!plan_.faults.calm() || plan_.faults.clock_stops) return;
  const Duration late = read.call.began.at - write.returned.at;
  const Duration lease = plan_.keyspaces[read.key.keyspace].config.mirror_lease;
  report_.count("P2", "reads of what was older");
  report_.peak("P2", "oldest read, us", static_cast<uint64_t>(late.as_us()));
  if (late > lease) {
    report_.peak("P2", "oldest read after a lease, us",
                 static_cast<uint64_t>((late - lease).as_us()));
  }
}

template <typename Older>
void Judge::no_older_than_writes(const Read& read, const std::string& what, Older older) {
  for (const Write* write : history_.of(read.key).writes) {
    if (write->lent && write->returned.before(read.call.began) && older(*write)) {
      older_read(read, *write);
    }
    if (!binds(*write, read) || !older(*write)) continue;
    return stale(read, *write, what);
  }
}

// P2, partition = bounded: who is cut off for a lease and more gives nothing older than one.
void Judge::no_older_than_lease(const Read& read, const std::string& what, Instant began) {
  if (!read.capped) return;
  const Duration lease = plan_.keyspaces[read.key.keyspace].config.mirror_lease;
  report_.count("bounded", "read where no majority confirms");
  if (!has_ended(began, began, lease + kLate, read.call.began.at)) return;
  report_.violate("P2",
                  text("bounded: process %u, which no majority has confirmed for a lease, has "
                       "%s of %.3f ms before",
                       read.call.process, what.c_str(),
                       static_cast<double>((read.call.began.at - began).as_us()) / 1000));
}

// P2, partition = bounded: whoever has what view, nothing older than a write that was OK is read
// when the last confirmation of its reader's side is over, which no write outlives by more than a
// lease, and the lease after that; or a second, if that is more, which a stand-in keeps it for.
bool Judge::out_of_bounds(const Read& read, const Write& write) const {
  if (!is_bounded(read.key) || write.status != Status::ok) return false;
  const Duration lease = plan_.keyspaces[read.key.keyspace].config.mirror_lease;
  const Instant end = write.returned.at + std::max(lease * 2, kLease) + kLate;
  const Instant by = read.call.began.at;
  return end < by && end + clocks_.lost(write.invoked.at - lease, by) < by;
}

// The promise holds wherever it can: see README.md for the two cases in which it does not.
void Judge::stale(const Read& read, const Write& write, const std::string& what) {
  const Duration late = read.call.began.at - write.returned.at;
  if (out_of_bounds(read, write)) {
    report_.violate("P2", text("bounded: process %u reads %s (call %lu) %.3f ms after %s %lu by "
                               "process %u returned OK;%s",
                               read.call.process, what.c_str(), read.call.id,
                               static_cast<double>(late.as_us()) / 1000, write.what(), write.id,
                               write.process, watch_.describe(read.key).c_str()));
    return;
  }
  const bool one_way = watch_.one_way(write, read.call.process, read.call.began.at) ||
                       watch_.told_reader(write, read.call.process, read.call.began.at);
  const Duration takes = calls_may_fail(write.returned.at) ? kToldAgain : Duration();
  if (!one_way && !watch_.heard_of(write, read.call.process, takes)) {
    return report_.count("excused", "nobody was left who had heard of the write");
  }
  if (read.mirror && (plan_.faults.clock_stops || plan_.faults.clock_jumps)) {
    const Duration lease = plan_.keyspaces[read.key.keyspace].config.mirror_lease;
    const Instant lent = write.invoked.at - lease;
    if (late <= lease + clocks_.lost(lent, read.call.began.at)) {
      return report_.count("excused", "stale by a clock");
    }
  }
  // A mirror goes with the reader's own view of its owner: that all agreed for a lease is not
  // needed, if they did since before the write.
  const bool all_agree = agreed(read.key, read.call.began.at) ||
                         (read.mirror && watch_.agreed_since(read.key, write.invoked.at));
  if (all_agree || one_way) {
    report_.violate(
        "I5", text("process %u reads %s (call %lu) after %s %lu by process %u returned %s at %.3f "
                   "ms;%s:%s",
                   read.call.process, what.c_str(), read.call.id, write.what(), write.id,
                   write.process, std::string(status_name(write.status)).c_str(),
                   ms(write.returned.at), all_agree ? " all agree about the owner" : " one way",
                   watch_.describe(read.key).c_str()));
    return;
  }
  const char* how = late <= kLease ? "within the lease" : "later";
  report_.count(plan_.faults.cuts() ? "stale, cut off" : "stale, members change", how);
}

// -- writes ---------------------------------------------------------------------------------------

void Judge::write_done(Write& write, const Caller& caller, const core::Outcome& outcome) {
  write.returned = history_.moment();
  write.status = write.is_refresh ? refreshed(outcome.status) : outcome.status;
  write.lent =
      outcome.status == Status::partial && outcome.message.find("lent") != std::string::npos;
  if (write.lent) report_.count("from mirrors", "left to their leases");
  if (was_lent(write) && (outcome.status == Status::ok || write.lent)) {
    report_.count("P2", write.lent ? "trials, pending" : "trials, OK");
  }
  write.caller_died = caller.died;
  const bool owned = outcome.status == Status::ok && outcome.origin == core::Origin::local;
  if (is_bounded(write.key) && owned && !caller.confirmed && !caller.died) {
    report_.violate("P2", text("bounded: process %u answers write %lu of %s with OK, and no "
                               "majority confirms it",
                               write.process, write.id, key_text(write.key).c_str()));
  }
  conditions_.done(write, outcome);
  if (write.seen && !write.may_be_applied()) {
    report_.violate("I10",
                    text("%s, put %lu answers %s and has been read", key_text(write.key).c_str(),
                         write.id, std::string(status_name(outcome.status)).c_str()));
  }
  if ((outcome.status == Status::partial) == outcome.unconfirmed.empty()) {
    report_.violate("I10", "PARTIAL, and only that, names who was not reached");
  }
}

}  // namespace distcache::sim
