#include "base/status.h"

#include <array>

namespace distcache {
namespace {

struct Row {
  Status status;
  std::string_view name;
  bool retriable;
};

constexpr std::array kRows = {
    Row{Status::ok, "OK", false},
    Row{Status::not_found, "NOT_FOUND", false},
    Row{Status::not_cached, "NOT_CACHED", false},
    Row{Status::invalid_argument, "INVALID_ARGUMENT", false},
    Row{Status::invalid_config, "INVALID_CONFIG", false},
    Row{Status::no_keyspace, "NO_KEYSPACE", false},
    Row{Status::too_large, "TOO_LARGE", false},
    Row{Status::abi_mismatch, "ABI_MISMATCH", false},
    Row{Status::unsupported, "UNSUPPORTED", false},
    Row{Status::would_deadlock, "WOULD_DEADLOCK", false},
    Row{Status::closed, "CLOSED", false},
    Row{Status::forked, "FORKED", false},
    Row{Status::cancelled, "CANCELLED", true},
    Row{Status::timed_out, "TIMED_OUT", true},
    Row{Status::source_failed, "SOURCE_FAILED", true},
    Row{Status::rate_limited, "RATE_LIMITED", true},
    Row{Status::circuit_open, "CIRCUIT_OPEN", true},
    Row{Status::overloaded, "OVERLOADED", true},
    Row{Status::version_mismatch, "VERSION_MISMATCH", false},
    Row{Status::peer_unreachable, "PEER_UNREACHABLE", true},
    Row{Status::partial, "PARTIAL", true},
    Row{Status::unknown, "UNKNOWN", true},
    Row{Status::no_quorum, "NO_QUORUM", true},
    Row{Status::insecure, "INSECURE", false},
    Row{Status::bad_key, "BAD_KEY", false},
    Row{Status::duplicate_identity, "DUPLICATE_IDENTITY", false},
    Row{Status::address_in_use, "ADDRESS_IN_USE", true},
    Row{Status::no_memory, "NO_MEMORY", true},
    Row{Status::no_descriptors, "NO_DESCRIPTORS", true},
    Row{Status::system, "SYSTEM", false},
    Row{Status::internal, "INTERNAL", false},
};

const Row* find(Status status) {
  for (const Row& row : kRows) {
    if (row.status == status) return &row;
  }
  return nullptr;
}

}  // namespace

std::string_view status_name(Status status) {
  const Row* row = find(status);
  return row ? row->name : "UNRECOGNIZED";
}

bool status_retriable(Status status) {
  const Row* row = find(status);
  return row && row->retriable;
}

bool status_known(int32_t number) { return find(static_cast<Status>(number)) != nullptr; }

}  // namespace distcache
