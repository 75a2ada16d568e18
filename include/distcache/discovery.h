/* distcache/discovery.h - a discovery provider of one's own: who tells where the other members are.
 *
 * The providers that come with the library (static list, DNS, NATS, Kubernetes) are chosen by the
 * property discovery.provider and need none of this.
 *
 * An address names the discovery port of a member: "host:port", or "host:port#public-key" where the
 * cluster is encrypted. Node name, data port and everything else travel by gossip. Addresses are
 * hints: a wrong one wastes a connection, and an address that is no longer listed does not throw a
 * living member out.
 */
#ifndef DISTCACHE_DISCOVERY_H
#define DISTCACHE_DISCOVERY_H

#include "config.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Where one call of a provider puts its answer; borrowed for the time of that call. */
typedef struct distcache_discovery_reply distcache_discovery_reply_t;

/* A provider. All functions run on the DISCOVERY thread, one at a time, where a call of the library
 * that waits is refused with WOULD_DEADLOCK. They may block, but an answer that takes longer than
 * bootstrap.timeout.ms counts as a failure, and so does what a callback throws. Each may be NULL
 * except discover. They return OK or another status, with distcache_discovery_reply_message for
 * people; a failure is tried again after about join.retry.interval.ms, after join.attempts.max of
 * them later and later, and the last good answer stays in use meanwhile. INVALID_CONFIG of the
 * first two makes distcache_open fail with it.
 *
 * One that hangs holds nothing up but its own thread: distcache_open goes on without it after
 * bootstrap.timeout.ms, and distcache_close leaves it to itself after its timeout, with TIMED_OUT;
 * when it returns, deregister, close and the finaliser follow. May grow. */
typedef struct distcache_discovery_vtable {
  uint32_t struct_size; /* sizeof(distcache_discovery_vtable_t) */
  uint32_t reserved;

  /* What logs and statistics call the provider; copied. */
  const char *id;

  /* First of all, and again after a failure: connect to whatever knows the members. */
  distcache_status_t (*initialize)(uintptr_t context, distcache_discovery_reply_t *reply);

  /* Make this node known; again after a failure. `address` is the one others are to use. */
  distcache_status_t (*register_self)(uintptr_t context, const char *address,
                                      distcache_discovery_reply_t *reply);

  /* Tell the addresses of all members, with distcache_discovery_reply_add; this node's own may be
   * among them. Asked again and again while the engine runs, see discovery.interval.ms. */
  distcache_status_t (*discover)(uintptr_t context, distcache_discovery_reply_t *reply);

  /* Take this node's address back: the engine leaves. Once, if register_self has succeeded. */
  distcache_status_t (*deregister)(uintptr_t context, distcache_discovery_reply_t *reply);

  /* Last of all, once, also after a failed initialize; not where distcache_open failed before it
   * came to initialize. */
  void (*close)(uintptr_t context);
} distcache_discovery_vtable_t;

/* Adds one address to the answer of discover; copied. On the thread of the call, during the call.
 * INVALID_ARGUMENT: malformed or without a port, of another call than discover, or on another
 * thread; TOO_LARGE: more than 4096; CLOSED: the call is over. Then nothing is added. */
DISTCACHE_API distcache_status_t distcache_discovery_reply_add(distcache_discovery_reply_t *reply,
                                                               const char *address);

/* Says why the call fails; copied, 1024 bytes of it. On the thread of the call, during the call;
 * elsewhere, and with NULL, it does nothing. */
DISTCACHE_API void distcache_discovery_reply_message(distcache_discovery_reply_t *reply,
                                                     const char *message);

/* Makes `vtable` (copied) the provider of engines opened with this configuration, in place of one
 * given before; the property discovery.provider must be "custom". `finalize` (NULL allowed) runs
 * once, on any thread: after close of the last engine that was opened with it, when the
 * configuration has been released too. */
DISTCACHE_API distcache_status_t distcache_config_discovery(
    distcache_config_t *config, const distcache_discovery_vtable_t *vtable, uintptr_t context,
    distcache_finalize_fn finalize, distcache_error_t **err);

#ifdef __cplusplus
}
#endif
#endif
