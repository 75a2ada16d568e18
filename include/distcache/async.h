/* distcache/async.h - the operations that can wait, in a form that never does.
 *
 * Each submitting call has the arguments and statuses of its twin in operations.h. It returns at
 * once, from any thread. OK: accepted, and there will be exactly one completion, also after a
 * cancel, a timeout or a close. Anything else: refused, no completion will come, and the context
 * stays the caller's business.
 *
 * A completion never runs inside the call that submitted it. It is delivered
 *   to `done`, on an EVENT thread: it must not block, and hands its work on; or
 *   into a queue that the program asks (second half of this file), for runtimes that prefer to ask.
 */
#ifndef DISTCACHE_ASYNC_H
#define DISTCACHE_ASYNC_H

#include "operations.h"

#ifdef __cplusplus
extern "C" {
#endif

/* EVENT thread; must not block, may submit further operations. Called exactly once per accepted
 * call. `status` and what comes with it are as the twin would have returned: it owns `result` and
 * `error`, of which each may be NULL, and releases them. */
typedef void (*distcache_done_fn)(uintptr_t context, distcache_status_t status,
                                  distcache_result_t *result, distcache_error_t *error);

/* An accepted operation, for those who may want to cancel it; ended by distcache_op_release. A
 * handle like distcache_t: with one that was released, or never was one, nothing is done. */
typedef struct distcache_op distcache_op_t;

/* Asks for the completion now: it comes at once, on its usual thread, with CANCELLED or UNKNOWN if
 * nothing better is known. A load goes on for its other readers. After the completion it does
 * nothing. Any thread, never waits. */
DISTCACHE_API void distcache_op_cancel(distcache_op_t *op);

/* Ends the object and never cancels. Any thread, before or after the completion; never waits. */
DISTCACHE_API void distcache_op_release(distcache_op_t *op);

/* ---- submitting --------------------------------------------------------------------------
 *
 * Each comment says only what departs from the twin. `key`, `value` and `options` are copied before
 * the call returns; `done` must not be NULL unless the handle belongs to a queue; `op` may be NULL.
 * With OK there is a result, with one item per key, for writes too; with any other status there is
 * an error instead (put_if may have both), or neither for an expected outcome. OVERLOADED: too many
 * operations are pending already. */

/* distcache_get; the result has one item. */
DISTCACHE_API distcache_status_t distcache_get_async(distcache_keyspace_t *keyspace,
                                                     const uint8_t *key, size_t key_len,
                                                     const distcache_options_t *options,
                                                     distcache_done_fn done, uintptr_t context,
                                                     distcache_op_t **op, distcache_error_t **err);

/* distcache_get_many; completes when the last item is known. */
DISTCACHE_API distcache_status_t distcache_get_many_async(
    distcache_keyspace_t *keyspace, const uint8_t *keys, const uint32_t *key_lens, size_t count,
    const distcache_options_t *options, distcache_done_fn done, uintptr_t context,
    distcache_op_t **op, distcache_error_t **err);

/* distcache_get_with. `finalize` ends `fetch_context`, also if the call is refused. */
DISTCACHE_API distcache_status_t distcache_get_with_async(
    distcache_keyspace_t *keyspace, const uint8_t *key, size_t key_len, distcache_fetch_fn fetch,
    uintptr_t fetch_context, distcache_finalize_fn finalize, const distcache_options_t *options,
    distcache_done_fn done, uintptr_t context, distcache_op_t **op, distcache_error_t **err);

/* distcache_put; the result has one item, which tells the version. */
DISTCACHE_API distcache_status_t distcache_put_async(distcache_keyspace_t *keyspace,
                                                     const uint8_t *key, size_t key_len,
                                                     const uint8_t *value, size_t value_len,
                                                     const distcache_options_t *options,
                                                     distcache_done_fn done, uintptr_t context,
                                                     distcache_op_t **op, distcache_error_t **err);

/* distcache_put_many; completes when the last item is known. */
DISTCACHE_API distcache_status_t distcache_put_many_async(
    distcache_keyspace_t *keyspace, const uint8_t *keys, const uint32_t *key_lens,
    const uint8_t *values, const uint32_t *value_lens, const int64_t *ttls_ms, size_t count,
    const distcache_options_t *options, distcache_done_fn done, uintptr_t context,
    distcache_op_t **op, distcache_error_t **err);

/* distcache_delete; the result has one item. */
DISTCACHE_API distcache_status_t distcache_delete_async(distcache_keyspace_t *keyspace,
                                                        const uint8_t *key, size_t key_len,
                                                        const distcache_options_t *options,
                                                        distcache_done_fn done, uintptr_t context,
                                                        distcache_op_t **op,
                                                        distcache_error_t **err);

/* distcache_delete_many; completes when the last item is known. */
DISTCACHE_API distcache_status_t distcache_delete_many_async(
    distcache_keyspace_t *keyspace, const uint8_t *keys, const uint32_t *key_lens, size_t count,
    const distcache_options_t *options, distcache_done_fn done, uintptr_t context,
    distcache_op_t **op, distcache_error_t **err);

/* distcache_clear; no result. Answers UNSUPPORTED in this version. */
DISTCACHE_API distcache_status_t distcache_clear_async(distcache_keyspace_t *keyspace,
                                                       const distcache_options_t *options,
                                                       distcache_done_fn done, uintptr_t context,
                                                       distcache_op_t **op,
                                                       distcache_error_t **err);

/* distcache_invalidate_tag; no result. Answers UNSUPPORTED in this version. */
DISTCACHE_API distcache_status_t distcache_invalidate_tag_async(
    distcache_keyspace_t *keyspace, const char *tag, const distcache_options_t *options,
    distcache_done_fn done, uintptr_t context, distcache_op_t **op, distcache_error_t **err);

/* distcache_invalidate_prefix; no result. Answers UNSUPPORTED in this version. */
DISTCACHE_API distcache_status_t distcache_invalidate_prefix_async(
    distcache_keyspace_t *keyspace, const uint8_t *prefix, size_t prefix_len,
    const distcache_options_t *options, distcache_done_fn done, uintptr_t context,
    distcache_op_t **op, distcache_error_t **err);

/* distcache_refresh; the result has one item, the new value. */
DISTCACHE_API distcache_status_t distcache_refresh_async(distcache_keyspace_t *keyspace,
                                                         const uint8_t *key, size_t key_len,
                                                         const distcache_options_t *options,
                                                         distcache_done_fn done, uintptr_t context,
                                                         distcache_op_t **op,
                                                         distcache_error_t **err);

/* distcache_put_if; the result has one item, which tells the version. With PARTIAL and with
 * VERSION_MISMATCH there is a result beside the error: its item has the version that was made, or
 * that of the entry that is there, all zero if there is none. */
DISTCACHE_API distcache_status_t distcache_put_if_async(
    distcache_keyspace_t *keyspace, const uint8_t *key, size_t key_len, const uint8_t *value,
    size_t value_len, const distcache_entry_version_t *expected, const distcache_options_t *options,
    distcache_done_fn done, uintptr_t context, distcache_op_t **op, distcache_error_t **err);

/* distcache_touch; the result has one item. Answers UNSUPPORTED in this version. */
DISTCACHE_API distcache_status_t distcache_touch_async(distcache_keyspace_t *keyspace,
                                                       const uint8_t *key, size_t key_len,
                                                       const distcache_options_t *options,
                                                       distcache_done_fn done, uintptr_t context,
                                                       distcache_op_t **op,
                                                       distcache_error_t **err);

/* ---- asking instead of being called ------------------------------------------------------ */

/* A queue of completions and fetches that the program's own threads take from, many at a time: for
 * runtimes whose threads are dear to enter from outside. Independent of engines, may serve several;
 * ended by distcache_queue_release. */
typedef struct distcache_queue distcache_queue_t;

/* What lies in a queue. */
enum {
  DISTCACHE_QUEUE_DONE = 1, /* a completion: context, status, result, error as `done` gets them */
  DISTCACHE_QUEUE_FETCH = 2 /* a load: context of the source, and the fetch to be answered */
};

/* One thing taken from a queue. Grows at its end: reach the next one by the stride of
 * distcache_queue_take. What it holds is the taker's. */
typedef struct distcache_queue_item {
  int32_t kind; /* DISTCACHE_QUEUE_* */
  distcache_status_t status;
  uintptr_t context;
  distcache_result_t *result;
  distcache_error_t *error;
  distcache_fetch_t *fetch;
} distcache_queue_item_t;

/* Makes an empty queue. Never waits. Answers UNSUPPORTED in this version. */
DISTCACHE_API distcache_status_t distcache_queue_new(distcache_queue_t **out,
                                                     distcache_error_t **err);

/* A second handle of the keyspace: async calls through it that are given no `done` (NULL, which is
 * INVALID_ARGUMENT otherwise) complete into the queue. Never waits.
 * Answers UNSUPPORTED in this version. */
DISTCACHE_API distcache_status_t distcache_queue_keyspace(distcache_queue_t *queue,
                                                          distcache_keyspace_t *keyspace,
                                                          distcache_keyspace_t **out,
                                                          distcache_error_t **err);

/* Makes the takers of the queue the data source of a keyspace: its fetches come out of the queue,
 * with `context`. `finalize` (NULL allowed) like that of a source. Never waits.
 * Answers UNSUPPORTED in this version. */
DISTCACHE_API distcache_status_t distcache_keyspace_def_source_queue(distcache_keyspace_def_t *def,
                                                                     distcache_queue_t *queue,
                                                                     uintptr_t context,
                                                                     distcache_finalize_fn finalize,
                                                                     distcache_error_t **err);

/* Takes up to `capacity` items, oldest first; waits up to `timeout_ms` for the first one, and not
 * at all with 0. `stride`: the caller's sizeof(distcache_queue_item_t). OK with *count = 0: nothing
 * came. CLOSED: all engines that the queue served are closed and it is empty. Any thread but those
 * of an engine; several may take at once. Answers UNSUPPORTED in this version. */
DISTCACHE_API distcache_status_t distcache_queue_take(distcache_queue_t *queue, int64_t timeout_ms,
                                                      distcache_queue_item_t *items, size_t stride,
                                                      size_t capacity, size_t *count,
                                                      distcache_error_t **err);

/* A file descriptor that is readable while the queue holds something, for poll and epoll; not to be
 * read or closed. -1 where there is none, which is the answer in this version. Never waits;
 * borrowed from the queue. */
DISTCACHE_API int32_t distcache_queue_fd(const distcache_queue_t *queue);

/* Ends the handle. What is left in the queue is released, its fetches are answered with a failure.
 * Any thread, never waits. */
DISTCACHE_API void distcache_queue_release(distcache_queue_t *queue);

#ifdef __cplusplus
}
#endif
#endif
