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

/* A provider. All functions run on the DISCOVERY thread, one at a time; they may block, but an
 * answer that takes longer than bootstrap.timeout.ms counts as a failure. Each may be NULL except
 * discover. They return OK or another status, with distcache_discovery_reply_message for people; a
 * failure is tried again after join.retry.interval.ms. May grow. */
typedef struct distcache_discovery_vtable {
  uint32_t struct_size; /* sizeof(distcache_discovery_vtable_t) */
  uint32_t reserved;

  /* What logs and statistics call the provider; copied. */
  const char *id;

  /* First of all, once: connect to whatever knows the members. */
  distcache_status_t (*initialize)(uintptr_t context, distcache_discovery_reply_t *reply);

  /* Make this node known. `address` is the one others are to use. */
  distcache_status_t (*register_self)(uintptr_t context, const char *address,
                                      distcache_discovery_reply_t *reply);

  /* Tell the addresses of all members, with distcache_discovery_reply_add; this node's own may be
   * among them. Asked again and again while the engine runs. */
  distcache_status_t (*discover)(uintptr_t context, distcache_discovery_reply_t *reply);

  /* Take this node's address back: the engine leaves. */
  distcache_status_t (*deregister)(uintptr_t context, distcache_discovery_reply_t *reply);

  /* Last of all, once, also after a failed initialize. */
  void (*close)(uintptr_t context);
} distcache_discovery_vtable_t;

/* Adds one address to the answer of discover; copied. INVALID_ARGUMENT: malformed, and not added.
 * On the thread of the call, during the call. */
DISTCACHE_API distcache_status_t distcache_discovery_reply_add(distcache_discovery_reply_t *reply,
                                                               const char *address);

/* Says why the call fails; copied. On the thread of the call, during the call. */
DISTCACHE_API void distcache_discovery_reply_message(distcache_discovery_reply_t *reply,
                                                     const char *message);

/* Makes `vtable` (copied) the provider of engines opened with this configuration; the property
 * discovery.provider must be "custom". `finalize` (NULL allowed) runs after close.
 * Answers UNSUPPORTED in this version. */
DISTCACHE_API distcache_status_t distcache_config_discovery(
    distcache_config_t *config, const distcache_discovery_vtable_t *vtable, uintptr_t context,
    distcache_finalize_fn finalize, distcache_error_t **err);

#ifdef __cplusplus
}
#endif
#endif
