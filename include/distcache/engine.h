/* distcache/engine.h - the node: one engine in one process, a member of its cluster.
 *
 * A process may hold several engines; they share nothing.
 */
#ifndef DISTCACHE_ENGINE_H
#define DISTCACHE_ENGINE_H

#include "config.h"

#ifdef __cplusplus
extern "C" {
#endif

/* An open engine; ended by distcache_release. A handle: slot and generation, in memory that is
 * never unmapped, so that a stale one answers CLOSED instead of crashing. */
typedef struct distcache_engine distcache_t;

/* Validates the configuration as a whole, copies it, binds, starts the threads and joins the
 * cluster. Waits up to bootstrap.timeout.ms for members to be found, and then goes on looking in
 * the background: an engine that found nobody is open and works alone.
 * INVALID_CONFIG, INSECURE, BAD_KEY: the configuration; the error names every fault.
 * ADDRESS_IN_USE, DUPLICATE_IDENTITY, NO_DESCRIPTORS, NO_MEMORY, SYSTEM: machine or cluster.
 * After any failure nothing is left behind, no thread, socket or registration.
 * WOULD_DEADLOCK: called on an EVENT or OBSERVER thread of another engine. */
DISTCACHE_API distcache_status_t distcache_open(const distcache_config_t *config, distcache_t **out,
                                                distcache_error_t **err);

/* 1 once discovery has answered or its attempts are spent, and at least quorum.min members live;
 * may turn to 0 again. 0 for a closed engine, in a forked child, and for what is no handle. Any
 * thread, never waits. */
DISTCACHE_API int32_t distcache_ready(distcache_t *cache);

/* Waits until the engine is ready. `timeout_ms` 0: bootstrap.timeout.ms. NO_QUORUM: too few members
 * live; TIMED_OUT: discovery has not answered; CLOSED; WOULD_DEADLOCK on an EVENT or OBSERVER
 * thread. */
DISTCACHE_API distcache_status_t distcache_wait_ready(distcache_t *cache, int64_t timeout_ms,
                                                      distcache_error_t **err);

/* Leaves the cluster, lets what is in progress end, stops and joins the threads. Waits up to
 * `timeout_ms` (0: shutdown.timeout.ms) + 100 ms. When it returns, every pending operation has been
 * answered, with CLOSED or UNKNOWN if nothing else, and every later call answers CLOSED. A second
 * close, or one during another, waits for the first and answers OK.
 * TIMED_OUT: closed as well, but a callback still hangs: a source, a completion, a log or event
 * callback. Its thread is detached; completions behind one that hangs run, and finalisers of what
 * hangs run, when it returns. Also: another close is under way and takes longer than `timeout_ms`.
 * WOULD_DEADLOCK: called on a thread of an engine, this one or another; nothing was done, and
 * distcache_release does it in the background. */
DISTCACHE_API distcache_status_t distcache_close(distcache_t *cache, int64_t timeout_ms,
                                                 distcache_error_t **err);

/* Ends the handle. An engine that is still open is closed in the background, by the settings of
 * shutdown.timeout.ms. Any thread, also one of this engine; never waits. */
DISTCACHE_API void distcache_release(distcache_t *cache);

#ifdef __cplusplus
}
#endif
#endif
