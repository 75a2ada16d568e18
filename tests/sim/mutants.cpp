#include "mutants.h"

namespace distcache::sim {

std::span<const Mutant> mutants() {
  using enum core::Mutation;
  static constexpr Mutant kAll[] = {
      {"no_fence", no_fence, 3},
      {"joined_fenced", joined_fenced, 7},
      {"late_join", late_join, 7},
      {"store_foreign", store_foreign, 1},
      {"stored_fallback", stored_fallback, 7},
      {"no_view_drop", no_view_drop, 12},
      {"no_single_flight", no_single_flight, 3},
      {"no_repair", no_repair, 9},
      {"silent_miss", silent_miss, 9},
      {"no_heir", no_heir, 4},
      {"false_timeout", false_timeout, 3},
      {"drop_completion", drop_completion, 1},
      {"wall_clock", wall_clock, 1},
      {"no_lease_end", no_lease_end, 3, true},
      {"lease_from_receipt", lease_from_receipt, 14, true},
      {"no_sequence_check", no_sequence_check, 99, true},
      {"version_reversed", version_reversed, 4, true},
      {"recall_not_awaited", recall_not_awaited, 14, true},
      {"holders_forgotten", holders_forgotten, 4, true},
      {"recall_overtaken", recall_overtaken, 107, true},
      {"unconditional", unconditional, 8, false, false, true},
      {"joined_refresh", joined_refresh, 4, false, false, true},
      {"silent_refresh", silent_refresh, 14, true, false, true},
      {"no_cap", no_cap, 1, false, true},
      {"minority_ok", minority_ok, 1, false, true},
      {"lost_grant_holder", lost_grant_holder, 388, false, false, true, true},
  };
  return kAll;
}

}  // namespace distcache::sim
