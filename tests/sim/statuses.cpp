#include "judge.h"

// I10: what the header allows a call to answer, given what goes wrong in this run.
namespace distcache::sim {
namespace {

bool read_allowed(const Plan& plan, const Call& call, const Caller& caller, const KeyId key,
                  Status status) {
  const Faults& faults = plan.faults;
  switch (status) {
    case Status::ok:
    case Status::not_found:
      return true;
    case Status::source_failed:
      return !call.all_is_well && (faults.failing_source || faults.careless_source);
    case Status::timed_out:
      // A reader may give up before a slow path or source is through; else only what never answers.
      if (call.all_is_well) return false;
      return faults.short_timeouts || faults.hung_source || faults.slow_paths ||
             faults.of_network() || faults.of_members() || faults.tight_limits;
    case Status::overloaded:
      return faults.tight_limits || (faults.big_values && faults.of_network());
    case Status::too_large:
      return faults.oversize && key.key == 0;
    case Status::peer_unreachable:
      return !call.all_is_well && !caller.has_source && !faults.calm();
    default:
      return false;
  }
}

bool write_allowed(const Plan& plan, const Call& call, size_t item, Status status) {
  const KeyId key = call.keys[item];
  const Faults& faults = plan.faults;
  switch (status) {
    case Status::ok:
      return true;
    case Status::version_mismatch:
      return call.writes[item]->is_conditional;
    case Status::too_large:
      return call.kind == Call::Kind::put &&
             (faults.small_memory || (faults.oversize && key.key == 0));
    case Status::partial:
      // Who holds a mirror may be silent for longer than the writer waits.
      if (faults.mirrors && (faults.lost_recalls || faults.short_timeouts)) {
        return !call.all_is_well;
      }
      // Members that are asked what ring they see may answer when that counts no more.
      if (faults.bounded && faults.slow_paths) {
        return !call.all_is_well;
      }
      [[fallthrough]];
    case Status::peer_unreachable:
      return !call.all_is_well && !faults.calm();
    case Status::unknown:
    case Status::timed_out:
      return !call.all_is_well && (!faults.calm() || faults.short_timeouts || faults.slow_paths);
    case Status::overloaded:  // pieces of values that were lost on the way take room for a while
      return faults.big_values && faults.of_network();
    default:
      return false;
  }
}

// It loads like a read and tells others like a write.
bool refresh_allowed(const Plan& plan, const Call& call, const Caller& caller, Status status) {
  const Faults& faults = plan.faults;
  switch (status) {
    case Status::unsupported:  // nobody is left who could load
      return !call.all_is_well && faults.sourceless && !faults.calm();
    case Status::peer_unreachable:
      return !call.all_is_well && !faults.calm();
    // Its owner loads for as long as a reader would wait, or leaves too little for telling others.
    case Status::unknown:
    case Status::partial:
      if (write_allowed(plan, call, 0, status)) return true;
      status = Status::timed_out;
      [[fallthrough]];
    // It may have to wait for a load that began before as well, and each may take three seconds.
    case Status::timed_out:
      if (faults.slow_source && !call.all_is_well) return true;
      [[fallthrough]];
    default:
      return read_allowed(plan, call, caller, call.keys.front(), status) ||
             write_allowed(plan, call, 0, status);
  }
}

}  // namespace

bool status_allowed(const Plan& plan, const Call& call, const Caller& caller, size_t item,
                    Status status) {
  if (call.kind == Call::Kind::peek) {
    return status == Status::ok || status == Status::not_found || status == Status::not_cached;
  }
  if (call.cancelled && status == Status::cancelled) return true;
  if (caller.closing && status == Status::closed) return true;
  if (call.kind == Call::Kind::get) {
    return read_allowed(plan, call, caller, call.keys[item], status);
  }
  if (caller.closing && status == Status::unknown) return true;
  if (call.kind == Call::Kind::refresh) return refresh_allowed(plan, call, caller, status);
  return write_allowed(plan, call, item, status);
}

}  // namespace distcache::sim
