/* distcache/extend.h - parts of the engine that a program may bring itself: hash, memory, expiry,
 * eviction, second tier.
 *
 * None is needed; the built-in ones are chosen by properties. Vtables are structs that start with
 * struct_size, are copied when they are registered, and may grow at their end.
 */
#ifndef DISTCACHE_EXTEND_H
#define DISTCACHE_EXTEND_H

#include "keyspace.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- hash: which member owns a key ------------------------------------------------------- */

/* A hash of the key, used for the ring. Any thread, also under a lock of the engine: it must not
 * block, must not call the engine, and must be a function of the bytes alone. All members have to
 * use the same one. */
typedef uint64_t (*distcache_hash_fn)(uintptr_t context, const uint8_t *key, size_t key_len);

/* Replaces xxh3; the property ring.hash must be "custom". `id` names the function, so that members
 * with different ones refuse each other instead of disagreeing silently.
 * Answers UNSUPPORTED in this version. */
DISTCACHE_API distcache_status_t distcache_config_hash(distcache_config_t *config, const char *id,
                                                       distcache_hash_fn hash, uintptr_t context,
                                                       distcache_finalize_fn finalize,
                                                       distcache_error_t **err);

/* ---- memory: where entries live ---------------------------------------------------------- */

/* An allocator for entries and values. Any thread, also under a lock of the engine: it must not
 * block and must not call the engine. May grow. */
typedef struct distcache_allocator_vtable {
  uint32_t struct_size; /* sizeof(distcache_allocator_vtable_t) */
  uint32_t reserved;

  /* At least `size` bytes, aligned to 16; NULL if there are none, which is NO_MEMORY. */
  void *(*allocate)(uintptr_t context, size_t size);

  /* Takes back a block of allocate, with the size it was asked for. */
  void (*deallocate)(uintptr_t context, void *block, size_t size);

  /* What a block of that size really costs, overhead included: bytes.max counts this. May be NULL:
   * it costs its size. */
  size_t (*true_size)(uintptr_t context, size_t size);
} distcache_allocator_vtable_t;

/* Takes entries and values of engines opened with this configuration from `vtable`. `finalize` runs
 * when the last block has been given back, which may be after close: results keep their bytes.
 * Answers UNSUPPORTED in this version. */
DISTCACHE_API distcache_status_t distcache_config_allocator(
    distcache_config_t *config, const distcache_allocator_vtable_t *vtable, uintptr_t context,
    distcache_finalize_fn finalize, distcache_error_t **err);

/* ---- expiry: how long a loaded value lives ----------------------------------------------- */

/* The ttl of a value that came without one, in milliseconds; 0: ttl.ms decides;
 * DISTCACHE_TTL_NONE: no expiry. Called on the owner, on a SOURCE thread for loads and on an EVENT
 * thread for puts; must not block. `key` and `value` are borrowed for the call. */
typedef int64_t (*distcache_expiry_fn)(uintptr_t context, const uint8_t *key, size_t key_len,
                                       const uint8_t *value, size_t value_len);

/* Sets the expiry callback of a keyspace. Answers UNSUPPORTED in this version. */
DISTCACHE_API distcache_status_t distcache_keyspace_def_expiry(distcache_keyspace_def_t *def,
                                                               distcache_expiry_fn expiry,
                                                               uintptr_t context,
                                                               distcache_finalize_fn finalize,
                                                               distcache_error_t **err);

/* ---- eviction: which entry goes when memory is full -------------------------------------- */

/* A policy of one's own. A keyspace has several shards and one policy state for each; calls for one
 * state never overlap, calls for different ones do. They run under the lock of their shard, on any
 * thread: they must not block and must not call the engine. Entries are named by numbers that are
 * unique within a shard while the entry lives. May grow. */
