/* distcache/types.h - plain structs that several headers share.
 *
 * They hold no pointer into the caller's memory, so that managed memory can be passed as it is.
 */
#ifndef DISTCACHE_TYPES_H
#define DISTCACHE_TYPES_H

#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Bounds that are no settings. */
#define DISTCACHE_KEY_BYTES_MAX 4096     /* a key has 1 to this many bytes */
#define DISTCACHE_NAME_BYTES_MAX 255     /* keyspaces and nodes */
#define DISTCACHE_MANY_KEYS_MAX 65536    /* keys in one call of a many-form */
#define DISTCACHE_TAGS_MAX 16            /* tags of one entry */
#define DISTCACHE_TAG_BYTES_MAX 256      /* bytes of one tag */
#define DISTCACHE_MESSAGE_BYTES_MAX 1024 /* of a source's failure; what is longer is cut */

/* As a ttl: the entry does not expire. As a remaining ttl: it will not. */
#define DISTCACHE_TTL_NONE (-1)

/* Ends the life of a callback's context: runs exactly once, when no callback registered with it can
 * run any more. Thread: the one that released the last user of the callback, which may be any
 * thread of the program or of the engine, and under no lock of the engine; it must not block. A
 * call from inside it is answered as anywhere else on that thread: one that waits may be refused
 * with WOULD_DEADLOCK. */
typedef void (*distcache_finalize_fn)(uintptr_t context);

/* The place of a write in the order of all writes to its key, given by the key's owner: compare
 * epoch, then owner, then counter. All zero means "no version" and is older than any other. Only
 * the order and equality mean something, and only between versions of one key. Frozen. */
typedef struct distcache_entry_version {
  uint64_t epoch;   /* grows with each change of the member list */
  uint64_t owner;   /* id of the member that ordered the write */
  uint64_t counter; /* its own count */
} distcache_entry_version_t;

/* Bits of distcache_options_t.flags. */
enum {
  /* Do not ask the source: NOT_CACHED if neither this node nor the owner holds the key.
   * Answers UNSUPPORTED in this version. */
  DISTCACHE_OP_NO_LOAD = 1,

  /* Answer PEER_UNREACHABLE where the owner cannot be reached, instead of loading at the next
   * candidate or here. Answers UNSUPPORTED in this version. */
  DISTCACHE_OP_OWNER_ONLY = 2,

  /* Never answer a value that is past its expiry, whatever stale.max.ms allows. */
  DISTCACHE_OP_NO_STALE = 4,

  /* A distcache_trace_t lies in memory at `struct_size` bytes from the start of the options, as
   * in distcache_traced_options_t. */
  DISTCACHE_OP_TRACED = 8,

  /* Of get, get_view, get_into and get_with alone, INVALID_ARGUMENT elsewhere: answer what this
   * node's memory holds, else NOT_CACHED, at once and on every thread. A hit counts as a hit and
   * keeps its entry from eviction, which a peek does not; NOT_CACHED counts as nothing. For
   * runtimes that must not block a thread: the hit in one call, anything else by get_async. */
  DISTCACHE_OP_NO_WAIT = 16
};

/* How one call departs from the settings of its keyspace. NULL in place of a pointer to it means
 * all zero, and zero means the default. May grow; starts as DISTCACHE_OPTIONS_INIT. */
typedef struct distcache_options {
  uint32_t struct_size; /* sizeof(distcache_options_t) */
  uint32_t flags;       /* DISTCACHE_OP_* */

  /* Until when the call must end, counted from its start. 0: read.timeout.ms or write.timeout.ms
   * of the keyspace. Negative: INVALID_ARGUMENT. */
  int64_t timeout_ms;

  /* Of what is written (put, put_if, touch; no meaning elsewhere). 0: the rules of the keyspace.
   * DISTCACHE_TTL_NONE: no expiry. Other negatives: INVALID_ARGUMENT. ttl.max.ms and jitter of
   * the keyspace apply to it. */
  int64_t ttl_ms;

  /* The fetch on whose behalf the call is made, as a number: (uint64_t)(uintptr_t)fetch; 0 if
   * none. It lets the engine find a load that would wait for itself, also through other members.
   * Only needed where a source calls on another thread than the one it was called on. */
  uint64_t parent_fetch;
} distcache_options_t;

#define DISTCACHE_OPTIONS_INIT \
  { sizeof(distcache_options_t), 0, 0, 0, 0 }

/* W3C trace context (https://www.w3.org/TR/trace-context/) of a caller. It travels to the owner
 * and into the source. Frozen. */
typedef struct distcache_trace {
  char traceparent[56]; /* 55 characters and NUL; "" means that there is none */
  char tracestate[520]; /* at most 512 characters and NUL, or "" */
} distcache_trace_t;

/* Options with a trace behind them: pass &traced.options with DISTCACHE_OP_TRACED in its flags.
 * Inline, so that options never hold a pointer. */
typedef struct distcache_traced_options {
  distcache_options_t options;
  distcache_trace_t trace;
} distcache_traced_options_t;

#ifdef __cplusplus
}
#endif
#endif
