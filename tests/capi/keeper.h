/* A source that keeps the fetches it is handed, so that the test answers them itself; and readers
 * on threads of their own that wait for those answers.
 */
#ifndef DISTCACHE_TESTS_CAPI_KEEPER_H
#define DISTCACHE_TESTS_CAPI_KEEPER_H

#include "fixture.h"

/* What a callback was handed, for a test that answers itself. */
struct keeper {
  pthread_mutex_t mutex;
  distcache_fetch_t *fetch;
  distcache_fetch_many_t *batch;
  struct counter finalized;
};
#define KEEPER_INIT \
  { PTHREAD_MUTEX_INITIALIZER, NULL, NULL, COUNTER_INIT }

static inline void keep_fetch(uintptr_t context, distcache_fetch_t *fetch) {
  struct keeper *keeper = (struct keeper *)context;
  pthread_mutex_lock(&keeper->mutex);
  keeper->fetch = fetch;
  pthread_mutex_unlock(&keeper->mutex);
}

static inline void keep_batch(uintptr_t context, distcache_fetch_many_t *batch) {
  struct keeper *keeper = (struct keeper *)context;
  pthread_mutex_lock(&keeper->mutex);
  keeper->batch = batch;
  pthread_mutex_unlock(&keeper->mutex);
}

static inline distcache_fetch_t *kept_fetch(struct keeper *keeper) {
  distcache_fetch_t *fetch;
  pthread_mutex_lock(&keeper->mutex);
  fetch = keeper->fetch;
  pthread_mutex_unlock(&keeper->mutex);
  return fetch;
}

static inline distcache_fetch_many_t *kept_batch(struct keeper *keeper) {
  distcache_fetch_many_t *batch;
  pthread_mutex_lock(&keeper->mutex);
  batch = keeper->batch;
  pthread_mutex_unlock(&keeper->mutex);
  return batch;
}

static inline void keeper_finalize(uintptr_t context) {
  counter_add(&((struct keeper *)context)->finalized, 1);
}

static inline struct node open_keeper(struct keeper *keeper, const char *fetch_timeout) {
  struct node node;
  distcache_keyspace_def_t *def = new_def("users", NULL);
  assert_ok(distcache_keyspace_def_set(def, "value.bytes.max", "1KiB", NULL));
  assert_ok(distcache_keyspace_def_set(def, "fetch.timeout.ms", fetch_timeout, NULL));
  assert_ok(
      distcache_keyspace_def_source(def, keep_fetch, (uintptr_t)keeper, keeper_finalize, NULL));
  node.cache = open_alone();
  node.keyspace = add_def(node.cache, def);
  return node;
}

/* A get on a thread of its own. */
struct reader {
  pthread_t thread;
  distcache_keyspace_t *keyspace;
  const char *key;
  int64_t timeout_ms;
  distcache_status_t status;
  char value[64];
  char message[128];
  int retriable;
};

static inline void *read_key(void *argument) {
  struct reader *reader = argument;
  distcache_options_t options = DISTCACHE_OPTIONS_INIT;
  distcache_error_t *err;
  size_t len;
  options.timeout_ms = reader->timeout_ms;
  memset(reader->value, 0, sizeof(reader->value));
  reader->status =
      distcache_get_into(reader->keyspace, BYTES(reader->key), &options, (uint8_t *)reader->value,
                         sizeof(reader->value) - 1, &len, &err);
  snprintf(reader->message, sizeof(reader->message), "%s", distcache_error_message(err));
  reader->retriable = distcache_error_retriable(err);
  distcache_error_release(err);
  return NULL;
}

static inline void start_reader(struct reader *reader, const struct node *node, const char *key,
                                int64_t timeout_ms) {
  reader->keyspace = node->keyspace;
  reader->key = key;
  reader->timeout_ms = timeout_ms;
  assert_int_equal(pthread_create(&reader->thread, NULL, read_key, reader), 0);
}

static inline uint64_t answers_ignored(const struct node *node) {
  distcache_keyspace_stats_t stats;
  memset(&stats, 0, sizeof(stats));
  stats.struct_size = sizeof(stats);
  assert_ok(distcache_keyspace_stats_get(node->keyspace, &stats, NULL));
  return stats.answers_ignored;
}

#endif
