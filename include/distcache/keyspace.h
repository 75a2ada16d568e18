/* distcache/keyspace.h - named caches: what they are made of, adding and removing them.
 *
 * A keyspace has its own limits, times and data source. Members that have a source for it share its
 * keys among them; a member that added it without one owns nothing there and asks the others.
 */
#ifndef DISTCACHE_KEYSPACE_H
#define DISTCACHE_KEYSPACE_H

#include "engine.h"
#include "result.h"
#include "source.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- what a keyspace is made of ---------------------------------------------------------- */

/* Settings and callbacks of a keyspace to be added; ended by distcache_keyspace_def_release.
 * Belongs to one thread at a time; may be used for several engines, one after the other. */
typedef struct distcache_keyspace_def distcache_keyspace_def_t;

/* Makes a definition in which everything has its default. `name`: 1 to DISTCACHE_NAME_BYTES_MAX
 * bytes without control characters; the same in all members. INVALID_ARGUMENT: another name. Never
 * waits. */
DISTCACHE_API distcache_status_t distcache_keyspace_def_new(const char *name,
                                                            distcache_keyspace_def_t **out,
                                                            distcache_error_t **err);

/* Sets one property of the keyspace, with the rules of distcache_config_set; "bytes.max" is the one
 * that has no default. */
DISTCACHE_API distcache_status_t distcache_keyspace_def_set(distcache_keyspace_def_t *def,
                                                            const char *name, const char *value,
                                                            distcache_error_t **err);

/* The value of a property as text, like distcache_config_get. */
DISTCACHE_API const char *distcache_keyspace_def_get(const distcache_keyspace_def_t *def,
                                                     const char *name);

/* Sets the data source, in place of an earlier one. `finalize` may be NULL; it runs once no load
 * can call `fetch` any more, in any engine. Never waits. */
DISTCACHE_API distcache_status_t distcache_keyspace_def_source(distcache_keyspace_def_t *def,
                                                               distcache_fetch_fn fetch,
                                                               uintptr_t context,
                                                               distcache_finalize_fn finalize,
                                                               distcache_error_t **err);

/* Sets the bulk form of the data source, which then serves loads of many keys; a keyspace may have
 * either form or both. `finalize` like that of the source. Never waits. */
DISTCACHE_API distcache_status_t distcache_keyspace_def_source_many(distcache_keyspace_def_t *def,
                                                                    distcache_fetch_many_fn fetch,
                                                                    uintptr_t context,
                                                                    distcache_finalize_fn finalize,
                                                                    distcache_error_t **err);

/* Checks everything as distcache_keyspace_add would. INVALID_CONFIG: the error names every fault.
 * Never waits. */
DISTCACHE_API distcache_status_t
distcache_keyspace_def_validate(const distcache_keyspace_def_t *def, distcache_error_t **err);

/* Ends the object; keyspaces that were added with it have their own copy. Finalisers of callbacks
 * that no keyspace uses run now. Never waits. */
DISTCACHE_API void distcache_keyspace_def_release(distcache_keyspace_def_t *def);

/* Copies the definition into the configuration, so that the keyspace is there when open returns:
 * the node joins with it, where one that is added later changes the ring again. Get it with
 * distcache_keyspace_lookup. INVALID_CONFIG: a fault in the definition, or its name is taken.
 * Never waits. */
DISTCACHE_API distcache_status_t distcache_config_keyspace(distcache_config_t *config,
                                                           const distcache_keyspace_def_t *def,
                                                           distcache_error_t **err);

/* ---- keyspaces of an open engine --------------------------------------------------------- */

/* A keyspace of an open engine; ended by distcache_keyspace_release. A handle like distcache_t:
 * stale after close (CLOSED) and after the keyspace was removed (NO_KEYSPACE). It carries its
 * engine: calls need no other handle. */
typedef struct distcache_keyspace distcache_keyspace_t;

/* Adds a keyspace to this node; copies `def`. `out` may be NULL. INVALID_CONFIG: a fault in the
 * definition, or a keyspace of this name exists already. Does not wait for the other members. */
DISTCACHE_API distcache_status_t distcache_keyspace_add(distcache_t *cache,
                                                        const distcache_keyspace_def_t *def,
                                                        distcache_keyspace_t **out,
                                                        distcache_error_t **err);

/* Gives the keyspace of the definition's name its settings and source. Entries stay, except what
 * smaller limits push out, and all of them where partition becomes bounded; handles stay valid;
 * loads in progress end with the old source. A definition without a source keeps the one it has.
 * NO_KEYSPACE, INVALID_CONFIG. Never waits. */
DISTCACHE_API distcache_status_t distcache_keyspace_update(distcache_t *cache,
                                                           const distcache_keyspace_def_t *def,
                                                           distcache_error_t **err);

/* Removes the keyspace from this node: its entries go, its loads in progress are answered with
 * NO_KEYSPACE, its handles are stale, its finalisers run. Other members keep it. Does not wait for
 * sources that are still running. NO_KEYSPACE: there is none. */
DISTCACHE_API distcache_status_t distcache_keyspace_remove(distcache_t *cache, const char *name,
                                                           distcache_error_t **err);

/* A handle of the keyspace of this name. NO_KEYSPACE: there is none. Never waits. */
DISTCACHE_API distcache_status_t distcache_keyspace_lookup(distcache_t *cache, const char *name,
                                                           distcache_keyspace_t **out,
                                                           distcache_error_t **err);

/* The names of all keyspaces of this node, sorted: one item each, whose `data` is the name, with a
 * NUL behind its `len` bytes. Never waits. */
DISTCACHE_API distcache_status_t distcache_keyspace_list(distcache_t *cache,
                                                         distcache_result_t **out,
                                                         distcache_error_t **err);

/* The name of the keyspace, also once it was removed or its engine closed; "" for a handle that was
 * released, or never was one, and in a forked child. Any thread, never waits; borrowed from the
 * handle. */
DISTCACHE_API const char *distcache_keyspace_name(distcache_keyspace_t *keyspace);

/* Ends the handle; the keyspace itself stays. Any thread, never waits. */
DISTCACHE_API void distcache_keyspace_release(distcache_keyspace_t *keyspace);

#ifdef __cplusplus
}
#endif
#endif
