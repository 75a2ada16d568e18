/* What the C tests share: opening a node that talks to nobody, keyspaces, a source whose answers
 * the test decides, and waiting for conditions. Included first, since it says which POSIX is meant.
 */
#ifndef DISTCACHE_TESTS_CAPI_FIXTURE_H
#define DISTCACHE_TESTS_CAPI_FIXTURE_H

#define _POSIX_C_SOURCE 200809L

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <distcache.h>

/* The two arguments that a key, a value or a text of the tests is. */
#define BYTES(text) (const uint8_t *)(text), strlen(text)

#define assert_status(expected, call)                                \
  do {                                                               \
    const distcache_status_t got_ = (call);                          \
    if (got_ != (expected)) {                                        \
      fail_msg("%s: %s, not %s", #call, distcache_status_name(got_), \
               distcache_status_name(expected));                     \
    }                                                                \
  } while (0)
#define assert_ok(call) assert_status(DISTCACHE_OK, call)

/* Ends an error whose text must have `part` in it. */
static inline void assert_error(distcache_error_t *err, distcache_status_t status,
                                const char *part) {
  assert_non_null(err);
  assert_int_equal(distcache_error_status(err), status);
  if (strstr(distcache_error_message(err), part) == NULL) {
    fail_msg("'%s' is not in '%s'", part, distcache_error_message(err));
  }
  distcache_error_release(err);
}

/* ---- waiting ----------------------------------------------------------------------------- */

static inline void pause_ms(long ms) {
  struct timespec pause;
  pause.tv_sec = ms / 1000;
  pause.tv_nsec = ms % 1000 * 1000000;
  nanosleep(&pause, NULL);
}

