#include "clocks.h"

#include <algorithm>

#include "base/hash.h"

namespace distcache::sim {
namespace {

constexpr int64_t kMillion = 1'000'000;
constexpr Duration kSetEvery = Duration::seconds(2);
constexpr uint64_t kHourMs = 3'600'000;

// number * by / of, without an overflow on the way.
int64_t scaled(int64_t number, int64_t by, int64_t of) {
  return number / of * by + number % of * by / of;
}

}  // namespace

ProcessClock::ProcessClock(const Timeline& world, int64_t rate_ppm)
    : world_(world), rate_ppm_(rate_ppm) {
  begin(world.now(), false);
}

void ProcessClock::begin(Instant shown, bool stopped) {
  pieces_.push_back({world_.now(), shown, stopped ? 0 : rate_ppm_, stopped});
}

Instant ProcessClock::shown_in(const Piece& piece, Instant moment) {
  if (piece.stopped) return piece.shown;
  const Duration since = moment - piece.from;
  if (piece.rate_ppm == 0) return piece.shown + since;
  return piece.shown + since + Duration::ns(scaled(since.as_ns(), piece.rate_ppm, kMillion));
}

Instant ProcessClock::at(Instant moment) const {
  auto piece = pieces_.rbegin();
  while (piece->from > moment && piece + 1 != pieces_.rend()) ++piece;
  return shown_in(*piece, moment);
}

Instant ProcessClock::when(Instant shown) const {
  const Piece& piece = pieces_.back();
  if (shown.is_never() || piece.stopped) return Instant::never();
  const Duration ahead = shown - piece.shown;
  if (piece.rate_ppm == 0) return piece.from + ahead;
  Instant moment =
      piece.from + Duration::ns(scaled(ahead.as_ns(), kMillion, kMillion + piece.rate_ppm));
  while (shown_in(piece, moment) < shown) moment = moment + Duration::ns(1);
  return moment;
}

void ProcessClock::jump(Duration by) { begin(now() + by, pieces_.back().stopped); }

void ProcessClock::stop() { begin(now(), true); }

void ProcessClock::go_on() {
  if (pieces_.back().stopped) begin(now(), false);
}

Duration WallClock::ahead() const {
  const auto times = static_cast<uint64_t>((world_.now() - Instant()).as_ns() / kSetEvery.as_ns());
  const uint64_t dice = mix64(seed_ + times);
  return Duration::ms(dice % 3 == 0 ? static_cast<int64_t>(mix64(dice) % kHourMs) : 0);
}

Duration Clocks::lost(Instant from, Instant to) const {
  Duration most;
  for (const ProcessClock& clock : clocks_) {
    if (clock.always_true()) continue;
    most = std::max(most, (to - from) - (clock.at(to) - clock.at(from)));
  }
  return most;
}

}  // namespace distcache::sim
