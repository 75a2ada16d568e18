#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "core/message.h"

namespace distcache::core {

// The other side: which recalls of each lender have been carried out here, and whether some are
// missing. Every message of a lender says which one is its latest.
//
// Pure; belongs to the thread that owns the transport.
class LeaseLenders {
 public:
  // Its items are to be carried out, whatever this answers. True: recalls are lost for good, or the
  // lender is another process than before: everything that it lent has to go.
  bool on_recall(MemberId from, uint64_t incarnation, const Recall& recall);
  // From the envelope of another message. Replies and recalls travel on different links: what is
  // missing may be under way, and is asked for again after a round trip.
  // True: as above.
  bool on_sequence(MemberId from, uint64_t incarnation, uint64_t latest, Instant now);
  // What is to be answered or asked now.
  std::vector<std::pair<MemberId, Recalled>> take(Instant now);

 private:
  struct Lender {
    uint64_t incarnation = 0;
    uint64_t through = 0;  // all up to it
    uint64_t heard = 0;
    std::set<uint64_t> ahead;  // those behind a gap
    Instant answer_at = Instant::never();
  };

  // Null: of an earlier process of the lender.
  Lender* lender_of(MemberId from, uint64_t incarnation, bool& replaced);

  std::map<MemberId, Lender> lenders_;
  Instant next_answer_ = Instant::never();
};

}  // namespace distcache::core
