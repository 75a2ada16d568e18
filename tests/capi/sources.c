/* Sources of one key: answers at once and later, from other threads, twice, too late and never. */
#include "keeper.h"

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
  /* The source may be asked when its reader has gone already: the machine decides. */
  wait_until(kept_fetch(&keeper) != NULL);
  late = kept_fetch(&keeper);
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

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_answer_may_come_later_from_any_thread),
      cmocka_unit_test(a_failure_reaches_all_readers),
      cmocka_unit_test(every_answer_ends_its_readers),
      cmocka_unit_test(an_unanswered_fetch_costs_its_readers_their_deadline),
      cmocka_unit_test(a_fetch_outlives_its_engine),
      cmocka_unit_test(garbage_is_no_fetch),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
