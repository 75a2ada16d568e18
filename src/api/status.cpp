#include "base/status.h"

#include "distcache/status.h"

// The header's numbers and the library's own are one list.
namespace distcache {
namespace {

constexpr bool same(int32_t number, Status status) {
  return number == static_cast<int32_t>(status);
}

static_assert(same(DISTCACHE_OK, Status::ok));
static_assert(same(DISTCACHE_NOT_FOUND, Status::not_found));
static_assert(same(DISTCACHE_NOT_CACHED, Status::not_cached));
static_assert(same(DISTCACHE_INVALID_ARGUMENT, Status::invalid_argument));
static_assert(same(DISTCACHE_INVALID_CONFIG, Status::invalid_config));
static_assert(same(DISTCACHE_NO_KEYSPACE, Status::no_keyspace));
static_assert(same(DISTCACHE_TOO_LARGE, Status::too_large));
static_assert(same(DISTCACHE_ABI_MISMATCH, Status::abi_mismatch));
static_assert(same(DISTCACHE_UNSUPPORTED, Status::unsupported));
static_assert(same(DISTCACHE_WOULD_DEADLOCK, Status::would_deadlock));
static_assert(same(DISTCACHE_CLOSED, Status::closed));
static_assert(same(DISTCACHE_FORKED, Status::forked));
static_assert(same(DISTCACHE_CANCELLED, Status::cancelled));
static_assert(same(DISTCACHE_TIMED_OUT, Status::timed_out));
static_assert(same(DISTCACHE_SOURCE_FAILED, Status::source_failed));
static_assert(same(DISTCACHE_RATE_LIMITED, Status::rate_limited));
static_assert(same(DISTCACHE_CIRCUIT_OPEN, Status::circuit_open));
static_assert(same(DISTCACHE_OVERLOADED, Status::overloaded));
static_assert(same(DISTCACHE_VERSION_MISMATCH, Status::version_mismatch));
static_assert(same(DISTCACHE_PEER_UNREACHABLE, Status::peer_unreachable));
static_assert(same(DISTCACHE_PARTIAL, Status::partial));
static_assert(same(DISTCACHE_UNKNOWN, Status::unknown));
static_assert(same(DISTCACHE_NO_QUORUM, Status::no_quorum));
static_assert(same(DISTCACHE_INSECURE, Status::insecure));
static_assert(same(DISTCACHE_BAD_KEY, Status::bad_key));
static_assert(same(DISTCACHE_DUPLICATE_IDENTITY, Status::duplicate_identity));
static_assert(same(DISTCACHE_ADDRESS_IN_USE, Status::address_in_use));
static_assert(same(DISTCACHE_NO_MEMORY, Status::no_memory));
static_assert(same(DISTCACHE_NO_DESCRIPTORS, Status::no_descriptors));
static_assert(same(DISTCACHE_SYSTEM, Status::system));
static_assert(same(DISTCACHE_INTERNAL, Status::internal));

}  // namespace
}  // namespace distcache

using distcache::Status;

// The names are literals, so each ends with NUL.
const char* distcache_status_name(distcache_status_t status) {
  const bool known = distcache::status_known(status);
  return known ? distcache::status_name(static_cast<Status>(status)).data() : "UNRECOGNIZED";
}

int32_t distcache_status_retriable(distcache_status_t status) {
  const bool known = distcache::status_known(status);
  return known && distcache::status_retriable(static_cast<Status>(status)) ? 1 : 0;
}
