/* distcache/operations.h - what is done with keys.
 *
 * All of these may wait, until their deadline (distcache_options_t.timeout_ms) + 100 ms at most,
 * except the peeks and scan. On a thread where waiting could never end they answer WOULD_DEADLOCK:
 * every waiting call on an EVENT or OBSERVER thread, except a get of one key that is in this node's
 * memory, which does not wait; on a SOURCE thread only a call for a key whose load waits for this
 * very source. Their twins that never wait are in async.h.
 *
 * Arguments of all: `key` has 1 to DISTCACHE_KEY_BYTES_MAX bytes of any value. `options` may be
 * NULL. Statuses of all, not repeated below: INVALID_ARGUMENT, NO_KEYSPACE, CLOSED, FORKED,
 * NO_MEMORY, NO_QUORUM, INTERNAL. A node whose keyspace has no source owns no key of it and asks
 * the members that have one; where no member has one, for get_with and put, all own keys.
 */
#ifndef DISTCACHE_OPERATIONS_H
#define DISTCACHE_OPERATIONS_H

#include "keyspace.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- reading ----------------------------------------------------------------------------- */

/* Memory, else the owner, else the source: one load per key in the whole cluster, which all readers
 * share. OK: *out has one item. Otherwise *out is NULL. NOT_FOUND: the source does not know the
 * key. TIMED_OUT: the load goes on for its other readers. SOURCE_FAILED, RATE_LIMITED,
 * CIRCUIT_OPEN, OVERLOADED: the source, or what protects it. An owner that cannot be reached is no
 * error: the next candidate loads, or this node does. */
DISTCACHE_API distcache_status_t distcache_get(distcache_keyspace_t *keyspace, const uint8_t *key,
                                               size_t key_len, const distcache_options_t *options,
                                               distcache_result_t **out, distcache_error_t **err);

/* Like get, into a view of the caller: no allocation on a hit. INVALID_ARGUMENT also for a view
 * that holds something already. The view is empty unless OK is returned. */
DISTCACHE_API distcache_status_t distcache_get_view(distcache_keyspace_t *keyspace,
                                                    const uint8_t *key, size_t key_len,
                                                    const distcache_options_t *options,
                                                    distcache_view_t *view,
                                                    distcache_error_t **err);

/* Like get, copied into the caller's buffer; nothing to release. *len is the size of the value,
 * also with TOO_LARGE, when it is over `capacity` and nothing was copied (the value is cached: a
 * second call with room is a hit). `buffer` may be NULL where `capacity` is 0. */
DISTCACHE_API distcache_status_t distcache_get_into(distcache_keyspace_t *keyspace,
                                                    const uint8_t *key, size_t key_len,
                                                    const distcache_options_t *options,
                                                    uint8_t *buffer, size_t capacity, size_t *len,
                                                    distcache_error_t **err);

/* Many keys at once: one message per owner, all owners in parallel. Keys travel packed: all bytes
 * end to end in `keys` and one length each in `key_lens`, so that no pointer lies inside the memory
 * passed; nothing has to be aligned. OK means "tried": *out has one item per key, in request order,
 * duplicates included, each with a status as get would answer it; a slow or failing key fails
 * itself only. Every other status means that nothing was tried. `count`: 0 to
 * DISTCACHE_MANY_KEYS_MAX. */
DISTCACHE_API distcache_status_t distcache_get_many(
    distcache_keyspace_t *keyspace, const uint8_t *keys, const uint32_t *key_lens, size_t count,
    const distcache_options_t *options, distcache_result_t **out, distcache_error_t **err);

/* Like get, with a loader for this one call in place of the keyspace's source. The owner grants the
 * load to one caller under a lease, the others wait; the value comes back and is stored there; a
 * dead or late holder passes the grant on, a delete poisons it. `fetch` runs on a SOURCE thread of
 * this node, at most once, or not at all if there is a value already or another caller's loader
 * brings it. A call that has timed out or was cancelled may have returned before `fetch` runs or
 * ends: `context` has to live until `finalize`, which may be NULL, ends it, once, on any thread,
 * when the loader can be called no more. */