/* Waits for a condition to come true; it is asked every millisecond, for 20 s at most. */
#define wait_until(condition)                                    \
  do {                                                           \
    int left_ = 20000;                                           \
    while (!(condition) && left_-- > 0) pause_ms(1);             \
    if (left_ <= 0) fail_msg("never came true: %s", #condition); \
  } while (0)

/* A number that threads count up. */
struct counter {
  pthread_mutex_t mutex;
  int value;
};
#define COUNTER_INIT \
  { PTHREAD_MUTEX_INITIALIZER, 0 }

static inline int counter_add(struct counter *counter, int by) {
  int value;
  pthread_mutex_lock(&counter->mutex);
  value = counter->value += by;
  pthread_mutex_unlock(&counter->mutex);
  return value;
}
static inline int counter_get(struct counter *counter) { return counter_add(counter, 0); }

/* A finaliser: its context is a counter. */
static inline void count_finalized(uintptr_t context) { counter_add((struct counter *)context, 1); }

/* ---- a source ---------------------------------------------------------------------------- */

struct source {
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  int loads;          /* begun */
  int finalized;      /* calls of the finaliser */
  int gated;          /* 1: loads wait until the gate is opened */
  int waiting;        /* loads that wait at the gate */
  const char *answer; /* value = key + answer */
  distcache_answer_t details;
};
#define SOURCE_INIT \
  { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0, 0, 0, "!", DISTCACHE_ANSWER_INIT }

static inline int source_loads(struct source *source) {
  int loads;
  pthread_mutex_lock(&source->mutex);
  loads = source->loads;
  pthread_mutex_unlock(&source->mutex);
  return loads;
}

static inline int source_waiting(struct source *source) {
  int waiting;
  pthread_mutex_lock(&source->mutex);
  waiting = source->waiting;
  pthread_mutex_unlock(&source->mutex);
  return waiting;
}

static inline int source_finalized(struct source *source) {
  int finalized;
  pthread_mutex_lock(&source->mutex);
  finalized = source->finalized;
  pthread_mutex_unlock(&source->mutex);
  return finalized;
}

static inline void source_gate(struct source *source, int gated) {
  pthread_mutex_lock(&source->mutex);
  source->gated = gated;
  pthread_cond_broadcast(&source->changed);
  pthread_mutex_unlock(&source->mutex);
}

static inline void source_finalize(uintptr_t context) {
  struct source *source = (struct source *)context;
  pthread_mutex_lock(&source->mutex);
  ++source->finalized;
  pthread_mutex_unlock(&source->mutex);
}

/* Counts the load and waits at the gate. */
static inline void source_begin(struct source *source) {
  pthread_mutex_lock(&source->mutex);
  ++source->loads;
  ++source->waiting;
  while (source->gated) pthread_cond_wait(&source->changed, &source->mutex);
  --source->waiting;
  pthread_mutex_unlock(&source->mutex);
}

/* Answers "key" with "key" + answer; keys that begin with "missing" do not exist, keys that begin
 * with "bad" fail. */
static inline void source_fetch(uintptr_t context, distcache_fetch_t *fetch) {
  struct source *source = (struct source *)context;
  uint8_t value[DISTCACHE_KEY_BYTES_MAX + 64];
  size_t len;
  const uint8_t *key = distcache_fetch_key(fetch, &len);
  source_begin(source);
  if (len >= 7 && memcmp(key, "missing", 7) == 0) {
    distcache_fetch_not_found(fetch);
  } else if (len >= 3 && memcmp(key, "bad", 3) == 0) {
    distcache_fetch_fail(fetch, 1, "the database is on fire");
  } else {
    memcpy(value, key, len);
    memcpy(value + len, source->answer, strlen(source->answer));
    distcache_fetch_complete(fetch, value, len + strlen(source->answer), &source->details);
  }
}

/* ---- nodes and keyspaces ----------------------------------------------------------------- */

static inline distcache_config_t *new_config(void) {
  distcache_config_t *config;
  distcache_error_t *err = NULL;
  assert_ok(distcache_config_new(DISTCACHE_ABI, &config, &err));
  assert_null(err);
  assert_ok(distcache_config_set(config, "bind.port", "0", NULL));
  assert_ok(distcache_config_set(config, "discovery.port", "0", NULL));
  return config;
}

static inline distcache_t *open_config(distcache_config_t *config) {
  distcache_t *cache;
  distcache_error_t *err;
  const distcache_status_t status = distcache_open(config, &cache, &err);
  if (status != DISTCACHE_OK) fail_msg("open: %s", distcache_error_message(err));
  assert_null(err);
  distcache_config_release(config);
  return cache;
}

static inline distcache_t *open_alone(void) { return open_config(new_config()); }

static inline distcache_keyspace_def_t *new_def(const char *name, struct source *source) {
  distcache_keyspace_def_t *def;
  assert_ok(distcache_keyspace_def_new(name, &def, NULL));
  assert_ok(distcache_keyspace_def_set(def, "bytes.max", "8MiB", NULL));
  if (source != NULL) {
    assert_ok(
        distcache_keyspace_def_source(def, source_fetch, (uintptr_t)source, source_finalize, NULL));
  }
  return def;
}

static inline distcache_keyspace_t *add_def(distcache_t *cache, distcache_keyspace_def_t *def) {
  distcache_keyspace_t *keyspace;
  distcache_error_t *err;
  const distcache_status_t status = distcache_keyspace_add(cache, def, &keyspace, &err);
  if (status != DISTCACHE_OK) fail_msg("add: %s", distcache_error_message(err));
  distcache_keyspace_def_release(def);
  return keyspace;
}

static inline distcache_keyspace_t *add_keyspace(distcache_t *cache, const char *name,
                                                 struct source *source) {
  return add_def(cache, new_def(name, source));
}

/* A node with one keyspace, which most tests need. */
struct node {
  distcache_t *cache;
  distcache_keyspace_t *keyspace;
};

static inline struct node open_node(struct source *source) {
  struct node node;
  node.cache = open_alone();
  node.keyspace = add_keyspace(node.cache, "users", source);
  return node;
}

static inline void close_node(struct node *node) {
  distcache_keyspace_release(node->keyspace);
  assert_ok(distcache_close(node->cache, 0, NULL));
  distcache_release(node->cache);
}

/* ---- values ------------------------------------------------------------------------------ */

static inline void assert_item(const distcache_result_t *result, size_t index, const char *value) {
  const distcache_item_t *item = distcache_result_item(result, index);
  assert_non_null(item);
  assert_int_equal(item->status, DISTCACHE_OK);
  assert_int_equal(item->len, strlen(value));
  assert_non_null(item->data);
  assert_memory_equal(item->data, value, item->len);
}

static inline void assert_get(distcache_keyspace_t *keyspace, const char *key, const char *value) {
  distcache_result_t *result;
  distcache_error_t *err;
  const distcache_status_t status = distcache_get(keyspace, BYTES(key), NULL, &result, &err);
  if (status != DISTCACHE_OK) {
    fail_msg("get %s: %s %s", key, distcache_status_name(status), distcache_error_message(err));
  }
  assert_item(result, 0, value);
  distcache_result_release(result);
}

static inline distcache_status_t peek_status(distcache_keyspace_t *keyspace, const char *key) {
  size_t len;
  uint8_t byte[1];
  const distcache_status_t status =
      distcache_peek_into(keyspace, BYTES(key), byte, sizeof(byte), &len, NULL);
  return status == DISTCACHE_TOO_LARGE ? DISTCACHE_OK : status;
}

#endif
