#include "core/load/flight.h"

#include <algorithm>
#include <iterator>

namespace distcache::core {

Flight& FlightTable::start(FlightKind kind, const Key& key) {
  auto flight = std::make_unique<Flight>();
  flight->id = next_id_++;
  flight->kind = kind;
  flight->key.assign(key.bytes);
  flight->key_hash = key.hash;
  Flight& started = *flight;
  flights_.emplace(started.id, std::move(flight));
  if (kind == FlightKind::load) loads_.emplace(key.hash, &started);
  return started;
}

Flight* FlightTable::find(uint64_t id) {
  const auto at = flights_.find(id);
  return at == flights_.end() ? nullptr : at->second.get();
}

Flight* FlightTable::joinable(const Key& key) {
  const auto at = joinable_.find(key.bytes);
  return at == joinable_.end() ? nullptr : at->second;
}

void FlightTable::make_joinable(Flight& flight) {
  const auto older = joinable_.find(flight.key);
  if (older != joinable_.end()) close_to_readers(*older->second);
  joinable_.emplace(flight.key, &flight);
  flight.joinable = true;
}

void FlightTable::close_to_readers(Flight& flight) {
  if (!flight.joinable) return;
  flight.joinable = false;
  joinable_.erase(flight.key);
}

void FlightTable::add_waiter(Flight& flight, Waiter waiter) {
  if (flight.kind != FlightKind::load) {
    flight.deadline =
        flight.waiters.empty() ? waiter.deadline : std::max(flight.deadline, waiter.deadline);
  }
  flight.first_waiter_deadline = std::min(flight.first_waiter_deadline, waiter.deadline);
  flight.waiters.push_back(waiter);
  reschedule(flight);
}

std::vector<Waiter> FlightTable::take_overdue(Flight& flight, Instant now) {
  std::vector<Waiter> overdue;
  if (flight.first_waiter_deadline > now) return overdue;
  const auto late = [now](const Waiter& waiter) { return waiter.deadline <= now; };
  std::copy_if(flight.waiters.begin(), flight.waiters.end(), std::back_inserter(overdue), late);
  std::erase_if(flight.waiters, late);
  flight.first_waiter_deadline = Instant::never();
  for (const Waiter& waiter : flight.waiters) {
    flight.first_waiter_deadline = std::min(flight.first_waiter_deadline, waiter.deadline);
  }
  reschedule(flight);
  return overdue;
}

void FlightTable::set_retry(Flight& flight, Instant at) {
  flight.retry_at = at;
  reschedule(flight);
}

void FlightTable::set_deadline(Flight& flight, Instant at) {
  flight.deadline = at;
  reschedule(flight);
}

void FlightTable::open_grant(Flight& load) {
  load.grant = std::make_unique<Grant>();
  ++granted_;
}

void FlightTable::end_grant(Flight& load) {
  load.grant = nullptr;
  --granted_;
}

std::unique_ptr<Flight> FlightTable::finish(uint64_t id) {
  const auto at = flights_.find(id);
  if (at == flights_.end()) return nullptr;
  std::unique_ptr<Flight> flight = std::move(at->second);
  close_to_readers(*flight);
  if (flight->grant) --granted_;
  if (flight->kind == FlightKind::load) {
    const auto [begin, end] = loads_.equal_range(flight->key_hash);
    loads_.erase(std::find_if(begin, end,
                              [&flight](const auto& load) { return load.second == flight.get(); }));
  }
  if (const auto when = scheduled_.find(id); when != scheduled_.end()) {
    schedule_.erase({when->second, id});
    scheduled_.erase(when);
  }
  flights_.erase(at);
  return flight;
}

Flight* FlightTable::due(Instant now) {
  if (schedule_.empty() || schedule_.begin()->first > now) return nullptr;
  return find(schedule_.begin()->second);
}

Instant FlightTable::next_deadline() const {
  return schedule_.empty() ? Instant::never() : schedule_.begin()->first;
}

void FlightTable::reschedule(Flight& flight) {
  const Instant at = std::min({flight.deadline, flight.retry_at, flight.first_waiter_deadline});
  const auto [when, added] = scheduled_.try_emplace(flight.id, at);
  if (!added) {
    if (when->second == at) return;
    schedule_.erase({when->second, flight.id});
    when->second = at;
  }
  if (at.is_never()) {
    scheduled_.erase(when);
  } else {
    schedule_.insert({at, flight.id});
  }
}

}  // namespace distcache::core
