/* Sources: answers at once and later, from other threads, twice, too late and never; finalisers. */
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

static void keep_fetch(uintptr_t context, distcache_fetch_t *fetch) {
  struct keeper *keeper = (struct keeper *)context;
  pthread_mutex_lock(&keeper->mutex);
  keeper->fetch = fetch;
  pthread_mutex_unlock(&keeper->mutex);
}

static void keep_batch(uintptr_t context, distcache_fetch_many_t *batch) {
  struct keeper *keeper = (struct keeper *)context;
  pthread_mutex_lock(&keeper->mutex);
  keeper->batch = batch;
  pthread_mutex_unlock(&keeper->mutex);
}

static distcache_fetch_t *kept_fetch(struct keeper *keeper) {
  distcache_fetch_t *fetch;
  pthread_mutex_lock(&keeper->mutex);
  fetch = keeper->fetch;
  pthread_mutex_unlock(&keeper->mutex);
  return fetch;
}

static distcache_fetch_many_t *kept_batch(struct keeper *keeper) {
  distcache_fetch_many_t *batch;
  pthread_mutex_lock(&keeper->mutex);
  batch = keeper->batch;
  pthread_mutex_unlock(&keeper->mutex);
  return batch;
}

static void keeper_finalize(uintptr_t context) {
  counter_add(&((struct keeper *)context)->finalized, 1);
}

