/* distcache/result.h - what operations answer.
 *
 * A result owns its items, in the order of the request, duplicates included; a single get has one.
 * It is immutable, may be read by several threads at once, and stays valid after its engine was
 * closed. Its bytes are those of the cache and not a copy: a result that is kept pins them in
 * memory (statistics count the pinned bytes).
 */
#ifndef DISTCACHE_RESULT_H
#define DISTCACHE_RESULT_H

#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Where a value came from. */
enum {
  DISTCACHE_ORIGIN_NONE = 0,    /* there is no value */
  DISTCACHE_ORIGIN_LOCAL = 1,   /* this node's memory, which owns the key */
  DISTCACHE_ORIGIN_OWNER = 2,   /* the memory of the owner, another member */
  DISTCACHE_ORIGIN_MIRROR = 3,  /* a leased copy of a hot key in this node's memory */
  DISTCACHE_ORIGIN_RESERVE = 4, /* an expired or orphaned copy, kept for when all else fails */
  DISTCACHE_ORIGIN_TIER = 5,    /* the second tier */
  DISTCACHE_ORIGIN_SOURCE = 6   /* loaded by the data source, for this call or one it joined */
};

/* Bits of distcache_item_t.flags. */
enum {
  DISTCACHE_ITEM_STALE = 1,    /* past its expiry, served because stale.max.ms allows it */
  DISTCACHE_ITEM_RETRIABLE = 2 /* of a failed item: the same call may succeed later */
};

/* The outcome for one key. Grows at its end: reach the next one by the stride of
 * distcache_result_items. Fields that have no meaning for a status are 0. */
typedef struct distcache_item {
  const uint8_t *data; /* borrowed; NULL unless a value was read. An empty value is not NULL */
  size_t len;
  distcache_entry_version_t version; /* of what was read or applied, or is in a put_if's way */
  int64_t age_ms;                    /* since the value was loaded or put */
  int64_t ttl_remaining_ms;          /* DISTCACHE_TTL_NONE: never expires; 0: expired, STALE */
  distcache_status_t status;
  uint32_t flags; /* DISTCACHE_ITEM_* */
  int32_t origin; /* DISTCACHE_ORIGIN_* */
  uint32_t reserved;
} distcache_item_t;

/* Ended by distcache_result_release. */
typedef struct distcache_result distcache_result_t;

/* All items with one call: the first one, how many there are, and how many bytes lie between the
 * starts of two of them. `count` and `stride` may be NULL. Any thread, never waits; borrowed from
 * the result. NULL with *count = 0 for NULL and for a result without items. */
DISTCACHE_API const distcache_item_t *distcache_result_items(const distcache_result_t *result,
                                                             size_t *count, size_t *stride);

/* The item at `index`, or NULL past the last one: the stride is taken care of. Any thread, never
 * waits; borrowed from the result. */
DISTCACHE_API const distcache_item_t *distcache_result_item(const distcache_result_t *result,
                                                            size_t index);

/* Why the item at `index` failed, as a sentence; "" if it did not or does not exist. Any thread,
 * never waits; borrowed from the result, never NULL. */
DISTCACHE_API const char *distcache_result_message(const distcache_result_t *result, size_t index);

/* The key of the item at `index`, for results whose keys the caller did not choose (scan, hot
 * keys); NULL for all others. *len receives its length, or 0. Any thread, never waits; borrowed
 * from the result. */
DISTCACHE_API const uint8_t *distcache_result_key(const distcache_result_t *result, size_t index,
                                                  size_t *len);

/* The name of the nth peer that has not confirmed the write of the item at `index`, whose status is
 * PARTIAL; NULL past the last one and for other statuses. Any thread, never waits; borrowed from
 * the result. */
DISTCACHE_API const char *distcache_result_peer(const distcache_result_t *result, size_t index,
                                                size_t nth);

/* One more owner: each retain needs a release of its own. Returns `result`. Any thread, never
 * waits. */
DISTCACHE_API distcache_result_t *distcache_result_retain(distcache_result_t *result);

/* Gives one ownership up; the last one ends the result and everything borrowed from it. Any thread,
 * never waits. */
DISTCACHE_API void distcache_result_release(distcache_result_t *result);

/* ---- views: a value without a result object ---------------------------------------------- */

/* A struct of the caller that borrows the bytes of one value: a hit costs no allocation. Set it to
 * DISTCACHE_VIEW_INIT before its first use. It may be moved in memory; of several copies exactly
 * one is released. Fields are read only. Grows at its end, `item` included. */
typedef struct distcache_view {
  uint32_t struct_size; /* sizeof(distcache_view_t) */
  uint32_t reserved;
  uintptr_t internal[4]; /* all zero while the view holds nothing */
  distcache_item_t item; /* the value, while the view holds one */
} distcache_view_t;

#define DISTCACHE_VIEW_INIT                                                             \
  {                                                                                     \
    sizeof(distcache_view_t), 0, {0, 0, 0, 0}, { NULL, 0, {0, 0, 0}, 0, 0, 0, 0, 0, 0 } \
  }

/* Gives the bytes back and empties the view, which may then be used again; an empty view stays as
 * it is. To be called soon: a held view pins its bytes. Any thread, also another one than the view
 * was filled on, and after close; never waits. */
DISTCACHE_API void distcache_view_release(distcache_view_t *view);

#ifdef __cplusplus
}
#endif
#endif
