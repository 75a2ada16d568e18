/* A source learns when nobody waits for its answer any more, and may give up. */
#include "keeper.h"

/* A get that is under way, and how it ended. */
struct call {
  struct counter done;
  distcache_op_t *op;
  distcache_status_t status;
  char value[64];
};
#define CALL_INIT \
  { COUNTER_INIT, NULL, -1, "" }

static void on_done(uintptr_t context, distcache_status_t status, distcache_result_t *result,
                    distcache_error_t *error) {
  struct call *call = (struct call *)context;
  call->status = status;
  if (status == DISTCACHE_OK) {
    const distcache_item_t *item = distcache_result_item(result, 0);
    memcpy(call->value, item->data, item->len);
  }
  distcache_result_release(result);
  distcache_error_release(error);
  counter_add(&call->done, 1);
}

static void begin(struct call *call, const struct node *node, const char *key, int64_t timeout_ms) {
  distcache_options_t options = DISTCACHE_OPTIONS_INIT;
  options.timeout_ms = timeout_ms;
  assert_ok(distcache_get_async(node->keyspace, BYTES(key), &options, on_done, (uintptr_t)call,
                                &call->op, NULL));
}

static distcache_status_t end(struct call *call) {
  wait_until(counter_get(&call->done) == 1);
  distcache_op_release(call->op);
  return call->status;
}

static distcache_fetch_t *next_fetch(struct keeper *keeper, distcache_fetch_t *before) {
  wait_until(kept_fetch(keeper) != before);
  return kept_fetch(keeper);
}

static void when_its_last_reader_cancelled(void **state) {
  struct keeper keeper = KEEPER_INIT;
  struct node node = open_keeper(&keeper, "1h");
  struct call first = CALL_INIT, second = CALL_INIT, third = CALL_INIT;
  distcache_fetch_t *fetch, *again;
  (void)state;
  begin(&first, &node, "7", 3600000);
  fetch = next_fetch(&keeper, NULL);
  begin(&second, &node, "7", 3600000);
  distcache_op_cancel(first.op);
  assert_status(DISTCACHE_CANCELLED, end(&first));
  assert_int_equal(distcache_fetch_cancelled(fetch), 0);
  assert_true(distcache_fetch_remaining_ms(fetch) > 0);
  distcache_op_cancel(second.op);
  assert_int_equal(distcache_fetch_cancelled(fetch), 1);
  assert_int_equal(distcache_fetch_remaining_ms(fetch), 0);
  assert_status(DISTCACHE_CANCELLED, end(&second));

  /* A later reader joins, and is not failed by a source that gave up before he came. */
  begin(&third, &node, "7", 3600000);
  assert_int_equal(distcache_fetch_cancelled(fetch), 0);
  assert_ok(distcache_fetch_fail(fetch, 0, "given up"));
  again = next_fetch(&keeper, fetch);
  assert_int_equal(distcache_fetch_cancelled(again), 0);
  assert_ok(distcache_fetch_complete(again, BYTES("new"), NULL));
  assert_ok(end(&third));
  assert_string_equal(third.value, "new");
  close_node(&node);
}

static void when_the_time_of_its_last_reader_is_over(void **state) {
  struct keeper keeper = KEEPER_INIT;
  struct node node = open_keeper(&keeper, "1h");
  struct call call = CALL_INIT;
  distcache_fetch_t *fetch;
  (void)state;
  begin(&call, &node, "7", 50);
  fetch = next_fetch(&keeper, NULL);
  wait_until(distcache_fetch_cancelled(fetch));
  assert_int_equal(distcache_fetch_remaining_ms(fetch), 0);
  assert_status(DISTCACHE_TIMED_OUT, end(&call));
  /* A value is kept nevertheless. */
  assert_ok(distcache_fetch_complete(fetch, BYTES("late"), NULL));
  assert_ok(peek_status(node.keyspace, "7"));
  close_node(&node);
}

static void readers_that_cancelled_make_room_for_others(void **state) {
  struct keeper keeper = KEEPER_INIT;
  struct node node = {NULL, NULL};
  struct call first = CALL_INIT;
  struct reader reader;
  distcache_keyspace_def_t *def = new_def("users", NULL);
  (void)state;
  assert_ok(distcache_keyspace_def_set(def, "waiters.max", "1", NULL));
  assert_ok(distcache_keyspace_def_set(def, "fetch.timeout.ms", "1h", NULL));
  assert_ok(distcache_keyspace_def_source(def, keep_fetch, (uintptr_t)&keeper, NULL, NULL));
  node.cache = open_alone();
  node.keyspace = add_def(node.cache, def);
  begin(&first, &node, "7", 3600000);
  next_fetch(&keeper, NULL);
  start_reader(&reader, &node, "7", 1);
  pthread_join(reader.thread, NULL);
  assert_int_equal(reader.status, DISTCACHE_OVERLOADED);
  distcache_op_cancel(first.op);
  do {
    start_reader(&reader, &node, "7", 1);
    pthread_join(reader.thread, NULL);
  } while (reader.status == DISTCACHE_OVERLOADED);
  assert_int_equal(reader.status, DISTCACHE_TIMED_OUT);
  assert_status(DISTCACHE_CANCELLED, end(&first));
  distcache_fetch_not_found(kept_fetch(&keeper));
  close_node(&node);
}

/* ---- closing ----------------------------------------------------------------------------- */

struct closer {
  pthread_t thread;
  distcache_t *cache;
  distcache_status_t status;
};

static void *close_patiently(void *argument) {
  struct closer *closer = argument;
  closer->status = distcache_close(closer->cache, 3600000, NULL);
  return NULL;
}

/* Closes with far more time than the test has: it only ends in time if it need not wait. */
static void close_and_answer(int gives_up, distcache_status_t expected) {
  struct keeper keeper = KEEPER_INIT;
  struct node node = open_keeper(&keeper, "1h");
  struct call call = CALL_INIT;
  struct closer closer;
  distcache_fetch_t *fetch;
  begin(&call, &node, "7", 3600000);
  fetch = next_fetch(&keeper, NULL);
  closer.cache = node.cache;
  assert_int_equal(pthread_create(&closer.thread, NULL, close_patiently, &closer), 0);
  wait_until(distcache_fetch_cancelled(fetch));
  assert_int_equal(distcache_fetch_remaining_ms(fetch), 0);
  assert_int_equal(counter_get(&call.done), 0);
  if (gives_up) {
    assert_ok(distcache_fetch_fail(fetch, 1, "given up"));
  } else {
    assert_ok(distcache_fetch_complete(fetch, BYTES("v"), NULL));
  }
  pthread_join(closer.thread, NULL);
  assert_int_equal(closer.status, DISTCACHE_OK);
  assert_status(expected, end(&call));
  close_node(&node);
}

static void when_the_engine_begins_to_close(void **state) {
  (void)state;
  close_and_answer(1, DISTCACHE_CLOSED);
  close_and_answer(0, DISTCACHE_OK);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(when_its_last_reader_cancelled),
      cmocka_unit_test(when_the_time_of_its_last_reader_is_over),
      cmocka_unit_test(readers_that_cancelled_make_room_for_others),
      cmocka_unit_test(when_the_engine_begins_to_close),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