typedef struct distcache_eviction_vtable {
  uint32_t struct_size; /* sizeof(distcache_eviction_vtable_t) */
  uint32_t reserved;

  /* Makes the state of one shard that will hold up to bytes_max bytes; 0 is NO_MEMORY. */
  uintptr_t (*open)(uintptr_t context, uint64_t bytes_max);

  /* An entry was stored; `key_hash` lets a policy recognise one that was evicted before. */
  void (*added)(uintptr_t state, uint64_t entry, uint64_t key_hash, uint64_t bytes);

  /* An entry was hit. Not every hit is told: they may be sampled. */
  void (*touched)(uintptr_t state, uint64_t entry);

  /* An entry has gone: deleted, expired, replaced, or chosen as the victim before. */
  void (*removed)(uintptr_t state, uint64_t entry);

  /* The entry to go next; 0: none, the newest one goes. */
  uint64_t (*victim)(uintptr_t state);

  /* Ends the state of one shard. */
  void (*close)(uintptr_t state);
} distcache_eviction_vtable_t;

/* Sets the policy of a keyspace; the property eviction.policy must be "custom".
 * Answers UNSUPPORTED in this version. */
DISTCACHE_API distcache_status_t distcache_keyspace_def_eviction(
    distcache_keyspace_def_t *def, const distcache_eviction_vtable_t *vtable, uintptr_t context,
    distcache_finalize_fn finalize, distcache_error_t **err);

/* ---- second tier: below memory, above the source ----------------------------------------- */

/* Where a tier's get puts what it found; borrowed for the time of that call. */
typedef struct distcache_tier_reply distcache_tier_reply_t;

/* A shared store that outlives processes. All functions run on SOURCE threads of the owner, several
 * at once, and may block up to fetch.timeout.ms. They return OK, NOT_CACHED (get), or a failure,
 * which is counted and otherwise ignored: memory and source go on. May grow. */
typedef struct distcache_tier_vtable {
  uint32_t struct_size; /* sizeof(distcache_tier_vtable_t) */
  uint32_t reserved;

  /* Looks the key up and answers with distcache_tier_reply_value. */
  distcache_status_t (*get)(uintptr_t context, const char *keyspace, const uint8_t *key,
                            size_t key_len, distcache_tier_reply_t *reply);

  /* Stores a value with its remaining ttl (DISTCACHE_TTL_NONE: no expiry). */
  distcache_status_t (*put)(uintptr_t context, const char *keyspace, const uint8_t *key,
                            size_t key_len, const uint8_t *value, size_t value_len,
                            int64_t ttl_remaining_ms);

  /* Forgets one key. */
  distcache_status_t (*remove)(uintptr_t context, const char *keyspace, const uint8_t *key,
                               size_t key_len);

  /* Forgets all keys of the keyspace. */
  distcache_status_t (*clear)(uintptr_t context, const char *keyspace);

  /* tier.lock: holds one loader among processes that share only the tier, for lease_ms at most;
   * *token names the lock. OVERLOADED: another one has it. Both may be NULL. */
  distcache_status_t (*lock)(uintptr_t context, const char *keyspace, const uint8_t *key,
                             size_t key_len, int64_t lease_ms, uint64_t *token);

  /* Gives the lock up; an unknown or expired token does nothing. */
  distcache_status_t (*unlock)(uintptr_t context, const char *keyspace, const uint8_t *key,
                               size_t key_len, uint64_t token);
} distcache_tier_vtable_t;

/* Answers a tier's get with a value, copied, its age and its remaining ttl. Once per call, on the
 * thread of the call, during the call. TOO_LARGE: over value.bytes.max. */
DISTCACHE_API distcache_status_t distcache_tier_reply_value(distcache_tier_reply_t *reply,
                                                            const uint8_t *value, size_t value_len,
                                                            int64_t age_ms,
                                                            int64_t ttl_remaining_ms);

/* Sets the second tier of a keyspace; the property tier must be "custom".
 * Answers UNSUPPORTED in this version. */
DISTCACHE_API distcache_status_t distcache_keyspace_def_tier(distcache_keyspace_def_t *def,
                                                             const distcache_tier_vtable_t *vtable,
                                                             uintptr_t context,
                                                             distcache_finalize_fn finalize,
                                                             distcache_error_t **err);

#ifdef __cplusplus
}
#endif
#endif
