/* distcache/source.h - the data source: the user's function that fetches what is missing.
 *
 * The engine calls it on a SOURCE thread with a fetch, one load in progress. The source answers the
 * fetch exactly once: before it returns, or later from any thread; both through the same callback.
 *
 *   static void fetch_user(uintptr_t context, distcache_fetch_t *fetch) {
 *     size_t len;
 *     const uint8_t *key = distcache_fetch_key(fetch, &len);
 *     struct row row;
 *     int rc = db_find((struct db *)context, key, len, &row);
 *     if (rc == 0) distcache_fetch_complete(fetch, row.bytes, row.len, NULL);
 *     else if (rc == ENOENT) distcache_fetch_not_found(fetch);
 *     else distcache_fetch_fail(fetch, rc == EAGAIN, strerror(rc));
 *   }
 *
 * OWNERSHIP OF A FETCH. The callback receives it and owes it one answer: complete, not_found,
 * not_modified or fail. The answer ends the fetch; there is no release beside it. A fetch that is
 * never answered costs its readers their deadline and keeps a slot of loads.max until
 * fetch.timeout.ms has passed, and nothing else. A wrapper that owns a fetch answers with fail when
 * it is dropped unanswered, and catches what its user throws with fail.
 *
 * LATE AND SECOND ANSWERS. A fetch is a handle (slot and generation, in memory that is never
 * unmapped) and not a plain pointer. After a timeout, a cancellation or the close of the engine its
 * readers have been answered already: the fetch still awaits its one answer, which then only ends
 * it. A second answer is recognised, counted (answers_ignored), and does nothing. Both are safe for
 * as long as the process lives.
 *
 * What an answer returns is for logs; no caller has to branch on it:
 *   OK                the answer was taken
 *   CANCELLED         fetch.timeout.ms has passed, or the keyspace or engine has ended: it only
 *                     ended the fetch
 *   INVALID_ARGUMENT  the fetch had been answered before, or never was one: nothing was done; or an
 *                     argument breaks its bounds: the readers got SOURCE_FAILED
 *   FORKED            the fetch is one of the parent process: nothing was done
 *   TOO_LARGE         the value is over value.bytes.max: the readers got TOO_LARGE
 *   NO_MEMORY         the value could not be copied: the readers got NO_MEMORY
 */
#ifndef DISTCACHE_SOURCE_H
#define DISTCACHE_SOURCE_H

#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- one key ----------------------------------------------------------------------------- */

/* A load in progress; ended by its one answer. Readers join it, so that a cluster asks once. */
typedef struct distcache_fetch distcache_fetch_t;

/* The data source. SOURCE thread; may block, may call the engine for other keys (a blocking call
 * that would wait for this very load answers WOULD_DEADLOCK). Several calls run at once, for
 * different keys. */
typedef void (*distcache_fetch_fn)(uintptr_t context, distcache_fetch_t *fetch);

/* The key to fetch, *len bytes. Any thread, never waits; borrowed from the fetch: valid until its
 * answer, also when its readers have gone. NULL with *len = 0 after the answer. */
DISTCACHE_API const uint8_t *distcache_fetch_key(const distcache_fetch_t *fetch, size_t *len);

/* The name of the keyspace. Any thread, never waits; borrowed like the key, "" after the answer. */
DISTCACHE_API const char *distcache_fetch_keyspace(const distcache_fetch_t *fetch);

/* What is left of fetch.timeout.ms, or 0 while distcache_fetch_cancelled is 1. It does not follow
 * the deadlines of the readers, since one with more time may join. Any thread, never waits. */
DISTCACHE_API int64_t distcache_fetch_remaining_ms(const distcache_fetch_t *fetch);

/* 1 while nobody waits for the answer: every reader was cancelled or its time is over (one on
 * another member counts until its time is over); and for good once fetch.timeout.ms has passed, the
 * keyspace was removed, or the close of the engine began: readers that still wait then get a value
 * that is given, and CLOSED (those on other members ask elsewhere) for a failure.
 * A long source asks now and then, and may give up by fail. That fails no reader that joined after
 * it was told so (which makes this 0 again): the key is loaded once more, never twice at once. A
 * value given nevertheless is kept, and answers them. Any thread, never waits. */
DISTCACHE_API int32_t distcache_fetch_cancelled(const distcache_fetch_t *fetch);

/* The trace context of the first reader, which may be on another member. Returns 1 and fills
 * *trace, or returns 0 with both texts empty. Any thread, never waits. */
DISTCACHE_API int32_t distcache_fetch_trace(const distcache_fetch_t *fetch,
                                            distcache_trace_t *trace);

/* The source_version that came with the value now held for the key, or 0 if none is held: what a
 * conditional request to a database or server needs, together with not_modified. Any thread, never
 * waits. */
DISTCACHE_API uint64_t distcache_fetch_source_version(const distcache_fetch_t *fetch);

/* Bits of distcache_answer_t.flags. */
enum {
  DISTCACHE_ANSWER_NO_STORE = 1 /* hand the value to the readers, keep it nowhere */
};

/* What a source may say about its value. NULL in place of a pointer to it means all zero, and zero
 * means the default. Holds no pointer. May grow; starts as DISTCACHE_ANSWER_INIT. */
typedef struct distcache_answer {
  uint32_t struct_size; /* sizeof(distcache_answer_t) */
  uint32_t flags;       /* DISTCACHE_ANSWER_* */

  /* 0: the expiry callback, else ttl.ms. DISTCACHE_TTL_NONE: no expiry. Other negatives: as if the
   * value had expired, which is NO_STORE. ttl.max.ms and jitter apply. */
  int64_t ttl_ms;

  /* The source's own number for this state of the value (a row version, a hash of an ETag), handed
   * back by distcache_fetch_source_version at the next load. 0: none. */
  uint64_t source_version;
} distcache_answer_t;

