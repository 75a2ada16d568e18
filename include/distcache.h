/* distcache.h - an embeddable distributed read-through cache.
 *
 * An engine (one node in one process) holds keyspaces: named caches with their own limits, each
 * with a data source, the function that fetches what is missing. Engines that know each other share
 * the keys among them: each key has one owner, and one load per key serves the whole cluster.
 *
 *   distcache_config_new(DISTCACHE_ABI, &config, &err);     settings, as name=value
 *   distcache_open(config, &cache, &err);                   the node
 *   distcache_keyspace_def_new("users", &def, &err);        what a keyspace is made of ...
 *   distcache_keyspace_def_set(def, "bytes.max", "64MiB", &err);
 *   distcache_keyspace_def_source(def, fetch_user, context, NULL, &err);
 *   distcache_keyspace_add(cache, def, &users, &err);       ... and the keyspace itself
 *   distcache_get(users, key, key_len, NULL, &result, &err);
 *   item = distcache_result_item(result, 0);                status, data, len, version, age, ttl
 *   distcache_result_release(result);
 *
 * examples/c/quickstart.c is this as a program; CONFIGURATION.md lists every setting.
 *
 * CONVENTIONS, true of every function unless its comment says otherwise
 *
 *  Result     distcache_status_t, 0 is success; status.h says of each number whether a retry helps
 *             and whether a write was applied. Expected outcomes (NOT_FOUND, NOT_CACHED) are
 *             statuses without an error object and cost no allocation.
 *  Detail     `err` comes last and may be NULL. On failure it receives an error object, which the
 *             caller releases; on success and on an expected outcome it receives NULL. There is no
 *             thread-local "last error".
 *  Ownership  What is received through `T **out` is the caller's, to be ended by the function that
 *             its type names. Pointers to const that are returned are borrowed from the object they
 *             were asked of, and live as long as it does. Arguments are copied or used up before
 *             the call returns. A failed call sets *out to NULL. Releasing NULL does nothing.
 *  Lifetime   Objects are reference counted inside: they may be released in any order, by any
 *             thread, also after the engine was closed. A result outlives its engine.
 *  Handles    distcache_t, distcache_keyspace_t, distcache_op_t and the fetches of source.h are
 *             handles: slot and generation, in memory that is never unmapped. A stale one answers
 *             CLOSED (a fetch INVALID_ARGUMENT), one that never was valid INVALID_ARGUMENT; what
 *             returns no status then returns 0, NULL or "". The other objects are plain pointers:
 *             using one after its release, or anything else in its place, is undefined in C and
 *             cannot be recognised, except NULL, which is INVALID_ARGUMENT.
 *  Threads    Any function may be called by any thread at any time, with two exceptions: config and
 *             keyspace_def objects belong to one thread at a time, and a call that waits is refused
 *             with WOULD_DEADLOCK where waiting could never end.
 *  Callbacks  A function, a context, and a finaliser that runs exactly once, when the function can
 *             be called no more and also if the registering call fails: the caller never frees a
 *             context itself. The context is an integer, so that a language without stable
 *             addresses can pass a handle. No exception, panic or longjmp may leave a callback.
 *             None runs under a lock of the engine or inside the call that caused it, so it may
 *             call back into the engine; those that differ say so. Each names its thread:
 *               SOURCE    source.threads of them, shared out per keyspace. May block.
 *               EVENT     one or two, run completions. Must not block.
 *               OBSERVER  one, runs log, event and span callbacks. May block: it delays nobody, but
 *                         what its bounded queue cannot take is dropped and counted.
 *               DISCOVERY one, runs the calls of a user's discovery provider. May block.
 *             All of them live from open to close, block all signals, and are named dc-*.
 *  Text       Names and messages are NUL-ended UTF-8. Keys and values are any bytes, NUL included.
 *  Time       int64_t milliseconds, names end in _ms. A timeout of 0 means the documented default,
 *             a negative one is INVALID_ARGUMENT. A call that waits returns by its deadline
 *             + 100 ms, whatever peers and source do. No wall-clock instant enters or leaves,
 *             except for people in logs and spans.
 *  Numbers    "int32_t flag" is 0 or 1. Unknown bits in a flags field are INVALID_ARGUMENT.
 *  Structs    No implicit padding on 64-bit machines; `reserved` fields are 0. Those that start
 *             with struct_size may grow at their end: set it to the sizeof the program was compiled
 *             with, or use their _INIT macro; 0 is INVALID_ARGUMENT. What the program knows and
 *             the library does not must be 0, else UNSUPPORTED. Those that are reached by a stride
 *             may grow too: step by the stride and never by sizeof. All others are frozen.
 *  Fork       What a forked child inherited it can only release: every other call on a handle of
 *             its parent answers FORKED. It may open engines of its own.
 *  Versions   What exists is never changed, only added to, within one DISTCACHE_ABI. A function
 *             that has not arrived yet says "Answers UNSUPPORTED in this version."; it does
 *             nothing, but keeps the conventions of *out, err and finalisers.
 */
#ifndef DISTCACHE_H
#define DISTCACHE_H

#include "distcache/abi.h"        /* versions, export macro */
#include "distcache/async.h"      /* operations that complete on an EVENT thread or in a queue */
#include "distcache/config.h"     /* settings of an engine, as name=value */
#include "distcache/discovery.h"  /* a provider of one's own */
#include "distcache/engine.h"     /* open, close, readiness */
#include "distcache/error.h"      /* what failed, for people */
#include "distcache/extend.h"     /* eviction, second tier, expiry, hash, memory of one's own */
#include "distcache/keyspace.h"   /* named caches */
#include "distcache/observe.h"    /* log, events, spans, statistics, peers, explanations */
#include "distcache/operations.h" /* get, put, delete and the rest */
#include "distcache/result.h"     /* what operations answer */
#include "distcache/source.h"     /* how missing values are fetched */
#include "distcache/status.h"     /* the numbers */
#include "distcache/types.h"      /* plain structs shared by all */

#endif
