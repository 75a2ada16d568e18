#pragma once

#include <cstdint>
#include <string_view>

namespace distcache {

// What a call answers: the numbers of include/distcache/status.h, which documents each of them.
// src/api asserts that both lists are one; the wire carries the same numbers.
enum class Status : int32_t {
  ok = 0,
  not_found = 1,
  not_cached = 2,

  invalid_argument = 10,
  invalid_config = 11,
  no_keyspace = 12,
  too_large = 13,
  abi_mismatch = 14,
  unsupported = 15,
  would_deadlock = 16,

  closed = 20,
  forked = 21,
  cancelled = 22,
  timed_out = 23,

  source_failed = 30,
  rate_limited = 31,
  circuit_open = 32,
  overloaded = 33,

  version_mismatch = 40,
  peer_unreachable = 41,
  partial = 42,
  unknown = 43,
  no_quorum = 44,

  insecure = 50,
  bad_key = 51,
  duplicate_identity = 52,
  address_in_use = 53,

  no_memory = 60,
  no_descriptors = 61,
  system = 62,
  internal = 99,

  // Between members only, never handed to a caller: the receiver does not own the key in its view.
  not_owner = 1000,
};

std::string_view status_name(Status status);  // "TIMED_OUT"; "UNRECOGNIZED" for other numbers
bool status_retriable(Status status);
bool status_known(int32_t number);  // of the public list

}  // namespace distcache