#define DISTCACHE_ANSWER_INIT \
  { sizeof(distcache_answer_t), 0, 0, 0 }

/* Gives the value a tag, for distcache_invalidate_tag; to be called before complete, at most
 * DISTCACHE_TAGS_MAX times. Any thread, never waits. OK, or INVALID_ARGUMENT for an answered fetch,
 * an empty or too long tag, and one too many; a refused tag makes complete fail the fetch, since a
 * value that no invalidation reaches must not be kept. */
DISTCACHE_API distcache_status_t distcache_fetch_tag(distcache_fetch_t *fetch, const char *tag);

/* Answers with a value of `value_len` bytes, which are copied; 0 bytes are a value like any other,
 * and `value` may be NULL then. `answer` may be NULL. Any thread, never waits. */
DISTCACHE_API distcache_status_t distcache_fetch_complete(distcache_fetch_t *fetch,
                                                          const uint8_t *value, size_t value_len,
                                                          const distcache_answer_t *answer);

/* Answers that the key does not exist: the readers get NOT_FOUND, and it is kept for
 * negative.ttl.ms. No failure to the breaker. Any thread, never waits. */
DISTCACHE_API distcache_status_t distcache_fetch_not_found(distcache_fetch_t *fetch);

/* Answers that the value held is still the right one; its ttl starts anew, by `answer` (NULL
 * allowed). Where no value is held any more the readers get SOURCE_FAILED, retriable. Any thread,
 * never waits. */
DISTCACHE_API distcache_status_t distcache_fetch_not_modified(distcache_fetch_t *fetch,
                                                              const distcache_answer_t *answer);

/* Answers with a failure: the readers get SOURCE_FAILED with this message (NULL allowed), or a
 * stale value where stale.max.ms allows one. `retriable`: whether a later load may succeed; it is
 * passed on to the readers. Any thread, never waits. */
DISTCACHE_API distcache_status_t distcache_fetch_fail(distcache_fetch_t *fetch, int32_t retriable,
                                                      const char *message);

/* ---- many keys at once ------------------------------------------------------------------- */

/* Several loads in progress, handed over together; ended by distcache_fetch_many_end. A handle like
 * distcache_fetch_t. */
typedef struct distcache_fetch_many distcache_fetch_many_t;

/* The bulk form of a source. SOURCE thread; may block. It answers each key by its index, in any
 * order and from any thread, and then calls end; each reader is answered as soon as its own key is.
 */
typedef void (*distcache_fetch_many_fn)(uintptr_t context, distcache_fetch_many_t *batch);

/* The keys, packed: all bytes end to end, and *count lengths in *lens. Any thread, never waits;
 * borrowed from the batch until its end. NULL with *count = 0 after the end. */
DISTCACHE_API const uint8_t *distcache_fetch_many_keys(const distcache_fetch_many_t *batch,
                                                       const uint32_t **lens, size_t *count);

/* Like distcache_fetch_keyspace. */
DISTCACHE_API const char *distcache_fetch_many_keyspace(const distcache_fetch_many_t *batch);

/* Like distcache_fetch_remaining_ms: the longest of all keys. */
DISTCACHE_API int64_t distcache_fetch_many_remaining_ms(const distcache_fetch_many_t *batch);

/* Like distcache_fetch_cancelled: 1 while nobody waits for any of the keys. */
DISTCACHE_API int32_t distcache_fetch_many_cancelled(const distcache_fetch_many_t *batch);

/* Like distcache_fetch_trace: the trace context of the reader that caused the batch. */
DISTCACHE_API int32_t distcache_fetch_many_trace(const distcache_fetch_many_t *batch,
                                                 distcache_trace_t *trace);

/* Like distcache_fetch_source_version, of the key at `index`; 0 past the last one. */
DISTCACHE_API uint64_t distcache_fetch_many_source_version(const distcache_fetch_many_t *batch,
                                                           size_t index);

/* Like distcache_fetch_tag, for the key at `index`. */
DISTCACHE_API distcache_status_t distcache_fetch_many_tag(distcache_fetch_many_t *batch,
                                                          size_t index, const char *tag);

/* Like distcache_fetch_complete, for the key at `index`; INVALID_ARGUMENT past the last one, for a
 * second answer and after the end. */
DISTCACHE_API distcache_status_t distcache_fetch_many_complete(distcache_fetch_many_t *batch,
                                                               size_t index, const uint8_t *value,
                                                               size_t value_len,
                                                               const distcache_answer_t *answer);

/* Like distcache_fetch_not_found, for the key at `index`. */
DISTCACHE_API distcache_status_t distcache_fetch_many_not_found(distcache_fetch_many_t *batch,
                                                                size_t index);

/* Like distcache_fetch_not_modified, for the key at `index`. */
DISTCACHE_API distcache_status_t distcache_fetch_many_not_modified(
    distcache_fetch_many_t *batch, size_t index, const distcache_answer_t *answer);

/* Like distcache_fetch_fail, for the key at `index`. */
DISTCACHE_API distcache_status_t distcache_fetch_many_fail(distcache_fetch_many_t *batch,
                                                           size_t index, int32_t retriable,
                                                           const char *message);

/* Ends the batch; the readers of keys without an answer get SOURCE_FAILED with `message` (NULL:
 * "the source gave no answer"), retriable as said. OK, or INVALID_ARGUMENT for a batch that has
 * ended before. Any thread, never waits. */
DISTCACHE_API distcache_status_t distcache_fetch_many_end(distcache_fetch_many_t *batch,
                                                          int32_t retriable, const char *message);

#ifdef __cplusplus
}
#endif
#endif