DISTCACHE_API distcache_status_t distcache_get_with(
    distcache_keyspace_t *keyspace, const uint8_t *key, size_t key_len, distcache_fetch_fn fetch,
    uintptr_t context, distcache_finalize_fn finalize, const distcache_options_t *options,
    distcache_result_t **out, distcache_error_t **err);

/* This node's memory only: no load, no network, never waits, allowed on every thread. OK: *out has
 * one item. NOT_CACHED: this node does not hold the key (another one may). NOT_FOUND: this node
 * holds that the source does not know the key. */
DISTCACHE_API distcache_status_t distcache_peek(distcache_keyspace_t *keyspace, const uint8_t *key,
                                                size_t key_len, distcache_result_t **out,
                                                distcache_error_t **err);

/* Like peek, into a view of the caller: no allocation. */
DISTCACHE_API distcache_status_t distcache_peek_view(distcache_keyspace_t *keyspace,
                                                     const uint8_t *key, size_t key_len,
                                                     distcache_view_t *view,
                                                     distcache_error_t **err);

/* Like peek, copied into the caller's buffer by the rules of get_into. */
DISTCACHE_API distcache_status_t distcache_peek_into(distcache_keyspace_t *keyspace,
                                                     const uint8_t *key, size_t key_len,
                                                     uint8_t *buffer, size_t capacity, size_t *len,
                                                     distcache_error_t **err);

/* ---- writing -----------------------------------------------------------------------------
 *
 * Writes go to the owner, which orders them, so that concurrent ones end the same everywhere. They
 * change the cache and not the source. Statuses of all:
 *   OK        applied, and no later read on any member of the view answers anything older
 *   PARTIAL   applied at the owner, but the peers that the error (or distcache_result_peer) names
 *             have not confirmed: they may serve what they have until its lease or ttl ends
 *   UNKNOWN   it was sent, and no answer came: applied or not
 *   TIMED_OUT, CANCELLED, OVERLOADED, PEER_UNREACHABLE   not applied */

/* Stores a value for a key; 0 bytes are a value like any other. TOO_LARGE: over value.bytes.max. A
 * load of the key that began before is answered to its readers and not stored. */
DISTCACHE_API distcache_status_t distcache_put(distcache_keyspace_t *keyspace, const uint8_t *key,
                                               size_t key_len, const uint8_t *value,
                                               size_t value_len, const distcache_options_t *options,
                                               distcache_error_t **err);

/* Like put, with tags for distcache_invalidate_tag: `tags_len` bytes in which each tag ends with
 * NUL, at most DISTCACHE_TAGS_MAX of them. */
DISTCACHE_API distcache_status_t distcache_put_tagged(distcache_keyspace_t *keyspace,
                                                      const uint8_t *key, size_t key_len,
                                                      const uint8_t *value, size_t value_len,
                                                      const char *tags, size_t tags_len,
                                                      const distcache_options_t *options,
                                                      distcache_error_t **err);

/* Stores many values; keys and values travel packed as in get_many. `ttls_ms` (NULL allowed) has a
 * ttl for each of them, by the rules of options->ttl_ms, which stands in where one is 0. OK means
 * "tried": the items of *out (NULL allowed) say for each key what put would. Of duplicates the last
 * one stays. */
DISTCACHE_API distcache_status_t distcache_put_many(
    distcache_keyspace_t *keyspace, const uint8_t *keys, const uint32_t *key_lens,
    const uint8_t *values, const uint32_t *value_lens, const int64_t *ttls_ms, size_t count,
    const distcache_options_t *options, distcache_result_t **out, distcache_error_t **err);

/* Deletes a key at the owner and recalls every copy; a load that began before is never stored.
 * OK also if nobody held the key. */
DISTCACHE_API distcache_status_t distcache_delete(distcache_keyspace_t *keyspace,
                                                  const uint8_t *key, size_t key_len,
                                                  const distcache_options_t *options,
                                                  distcache_error_t **err);

/* Deletes many keys, packed as in get_many. OK means "tried": the items of *out (NULL allowed) say
 * for each key what delete would. */
