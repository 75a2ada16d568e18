/* distcache/status.h - what a call answers.
 *
 * A status is a number for programs; the text for people is in the error object (error.h). The
 * numbers have gaps between their groups, are never renumbered and never reused; a program
 * treats one it does not know like INTERNAL.
 *
 * Each comment says two things that a caller branches on:
 *  retriable    the same call may succeed later without a change of the program
 *  the write    applied, not applied, or unknown; a status that says nothing of it means
 *               "not applied"
 */
#ifndef DISTCACHE_STATUS_H
#define DISTCACHE_STATUS_H

#include "abi.h"

#ifdef __cplusplus
extern "C" {
#endif

/* An alias of a fixed width, since that of a C enum is the compiler's choice. */
typedef int32_t distcache_status_t;

enum {
  /* -- answers: expected, without an error object, no allocation -------------------------- */

  /* Done. A write is applied at the owner, and no copy that a later read could see is older.
   * For the many-forms: tried, look at each item. */
  DISTCACHE_OK = 0,

  /* The source says that the key does not exist. Not retriable: it is an answer, which may be
   * served from memory for negative.ttl.ms. */
  DISTCACHE_NOT_FOUND = 1,

  /* The key is not in memory: this node's for a peek, the cluster's for a touch and for a get that
   * must not load (DISTCACHE_OP_NO_LOAD). Not retriable. Not applied. */
  DISTCACHE_NOT_CACHED = 2,

  /* -- the caller's mistakes: never retriable, not applied -------------------------------- */

  /* An argument breaks its documented bounds: NULL where it is not allowed, an empty or too long
   * key, a negative timeout, a handle that never was one. The error names it. */
  DISTCACHE_INVALID_ARGUMENT = 10,

  /* A property is unknown, unreadable, out of its bounds or contradicts another one. The error
   * names every fault found, with property, value and limit. */
  DISTCACHE_INVALID_CONFIG = 11,

  /* No keyspace of this name here or at the owner, or it has been removed. */
  DISTCACHE_NO_KEYSPACE = 12,

  /* The value is over value.bytes.max, or the caller's buffer is under the value's size. */
  DISTCACHE_TOO_LARGE = 13,

  /* The library has another DISTCACHE_ABI than the one the program was compiled with. */
  DISTCACHE_ABI_MISMATCH = 14,

  /* This version, build or peer does not have the feature. The error names it. */
  DISTCACHE_UNSUPPORTED = 15,

  /* A call that waits was made where waiting could never end: on an EVENT or OBSERVER thread, or
   * in a source for a key whose load waits for this very source, also through other members. */
  DISTCACHE_WOULD_DEADLOCK = 16,

  /* -- the end of things ------------------------------------------------------------------ */

  /* The engine is closed or closing, or the handle is stale. Not retriable. Not applied. */
  DISTCACHE_CLOSED = 20,

  /* The process forked after the engine was opened: open another one in the child. Not
   * retriable. Not applied. */
  DISTCACHE_FORKED = 21,

  /* The caller cancelled the operation. Retriable. A write was not handed to the network and is
   * not applied; one that was answers UNKNOWN instead. */
  DISTCACHE_CANCELLED = 22,

  /* The deadline passed. Retriable. The load goes on for its other readers. A write was not
   * handed to the network and is not applied; one that was answers UNKNOWN instead. */
  DISTCACHE_TIMED_OUT = 23,

  /* -- the source and what protects it ---------------------------------------------------- */

  /* The source answered with a failure, threw, or gave its fetch back without an answer. The
   * source decides whether it is retriable: see distcache_error_retriable and
   * DISTCACHE_ITEM_RETRIABLE. */
  DISTCACHE_SOURCE_FAILED = 30,

  /* The limiter of the source had no token and was told not to wait. Retriable after a pause. */
  DISTCACHE_RATE_LIMITED = 31,

  /* The breaker of the source is open after failures in a row. Retriable once
   * source.breaker.reset.ms has passed. */
  DISTCACHE_CIRCUIT_OPEN = 32,

  /* A bounded queue here or at the owner is full (loads.max, waiters.max, a peer's queue).
   * Retriable after a pause. Not applied. */
  DISTCACHE_OVERLOADED = 33,

  /* -- the outcome of writes and of calls to peers ---------------------------------------- */

  /* put_if: the entry has another version, or is present where absence was asked for. Not
   * retriable as it stands: read again, decide again. Not applied. */
  DISTCACHE_VERSION_MISMATCH = 40,

  /* No peer that may answer could be reached. Retriable. A write was not handed to the network
   * and is not applied; one that was answers UNKNOWN instead. */
  DISTCACHE_PEER_UNREACHABLE = 41,

  /* Applied at the owner, but the peers named by the error or by distcache_result_peers have not
   * confirmed it: they may serve what they have until its lease or ttl ends. Retriable: a second
   * try only completes the first. */
  DISTCACHE_PARTIAL = 42,

  /* The write was sent and no answer came: it may or may not be applied. Retriable where doing
   * it twice is harmless (put, delete, invalidate; not put_if). */
  DISTCACHE_UNKNOWN = 43,

  /* Fewer than quorum.min members are alive. Retriable. Not applied. */
  DISTCACHE_NO_QUORUM = 44,

  /* -- identity and security, mostly answers of open: nothing was started ------------------ */

  /* The configuration would send plain traffic over a network without saying so in so many
   * words. Not retriable. */
  DISTCACHE_INSECURE = 50,

  /* A key of the security profile is malformed, unreadable or readable by others. Not
   * retriable. Keys of entries are no subject of this status. */
  DISTCACHE_BAD_KEY = 51,

  /* Another live member has this node's name. Not retriable without another name. */
  DISTCACHE_DUPLICATE_IDENTITY = 52,

  /* bind.port or discovery.port is taken. Retriable once its holder has gone. */
  DISTCACHE_ADDRESS_IN_USE = 53,

  /* -- the machine -------------------------------------------------------------------------- */

  /* Out of memory. Retriable. Not applied. */
  DISTCACHE_NO_MEMORY = 60,

  /* Out of file descriptors. Retriable. Not applied. */
  DISTCACHE_NO_DESCRIPTORS = 61,

  /* The operating system refused something else; the error names the call and the reason. Not
   * retriable. */
  DISTCACHE_SYSTEM = 62,

  /* A mistake of the library. Not retriable, and a write may or may not be applied; please
   * report the message. */
  DISTCACHE_INTERNAL = 99
};

/* The status as a word, "TIMED_OUT"; "UNRECOGNIZED" for a number this library does not know.
 * Any thread, never waits; static, never freed, never NULL. */
DISTCACHE_API const char *distcache_status_name(distcache_status_t status);

/* 1 if the same call may succeed later, 0 if not and for an unknown number. It judges the number
 * alone and says 1 for SOURCE_FAILED; distcache_error_retriable knows what the source said.
 * Any thread, never waits. */
DISTCACHE_API int32_t distcache_status_retriable(distcache_status_t status);

#ifdef __cplusplus
}
#endif
#endif