static struct node open_keeper(struct keeper *keeper, const char *fetch_timeout) {
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

static void *read_key(void *argument) {
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

static void start_reader(struct reader *reader, const struct node *node, const char *key,
                         int64_t timeout_ms) {
  reader->keyspace = node->keyspace;
  reader->key = key;
  reader->timeout_ms = timeout_ms;
  assert_int_equal(pthread_create(&reader->thread, NULL, read_key, reader), 0);
}

static uint64_t answers_ignored(const struct node *node) {
  distcache_keyspace_stats_t stats;
  memset(&stats, 0, sizeof(stats));
  stats.struct_size = sizeof(stats);
  assert_ok(distcache_keyspace_stats_get(node->keyspace, &stats, NULL));
  return stats.answers_ignored;
}

/* ---- one key --------------------------------------------------------------------------- */

static void an_answer_may_come_later_from_any_thread(void **state) {
  struct keeper keeper = KEEPER_INIT;
  struct node node = open_keeper(&keeper, "5s");
  struct reader reader;
  distcache_fetch_t *fetch;
  distcache_trace_t trace;
  size_t len;
  (void)state;
  start_reader(&reader, &node, "7", 0);
  wait_until(kept_fetch(&keeper) != NULL);
  fetch = keeper.fetch;
  assert_memory_equal(distcache_fetch_key(fetch, &len), "7", 1);
  assert_int_equal(len, 1);
  assert_string_equal(distcache_fetch_keyspace(fetch), "users");
  assert_true(distcache_fetch_remaining_ms(fetch) > 0);
  assert_int_equal(distcache_fetch_cancelled(fetch), 0);
  assert_int_equal(distcache_fetch_trace(fetch, &trace), 0);
  assert_string_equal(trace.traceparent, "");
  assert_int_equal(distcache_fetch_source_version(fetch), 0);
  assert_ok(distcache_fetch_tag(fetch, "blue"));
  assert_ok(distcache_fetch_complete(fetch, BYTES("later"), NULL));
  pthread_join(reader.thread, NULL);
  assert_int_equal(reader.status, DISTCACHE_OK);
  assert_string_equal(reader.value, "later");

  /* The fetch has ended: everything about it is answered, nothing is touched. */
  assert_null(distcache_fetch_key(fetch, &len));
  assert_int_equal(len, 0);
  assert_string_equal(distcache_fetch_keyspace(fetch), "");
  assert_int_equal(distcache_fetch_remaining_ms(fetch), 0);
  assert_int_equal(distcache_fetch_cancelled(fetch), 1);
  assert_status(DISTCACHE_INVALID_ARGUMENT, distcache_fetch_tag(fetch, "red"));
  assert_int_equal(answers_ignored(&node), 0);
  assert_status(DISTCACHE_INVALID_ARGUMENT, distcache_fetch_complete(fetch, BYTES("x"), NULL));
  assert_status(DISTCACHE_INVALID_ARGUMENT, distcache_fetch_not_found(fetch));
  assert_status(DISTCACHE_INVALID_ARGUMENT, distcache_fetch_not_modified(fetch, NULL));
  assert_status(DISTCACHE_INVALID_ARGUMENT, distcache_fetch_fail(fetch, 1, "x"));
  assert_int_equal(answers_ignored(&node), 4);
  assert_get(node.keyspace, "7", "later");
  close_node(&node);
  assert_int_equal(counter_get(&keeper.finalized), 1);
  assert_status(DISTCACHE_INVALID_ARGUMENT, distcache_fetch_fail(fetch, 1, "x"));
}

static void a_failure_reaches_all_readers(void **state) {
  struct keeper keeper = KEEPER_INIT;
  struct node node = open_keeper(&keeper, "5s");
  struct reader readers[3];
  distcache_keyspace_stats_t stats;
  size_t i;
  (void)state;
  stats.struct_size = sizeof(stats);
  for (i = 0; i < 3; ++i) start_reader(&readers[i], &node, "7", 0);
  wait_until(kept_fetch(&keeper) != NULL);
  do {
    assert_ok(distcache_keyspace_stats_get(node.keyspace, &stats, NULL));
  } while (stats.joined < 2);
  assert_ok(distcache_fetch_fail(keeper.fetch, 1, "no \xFF such table"));
  for (i = 0; i < 3; ++i) {
    pthread_join(readers[i].thread, NULL);
    assert_int_equal(readers[i].status, DISTCACHE_SOURCE_FAILED);
    assert_string_equal(readers[i].message, "no \xEF\xBF\xBD such table");
    assert_int_equal(readers[i].retriable, 1);
  }
  close_node(&node);
}

static distcache_status_t read_against(struct keeper *keeper, const struct node *node,
                                       struct reader *reader,
                                       distcache_status_t (*answer)(distcache_fetch_t *)) {
  distcache_status_t answered;
  keeper->fetch = NULL;
  start_reader(reader, node, "7", 0);
  wait_until(kept_fetch(keeper) != NULL);
  answered = answer(keeper->fetch);
  pthread_join(reader->thread, NULL);
  return answered;
}

static uint8_t too_much[1025];

static distcache_status_t answer_too_much(distcache_fetch_t *fetch) {
  return distcache_fetch_complete(fetch, too_much, sizeof(too_much), NULL);
}
static distcache_status_t answer_absurd(distcache_fetch_t *fetch) {
  return distcache_fetch_complete(fetch, too_much, SIZE_MAX, NULL);
}
static distcache_status_t answer_null(distcache_fetch_t *fetch) {
  return distcache_fetch_complete(fetch, NULL, 1, NULL);
}
static distcache_status_t answer_bad_struct(distcache_fetch_t *fetch) {
  distcache_answer_t answer = DISTCACHE_ANSWER_INIT;
  answer.struct_size = 0;
  return distcache_fetch_complete(fetch, BYTES("x"), &answer);
}
static distcache_status_t answer_bad_flags(distcache_fetch_t *fetch) {
  distcache_answer_t answer = DISTCACHE_ANSWER_INIT;
  answer.flags = 2;
  return distcache_fetch_complete(fetch, BYTES("x"), &answer);
}
static distcache_status_t answer_bad_tag(distcache_fetch_t *fetch) {
  assert_int_equal(distcache_fetch_tag(fetch, ""), DISTCACHE_INVALID_ARGUMENT);
  return distcache_fetch_complete(fetch, BYTES("x"), NULL);
}
static distcache_status_t answer_not_modified(distcache_fetch_t *fetch) {
  return distcache_fetch_not_modified(fetch, NULL);
}
static distcache_status_t answer_fail_plainly(distcache_fetch_t *fetch) {
  return distcache_fetch_fail(fetch, 0, NULL);
}
static distcache_status_t answer_no_store(distcache_fetch_t *fetch) {
  distcache_answer_t answer = DISTCACHE_ANSWER_INIT;
  answer.flags = DISTCACHE_ANSWER_NO_STORE;
  return distcache_fetch_complete(fetch, BYTES("once"), &answer);
}
static distcache_status_t answer_expired(distcache_fetch_t *fetch) {
  distcache_answer_t answer = DISTCACHE_ANSWER_INIT;
  answer.ttl_ms = -5;
  return distcache_fetch_complete(fetch, BYTES("once"), &answer);
}
static distcache_status_t answer_briefly(distcache_fetch_t *fetch) {
  distcache_answer_t answer = DISTCACHE_ANSWER_INIT;
  answer.ttl_ms = 30;
  return distcache_fetch_complete(fetch, BYTES("brief"), &answer);
}

static void every_answer_ends_its_readers(void **state) {
  static const struct {
    distcache_status_t (*answer)(distcache_fetch_t *);
    distcache_status_t answered, read;
  } table[] = {
      {answer_too_much, DISTCACHE_TOO_LARGE, DISTCACHE_TOO_LARGE},
      {answer_absurd, DISTCACHE_TOO_LARGE, DISTCACHE_TOO_LARGE},
      {answer_null, DISTCACHE_INVALID_ARGUMENT, DISTCACHE_SOURCE_FAILED},
      {answer_bad_struct, DISTCACHE_INVALID_ARGUMENT, DISTCACHE_SOURCE_FAILED},
      {answer_bad_flags, DISTCACHE_INVALID_ARGUMENT, DISTCACHE_SOURCE_FAILED},
      {answer_bad_tag, DISTCACHE_INVALID_ARGUMENT, DISTCACHE_SOURCE_FAILED},
      {answer_not_modified, DISTCACHE_OK, DISTCACHE_SOURCE_FAILED},
      {answer_fail_plainly, DISTCACHE_OK, DISTCACHE_SOURCE_FAILED},
      {distcache_fetch_not_found, DISTCACHE_OK, DISTCACHE_NOT_FOUND},
      {answer_no_store, DISTCACHE_OK, DISTCACHE_OK},
      {answer_expired, DISTCACHE_OK, DISTCACHE_OK},
  };
  struct keeper keeper = KEEPER_INIT;
  struct node node = open_keeper(&keeper, "5s");
  struct reader reader;
  size_t i;
  (void)state;
  for (i = 0; i < sizeof(table) / sizeof(table[0]); ++i) {
    assert_status(table[i].answered, read_against(&keeper, &node, &reader, table[i].answer));
    assert_status(table[i].read, reader.status);
    assert_status(DISTCACHE_NOT_CACHED, peek_status(node.keyspace, "7"));
  }
  assert_string_equal(reader.value, "once");
  assert_ok(read_against(&keeper, &node, &reader, answer_briefly));
  assert_string_equal(reader.value, "brief");
  wait_until(peek_status(node.keyspace, "7") == DISTCACHE_NOT_CACHED);
  close_node(&node);
}

static void an_unanswered_fetch_costs_its_readers_their_deadline(void **state) {
  struct keeper keeper = KEEPER_INIT;
  struct node node = open_keeper(&keeper, "60ms");
  struct reader reader;
  distcache_fetch_t *late;
  (void)state;
  start_reader(&reader, &node, "7", 0);
  pthread_join(reader.thread, NULL);
  assert_int_equal(reader.status, DISTCACHE_TIMED_OUT);
  late = kept_fetch(&keeper);
  assert_non_null(late);
  wait_until(distcache_fetch_cancelled(late));
  assert_int_equal(distcache_fetch_remaining_ms(late), 0);

  /* The key can be loaded again, and the late answer only ends its own fetch. */
  keeper.fetch = NULL;
  start_reader(&reader, &node, "7", 0);
  wait_until(kept_fetch(&keeper) != NULL);
  assert_status(DISTCACHE_CANCELLED, distcache_fetch_complete(late, BYTES("late"), NULL));
  assert_status(DISTCACHE_INVALID_ARGUMENT, distcache_fetch_complete(late, BYTES("late"), NULL));
  distcache_fetch_complete(keeper.fetch, BYTES("new"), NULL);
  pthread_join(reader.thread, NULL);
  if (reader.status == DISTCACHE_OK) assert_string_equal(reader.value, "new");
  close_node(&node);
}

static void a_fetch_outlives_its_engine(void **state) {
  struct keeper keeper = KEEPER_INIT;
  struct node node = open_keeper(&keeper, "1m");
  struct reader reader;
  size_t len;
  (void)state;
  start_reader(&reader, &node, "7", 0);
  wait_until(kept_fetch(&keeper) != NULL);
  assert_ok(distcache_close(node.cache, 50, NULL));
  pthread_join(reader.thread, NULL);
  assert_int_equal(reader.status, DISTCACHE_CLOSED);
  distcache_keyspace_release(node.keyspace);
  distcache_release(node.cache);
  assert_int_equal(counter_get(&keeper.finalized), 1);
  assert_memory_equal(distcache_fetch_key(keeper.fetch, &len), "7", 1);
  assert_int_equal(distcache_fetch_cancelled(keeper.fetch), 1);
  assert_status(DISTCACHE_CANCELLED,
                distcache_fetch_complete(keeper.fetch, BYTES("too late"), NULL));
  assert_status(DISTCACHE_INVALID_ARGUMENT, distcache_fetch_not_found(keeper.fetch));
}

static void garbage_is_no_fetch(void **state) {
  uint8_t memory[64] = {0};
  distcache_fetch_t *fetch = (distcache_fetch_t *)(void *)memory;
  distcache_fetch_many_t *batch = (distcache_fetch_many_t *)(void *)memory;
  distcache_trace_t trace;
  const uint32_t *lens;
  size_t len;
  (void)state;
  assert_null(distcache_fetch_key(fetch, &len));
  assert_null(distcache_fetch_key(NULL, NULL));
  assert_int_equal(distcache_fetch_cancelled(NULL), 1);
  assert_int_equal(distcache_fetch_trace(fetch, &trace), 0);
  assert_int_equal(distcache_fetch_trace(fetch, NULL), 0);
  assert_status(DISTCACHE_INVALID_ARGUMENT, distcache_fetch_not_found(fetch));
  assert_status(DISTCACHE_INVALID_ARGUMENT, distcache_fetch_complete(NULL, NULL, 0, NULL));
  assert_status(DISTCACHE_INVALID_ARGUMENT, distcache_fetch_tag(NULL, NULL));
  assert_null(distcache_fetch_many_keys(batch, &lens, &len));
  assert_null(distcache_fetch_many_keys(NULL, NULL, NULL));
  assert_string_equal(distcache_fetch_many_keyspace(NULL), "");
  assert_int_equal(distcache_fetch_many_remaining_ms(batch), 0);
  assert_int_equal(distcache_fetch_many_cancelled(batch), 1);
  assert_int_equal(distcache_fetch_many_trace(batch, &trace), 0);
  assert_int_equal(distcache_fetch_many_source_version(batch, 0), 0);
  assert_status(DISTCACHE_INVALID_ARGUMENT, distcache_fetch_many_not_found(batch, 0));
  assert_status(DISTCACHE_INVALID_ARGUMENT, distcache_fetch_many_tag(NULL, 0, "x"));
  assert_status(DISTCACHE_INVALID_ARGUMENT, distcache_fetch_many_end(NULL, 0, NULL));
}

/* ---- many keys ------------------------------------------------------------------------- */

struct batch_reader {
  pthread_t thread;
  distcache_keyspace_t *keyspace;
  distcache_status_t status;
  distcache_result_t *result;
};

static void *read_four(void *argument) {
  static const uint32_t lens[] = {1, 1, 1, 1};
  struct batch_reader *reader = argument;
  reader->status = distcache_get_many(reader->keyspace, (const uint8_t *)"abcd", lens, 4, NULL,
                                      &reader->result, NULL);
  return NULL;
}

static struct node open_bulk(struct keeper *keeper, struct source *single) {
  struct node node;
  distcache_keyspace_def_t *def = new_def("users", single);
  assert_ok(distcache_keyspace_def_source_many(def, keep_batch, (uintptr_t)keeper, keeper_finalize,
                                               NULL));
  node.cache = open_alone();
  node.keyspace = add_def(node.cache, def);
  return node;
}

static void a_bulk_source_answers_key_by_key(void **state) {
  struct keeper keeper = KEEPER_INIT;
  struct node node = open_bulk(&keeper, NULL);
  struct batch_reader reader;
  distcache_fetch_many_t *batch;
  const uint32_t *lens;
  const uint8_t *keys;
  size_t count;
  (void)state;
  reader.keyspace = node.keyspace;
  pthread_create(&reader.thread, NULL, read_four, &reader);
  wait_until(kept_batch(&keeper) != NULL);
  batch = keeper.batch;
  keys = distcache_fetch_many_keys(batch, &lens, &count);
  assert_int_equal(count, 4);
  assert_int_equal(lens[3], 1);
  assert_memory_equal(keys, "abcd", 4);
  assert_string_equal(distcache_fetch_many_keyspace(batch), "users");
  assert_true(distcache_fetch_many_remaining_ms(batch) > 0);
  assert_int_equal(distcache_fetch_many_cancelled(batch), 0);
  assert_ok(distcache_fetch_many_tag(batch, 3, "blue"));
  assert_status(DISTCACHE_INVALID_ARGUMENT, distcache_fetch_many_tag(batch, 4, "blue"));
  assert_ok(distcache_fetch_many_complete(batch, 3, BYTES("D"), NULL));
  assert_get(node.keyspace, "d", "D");
  assert_ok(distcache_fetch_many_not_found(batch, 1));
  assert_ok(distcache_fetch_many_fail(batch, 0, 0, "no a"));
  assert_status(DISTCACHE_INVALID_ARGUMENT, distcache_fetch_many_fail(batch, 0, 0, "again"));
  assert_status(DISTCACHE_INVALID_ARGUMENT, distcache_fetch_many_not_found(batch, 4));
  assert_int_equal(answers_ignored(&node), 1);
  assert_ok(distcache_fetch_many_end(batch, 1, NULL));
  assert_status(DISTCACHE_INVALID_ARGUMENT, distcache_fetch_many_end(batch, 1, NULL));
  assert_int_equal(answers_ignored(&node), 2);
  assert_null(distcache_fetch_many_keys(batch, &lens, &count));
  assert_int_equal(count, 0);
  pthread_join(reader.thread, NULL);
  assert_int_equal(reader.status, DISTCACHE_OK);
  assert_int_equal(distcache_result_item(reader.result, 0)->status, DISTCACHE_SOURCE_FAILED);
  assert_string_equal(distcache_result_message(reader.result, 0), "no a");
  assert_int_equal(distcache_result_item(reader.result, 1)->status, DISTCACHE_NOT_FOUND);
  assert_int_equal(distcache_result_item(reader.result, 2)->status, DISTCACHE_SOURCE_FAILED);
  assert_int_equal(distcache_result_item(reader.result, 2)->flags, DISTCACHE_ITEM_RETRIABLE);
  assert_string_equal(distcache_result_message(reader.result, 2), "the source gave no answer");
  assert_item(reader.result, 3, "D");
  distcache_result_release(reader.result);
  close_node(&node);
  assert_int_equal(counter_get(&keeper.finalized), 1);
}

static void both_forms_share_the_work(void **state) {
  struct keeper keeper = KEEPER_INIT;
  struct source source = SOURCE_INIT;
  struct node node = open_bulk(&keeper, &source);
  struct batch_reader reader;
  size_t i;
  (void)state;
  assert_get(node.keyspace, "z", "z!");
  assert_null(kept_batch(&keeper));
  reader.keyspace = node.keyspace;
  pthread_create(&reader.thread, NULL, read_four, &reader);
  wait_until(kept_batch(&keeper) != NULL);
  for (i = 0; i < 4; ++i) {
    assert_ok(distcache_fetch_many_complete(keeper.batch, i, BYTES("x"), NULL));
  }
  assert_ok(distcache_fetch_many_end(keeper.batch, 0, NULL));
  pthread_join(reader.thread, NULL);
  assert_item(reader.result, 2, "x");
  distcache_result_release(reader.result);
  close_node(&node);
  assert_int_equal(counter_get(&keeper.finalized), 1);
  assert_int_equal(source_finalized(&source), 1);
}

/* ---- calls from inside a source ---------------------------------------------------------- */

static distcache_keyspace_t *nested_keyspace;

/* "outer" needs "inner"; "self" needs itself. */
static void nested_fetch(uintptr_t context, distcache_fetch_t *fetch) {
  char value[64];
  size_t len;
  const uint8_t *key = distcache_fetch_key(fetch, &len);
  const char *needs = key[0] == 'o' ? "inner" : "self";
  distcache_status_t status;
  (void)context;
  if (key[0] == 'i') {
    distcache_fetch_complete(fetch, BYTES("core"), NULL);
    return;
  }
  status = distcache_get_into(nested_keyspace, BYTES(needs), NULL, (uint8_t *)value, sizeof(value),
                              &len, NULL);
  if (status != DISTCACHE_OK) {
    distcache_fetch_fail(fetch, 0, distcache_status_name(status));
  } else {
    distcache_fetch_complete(fetch, (const uint8_t *)value, len, NULL);
  }
}

static void a_source_may_ask_for_other_keys_but_not_for_its_own(void **state) {
  distcache_t *cache = open_alone();
  distcache_keyspace_def_t *def = new_def("nested", NULL);
  distcache_result_t *result;
  distcache_error_t *err;
  (void)state;
  assert_ok(distcache_keyspace_def_source(def, nested_fetch, 0, NULL, NULL));
  nested_keyspace = add_def(cache, def);
  assert_get(nested_keyspace, "outer", "core");
  assert_status(DISTCACHE_SOURCE_FAILED,
                distcache_get(nested_keyspace, BYTES("self"), NULL, &result, &err));
  assert_error(err, DISTCACHE_SOURCE_FAILED, "WOULD_DEADLOCK");
  distcache_keyspace_release(nested_keyspace);
  assert_ok(distcache_close(cache, 0, NULL));
  distcache_release(cache);
}

static void a_parent_named_by_number_finds_the_cycle_too(void **state) {
  struct keeper keeper = KEEPER_INIT;
  struct node node = open_keeper(&keeper, "5s");
  struct reader reader;
  distcache_options_t options = DISTCACHE_OPTIONS_INIT;
  distcache_result_t *result;
  distcache_error_t *err;
  (void)state;
  start_reader(&reader, &node, "7", 0);
  wait_until(kept_fetch(&keeper) != NULL);
  options.parent_fetch = (uint64_t)(uintptr_t)keeper.fetch;
  assert_status(DISTCACHE_WOULD_DEADLOCK,
                distcache_get(node.keyspace, BYTES("7"), &options, &result, NULL));
  assert_ok(distcache_fetch_complete(keeper.fetch, BYTES("x"), NULL));
  pthread_join(reader.thread, NULL);
  assert_ok(distcache_get(node.keyspace, BYTES("7"), &options, &result, NULL));
  distcache_result_release(result);
  options.parent_fetch = 12345;
  assert_status(DISTCACHE_INVALID_ARGUMENT,
                distcache_get(node.keyspace, BYTES("7"), &options, &result, &err));
  assert_error(err, DISTCACHE_INVALID_ARGUMENT, "parent_fetch");
  close_node(&node);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_answer_may_come_later_from_any_thread),
      cmocka_unit_test(a_failure_reaches_all_readers),
      cmocka_unit_test(every_answer_ends_its_readers),
      cmocka_unit_test(an_unanswered_fetch_costs_its_readers_their_deadline),
      cmocka_unit_test(a_fetch_outlives_its_engine),
      cmocka_unit_test(garbage_is_no_fetch),
      cmocka_unit_test(a_bulk_source_answers_key_by_key),
      cmocka_unit_test(both_forms_share_the_work),
      cmocka_unit_test(a_source_may_ask_for_other_keys_but_not_for_its_own),
      cmocka_unit_test(a_parent_named_by_number_finds_the_cycle_too),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