DISTCACHE_API distcache_status_t distcache_delete_many(
    distcache_keyspace_t *keyspace, const uint8_t *keys, const uint32_t *key_lens, size_t count,
    const distcache_options_t *options, distcache_result_t **out, distcache_error_t **err);

/* Deletes all keys of the keyspace, on all members, and fences the loads in progress.
 * Answers UNSUPPORTED in this version. */
DISTCACHE_API distcache_status_t distcache_clear(distcache_keyspace_t *keyspace,
                                                 const distcache_options_t *options,
                                                 distcache_error_t **err);

/* Deletes all entries that carry the tag, on all members, loads in progress included.
 * Answers UNSUPPORTED in this version. */
DISTCACHE_API distcache_status_t distcache_invalidate_tag(distcache_keyspace_t *keyspace,
                                                          const char *tag,
                                                          const distcache_options_t *options,
                                                          distcache_error_t **err);

/* Deletes all entries whose key begins with these 1 to DISTCACHE_KEY_BYTES_MAX bytes, on all
 * members, loads in progress included. Answers UNSUPPORTED in this version. */
DISTCACHE_API distcache_status_t distcache_invalidate_prefix(distcache_keyspace_t *keyspace,
                                                             const uint8_t *prefix,
                                                             size_t prefix_len,
                                                             const distcache_options_t *options,
                                                             distcache_error_t **err);

/* Loads the key from the source now and replaces what is held, which is served meanwhile. *out
 * (NULL allowed) receives the new value as from get. OK: no get that starts later gives what was
 * held before. NOT_FOUND, which the source said: nothing is held any more. PARTIAL, TIMED_OUT and
 * UNKNOWN: the old value may still be read; any other failure leaves it in place, except that a
 * cancelled call may be done all the same. UNSUPPORTED: the owner has no source. Of those that wait
 * for a key that is being refreshed one load follows. */
DISTCACHE_API distcache_status_t distcache_refresh(distcache_keyspace_t *keyspace,
                                                   const uint8_t *key, size_t key_len,
                                                   const distcache_options_t *options,
                                                   distcache_result_t **out,
                                                   distcache_error_t **err);

/* Stores a value only if the entry's version is *expected, or, where `expected` is NULL or all
 * zero, only if there is no entry; the owner decides, and of several calls that give the same
 * version one is applied. *version (NULL allowed; may be `expected`) receives the version of the
 * new entry. VERSION_MISMATCH: not applied, and *version is that of the entry that is there, all
 * zero if there is none. Without the owner whoever acts for it decides, by what it holds itself:
 * PARTIAL; where only this member does not reach the owner: PEER_UNREACHABLE, not applied. UNKNOWN
 * and PARTIAL are not to be tried again as they stand: read, decide again. TOO_LARGE: as of put,
 * or more than there is room for at the owner, which has dropped the entry that was there. */
DISTCACHE_API distcache_status_t distcache_put_if(
    distcache_keyspace_t *keyspace, const uint8_t *key, size_t key_len, const uint8_t *value,
    size_t value_len, const distcache_entry_version_t *expected, const distcache_options_t *options,
    distcache_entry_version_t *version, distcache_error_t **err);

/* Gives the entry a new ttl (options->ttl_ms), counted from now. NOT_CACHED: the owner holds no
 * entry; nothing is loaded. Answers UNSUPPORTED in this version. */
DISTCACHE_API distcache_status_t distcache_touch(distcache_keyspace_t *keyspace, const uint8_t *key,
                                                 size_t key_len, const distcache_options_t *options,
                                                 distcache_error_t **err);

/* ---- all keys of this node --------------------------------------------------------------- */

/* Some of the entries that this node owns: up to `count_max` items with their keys
 * (distcache_result_key). *cursor is 0 to begin; it is moved on, and is 0 again after the last
 * part. Entries that are there throughout are met at least once. Never waits.
 * Answers UNSUPPORTED in this version. */
DISTCACHE_API distcache_status_t distcache_scan(distcache_keyspace_t *keyspace, uint64_t *cursor,
                                                size_t count_max, distcache_result_t **out,
                                                distcache_error_t **err);

#ifdef __cplusplus
}
#endif
#endif
