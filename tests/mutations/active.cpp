#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

#include "core/mutations.h"

// Linked into mutated test builds alone: DISTCACHE_MUTATION takes a guard out before main() begins,
// or two of them: "one,other".
namespace distcache::core {
namespace {

Mutation named(const std::string& name) {
  static const std::map<std::string, Mutation> names{
      {"no_fence", Mutation::no_fence},
      {"late_join", Mutation::late_join},
      {"store_foreign", Mutation::store_foreign},
      {"stale_handle", Mutation::stale_handle},
      {"parent_handle", Mutation::parent_handle},
      {"torn_pin", Mutation::torn_pin},
      {"early_end", Mutation::early_end},
      {"second_answer", Mutation::second_answer},
      {"any_key", Mutation::any_key},
      {"any_packed_key", Mutation::any_packed_key},
      {"any_value", Mutation::any_value},
      {"waiting_event_thread", Mutation::waiting_event_thread},
      {"lost_deadline", Mutation::lost_deadline},
      {"any_waiters", Mutation::any_waiters},
      {"any_loads", Mutation::any_loads},
      {"any_memory", Mutation::any_memory},
      {"any_chunked_value", Mutation::any_chunked_value},
      {"any_chunked_values", Mutation::any_chunked_values},
      {"own_key", Mutation::own_key},
      {"thrown_through", Mutation::thrown_through},
      {"kept_source", Mutation::kept_source},
      {"no_witness", Mutation::no_witness},
      {"tried_for_ever", Mutation::tried_for_ever},
      {"kept_stand_in", Mutation::kept_stand_in},
      {"kept_apart", Mutation::kept_apart},
      {"kept_unread", Mutation::kept_unread},
      {"stored_fallback", Mutation::stored_fallback},
      {"joined_fenced", Mutation::joined_fenced},
      {"former_owner", Mutation::former_owner},
      {"served_foreign", Mutation::served_foreign},
      {"served_again", Mutation::served_again},
      {"silent_miss", Mutation::silent_miss},
      {"no_heir", Mutation::no_heir},
      {"joined_refresh", Mutation::joined_refresh},
      {"silent_refresh", Mutation::silent_refresh},
      {"no_cap", Mutation::no_cap},
      {"minority_ok", Mutation::minority_ok},
      {"unconditional", Mutation::unconditional},
      {"no_lease_end", Mutation::no_lease_end},
      {"lease_from_receipt", Mutation::lease_from_receipt},
      {"no_sequence_check", Mutation::no_sequence_check},
      {"no_epoch_check", Mutation::no_epoch_check},
      {"version_reversed", Mutation::version_reversed},
      {"recall_not_awaited", Mutation::recall_not_awaited},
      {"holders_forgotten", Mutation::holders_forgotten},
      {"mirror_survives_view", Mutation::mirror_survives_view},
      {"forgotten_leases", Mutation::forgotten_leases},
      {"recall_overtaken", Mutation::recall_overtaken},
      {"lost_grant_holder", Mutation::lost_grant_holder},
      {"lost_recalls", Mutation::lost_recalls},
      {"silent_close", Mutation::silent_close}};
  const auto found = names.find(name);
  if (found != names.end()) return found->second;
  std::fprintf(stderr, "DISTCACHE_MUTATION: no mutation '%s'\n", name.c_str());
  std::_Exit(2);  // a program that would test nothing does not start
}

bool mutate() {
  const char* wanted = std::getenv("DISTCACHE_MUTATION");
  if (wanted == nullptr) return false;
  const std::string text(wanted);
  const size_t comma = text.find(',');
  active_mutation = named(text.substr(0, comma));
  if (comma != std::string::npos) second_mutation = named(text.substr(comma + 1));
  return true;
}

[[maybe_unused]] const bool mutated_before_main = mutate();

}  // namespace
}  // namespace distcache::core
