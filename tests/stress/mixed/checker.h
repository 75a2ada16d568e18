#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "mixed/deeds.h"
#include "mixed/views.h"

namespace stress {

// What a story was found to be.
struct Verdict {
  size_t reads = 0, writes = 0, loads = 0;
  size_t violations = 0;
  std::vector<std::string> shown;        // the first ones of these
  std::map<std::string, size_t> counts;  // what is allowed, and how often it was
  int64_t stale_ms = 0;          // the oldest read after a write, in a ring that all agreed on
  int64_t stale_apart_ms = 0;    // the same, where members disagreed or were cut off
  int64_t slowest_write_ms = 0;  // of those that were OK
  int64_t late_ms = 0;           // the worst call beyond its deadline

  void violate(std::string what);
};

// Holds each call and load of a story against the promises (spec §11): P1, P2 and P5 for reads, P3
// between the reads of an engine, P4 for loads, P6 and P7 for all calls.
class Checker {
 public:
  explicit Checker(const Story& story);
  Verdict judge();

 private:
  using Record = cluster::Record;
  void call(const Seen& seen, bool is_read);
  void read(const Deeds::OfKey& of, const Seen& seen);
  bool made(const Deeds::OfKey& of, const Seen& seen);
  void fresh(const Deeds::OfKey& of, const Seen& seen);
  bool is_stale(const Deeds::OfKey& of, const Seen& write, const Seen& read, std::string& why);
  void refreshed(const Seen& seen);
  void conditions(const Deeds::OfKey& of);
  bool binds(const Seen& write, const Seen& read) const;
  // "", or why a read may be older than a write that had returned OK; `violates`: it may not.
  std::string excuse(const Seen& write, const Seen& read, bool& violates);
  bool out_of_bounds(const Seen& write, const Seen& read) const;
  bool same_side(const Seen& write, const Seen& read) const;
  bool lost_with_owner(const Seen& write, const Seen& read) const;
  void monotonic(const Deeds::OfKey& of);
  void loads_at_once(const Deeds::OfKey& of);
  bool fenced(const Deeds::OfKey& of, const Seen& first, const Seen& second) const;
  std::string text(const Seen& seen) const;

  const Story& story_;
  const Views views_;
  const Deeds deeds_;
  Verdict verdict_;
};

}  // namespace stress
