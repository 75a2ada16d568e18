#pragma once

#include <cstdint>
#include <vector>

#include "mixed/life.h"

namespace stress {

// Since when and until when which processes agreed on a ring of exactly themselves, nobody being
// suspected by any of them; and when something disturbed them. From what they told.
class Views {
 public:
  explicit Views(const Story& story);

  // Life `life` was in one ring all that time, of which all members saw the same; 0, or how many.
  uint32_t agreed(size_t life, int64_t from_ns, int64_t to_ns) const;
  // All who ran then were in that ring.
  bool are_all(size_t life, int64_t at_ns) const;
  // Two saw the same ring all that time, whoever else did.
  bool together(size_t one, size_t other, int64_t from_ns, int64_t to_ns) const;
  // Since when all have agreed at that moment; it itself if they do not.
  int64_t all_agreed_since(int64_t at_ns) const;

  // Calls were lost or slow, or somebody was not run for long.
  bool disturbed(int64_t from_ns, int64_t to_ns) const;
  bool source_spoiled(int64_t from_ns, int64_t to_ns) const;
  // How long, altogether, somebody was not run.
  int64_t stalled_ns(int64_t from_ns, int64_t to_ns) const;

 private:
  struct Turn {
    int64_t at_ns;
    uint64_t ring;  // 0: none
    uint32_t members;
    uint32_t suspects;
  };
  struct Agreed {
    int64_t from_ns, to_ns;
    uint64_t ring;
    uint32_t members;
    bool all;
  };
  void collect(const Story& story);
  void sweep();
  const Turn* turn_at(size_t life, int64_t at_ns) const;
  const Agreed* agreed_at(size_t life, int64_t at_ns) const;

  std::vector<std::vector<Turn>> turns_;     // of each life
  std::vector<std::vector<Agreed>> agreed_;  // of each life
  std::vector<Trouble> stalls_;              // merged
  std::vector<Trouble> paths_, source_;
};

}  // namespace stress
