#include "faults.h"

namespace distcache::sim {
namespace {

constexpr FaultName kNames[] = {{"slow_paths", &Faults::slow_paths},
                                {"loss", &Faults::loss},
                                {"duplicates", &Faults::duplicates},
                                {"partitions", &Faults::partitions},
                                {"partial", &Faults::partial},
                                {"one_way", &Faults::one_way},
                                {"crashes", &Faults::crashes},
                                {"leaves", &Faults::leaves},
                                {"pauses", &Faults::pauses},
                                {"cold_start", &Faults::cold_start},
                                {"lags", &Faults::lags},
                                {"slow_nodes", &Faults::slow_nodes},
                                {"sparse", &Faults::sparse},
                                {"clock_jumps", &Faults::clock_jumps},
                                {"clock_stops", &Faults::clock_stops},
                                {"clock_rates", &Faults::clock_rates},
                                {"slow_source", &Faults::slow_source},
                                {"hung_source", &Faults::hung_source},
                                {"failing_source", &Faults::failing_source},
                                {"careless_source", &Faults::careless_source},
                                {"sourceless", &Faults::sourceless},
                                {"weights", &Faults::weights},
                                {"client", &Faults::client},
                                {"small_memory", &Faults::small_memory},
                                {"short_ttls", &Faults::short_ttls},
                                {"big_values", &Faults::big_values},
                                {"oversize", &Faults::oversize},
                                {"tight_limits", &Faults::tight_limits},
                                {"short_timeouts", &Faults::short_timeouts},
                                {"cancels", &Faults::cancels},
                                {"mirrors", &Faults::mirrors},
                                {"lost_recalls", &Faults::lost_recalls},
                                {"put_ifs", &Faults::put_ifs},
                                {"refreshes", &Faults::refreshes},
                                {"bounded", &Faults::bounded}};

}  // namespace

std::span<const FaultName> fault_names() { return kNames; }

bool Faults::turn_off(std::string_view name) {
  for (const FaultName& known : kNames) {
    if (name != known.name) continue;
    this->*known.fault = false;
    return true;
  }
  return false;
}

std::string Faults::names() const {
  std::string names;
  for (const FaultName& known : kNames) {
    if (this->*known.fault) names += std::string(names.empty() ? "" : " ") + known.name;
  }
  return names;
}

}  // namespace distcache::sim
