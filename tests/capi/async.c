/* The asynchronous forms: exactly one completion, on the EVENT thread; cancelling; refusals. */
#include "fixture.h"

/* What `done` was called with. */
struct outcome {
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  int calls;
  pthread_t thread;
  distcache_status_t status;
  distcache_result_t *result;
  distcache_error_t *error;
};
#define OUTCOME_INIT \
  { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0, -1, NULL, NULL }

static void on_done(uintptr_t context, distcache_status_t status, distcache_result_t *result,
                    distcache_error_t *error) {
  struct outcome *outcome = (struct outcome *)context;
  pthread_mutex_lock(&outcome->mutex);
  ++outcome->calls;
  outcome->thread = pthread_self();
  outcome->status = status;
  outcome->result = result;
  outcome->error = error;
  pthread_cond_broadcast(&outcome->changed);
  pthread_mutex_unlock(&outcome->mutex);
}

static void await(struct outcome *outcome) {
  pthread_mutex_lock(&outcome->mutex);
  while (outcome->calls == 0) pthread_cond_wait(&outcome->changed, &outcome->mutex);
  pthread_mutex_unlock(&outcome->mutex);
  assert_int_equal(outcome->calls, 1);
  assert_false(pthread_equal(outcome->thread, pthread_self()));
}

static void forget(struct outcome *outcome) {
  assert_int_equal(outcome->calls, 1);
  distcache_result_release(outcome->result);
  distcache_error_release(outcome->error);
  outcome->calls = 0;
  outcome->result = NULL;
  outcome->error = NULL;
}

static void single_forms_answer_like_their_twins(void **state) {
  struct source source = SOURCE_INIT;
  struct node node = open_node(&source);
  struct outcome outcome = OUTCOME_INIT;
  const uintptr_t context = (uintptr_t)&outcome;
  distcache_error_t *err;
  distcache_op_t *op;
  (void)state;
  assert_ok(distcache_get_async(node.keyspace, BYTES("7"), NULL, on_done, context, &op, &err));
  assert_null(err);
  assert_non_null(op);
  await(&outcome);
  assert_int_equal(outcome.status, DISTCACHE_OK);
  assert_item(outcome.result, 0, "7!");
  assert_null(outcome.error);
  forget(&outcome);
  distcache_op_cancel(op);
  distcache_op_release(op);

  assert_ok(distcache_get_async(node.keyspace, BYTES("7"), NULL, on_done, context, NULL, NULL));
  await(&outcome);
  assert_int_equal(distcache_result_item(outcome.result, 0)->origin, DISTCACHE_ORIGIN_LOCAL);
  forget(&outcome);

  assert_ok(
      distcache_get_async(node.keyspace, BYTES("missing"), NULL, on_done, context, NULL, NULL));
  await(&outcome);
  assert_int_equal(outcome.status, DISTCACHE_NOT_FOUND);
  assert_null(outcome.result);
  assert_null(outcome.error);
  forget(&outcome);

  assert_ok(distcache_get_async(node.keyspace, BYTES("bad"), NULL, on_done, context, NULL, NULL));
  await(&outcome);
  assert_int_equal(outcome.status, DISTCACHE_SOURCE_FAILED);
  assert_null(outcome.result);
  assert_string_equal(distcache_error_message(outcome.error), "the database is on fire");
  assert_int_equal(distcache_error_retriable(outcome.error), 1);
  forget(&outcome);

  assert_ok(distcache_put_async(node.keyspace, BYTES("7"), BYTES("mine"), NULL, on_done, context,
                                NULL, NULL));
  await(&outcome);
  assert_int_equal(outcome.status, DISTCACHE_OK);
  assert_true(distcache_result_item(outcome.result, 0)->version.counter > 0);
  forget(&outcome);
  assert_get(node.keyspace, "7", "mine");

  assert_ok(distcache_delete_async(node.keyspace, BYTES("7"), NULL, on_done, context, NULL, NULL));
  await(&outcome);
  assert_int_equal(outcome.status, DISTCACHE_OK);
  forget(&outcome);
  assert_status(DISTCACHE_NOT_CACHED, peek_status(node.keyspace, "7"));
  close_node(&node);
}

static void many_forms_answer_for_each_key(void **state) {
  static const uint32_t key_lens[] = {1, 7, 1};
  static const uint32_t value_lens[] = {1, 64 * 1024 * 1024, 1};
  struct source source = SOURCE_INIT;
  struct node node = open_node(&source);
  struct outcome outcome = OUTCOME_INIT;
  const uintptr_t context = (uintptr_t)&outcome;
  const uint8_t *keys = (const uint8_t *)"amissingb";
  size_t count = 9;
  (void)state;
  assert_ok(distcache_get_many_async(node.keyspace, keys, key_lens, 3, NULL, on_done, context, NULL,
                                     NULL));
  await(&outcome);
  assert_int_equal(outcome.status, DISTCACHE_OK);
  assert_item(outcome.result, 0, "a!");
  assert_int_equal(distcache_result_item(outcome.result, 1)->status, DISTCACHE_NOT_FOUND);
  assert_item(outcome.result, 2, "b!");
  forget(&outcome);

  assert_ok(distcache_put_many_async(node.keyspace, keys, key_lens, keys, value_lens, NULL, 2, NULL,
                                     on_done, context, NULL, NULL));
  await(&outcome);
  assert_int_equal(distcache_result_item(outcome.result, 0)->status, DISTCACHE_OK);
  assert_int_equal(distcache_result_item(outcome.result, 1)->status, DISTCACHE_TOO_LARGE);
  forget(&outcome);
  assert_get(node.keyspace, "a", "a");

  assert_ok(distcache_delete_many_async(node.keyspace, keys, key_lens, 3, NULL, on_done, context,
                                        NULL, NULL));
  await(&outcome);
  assert_int_equal(distcache_result_item(outcome.result, 2)->status, DISTCACHE_OK);
  forget(&outcome);
  assert_status(DISTCACHE_NOT_CACHED, peek_status(node.keyspace, "a"));

  assert_ok(
      distcache_get_many_async(node.keyspace, NULL, NULL, 0, NULL, on_done, context, NULL, NULL));
  await(&outcome);
  assert_int_equal(outcome.status, DISTCACHE_OK);
  distcache_result_items(outcome.result, &count, NULL);
  assert_int_equal(count, 0);
  forget(&outcome);
  close_node(&node);
}

static void a_cancelled_get_completes_at_once_and_alone(void **state) {
  struct source source = SOURCE_INIT;
  struct node node = open_node(&source);
  struct outcome cancelled = OUTCOME_INIT, other = OUTCOME_INIT;
  distcache_op_t *op;
  (void)state;
  source_gate(&source, 1);
  assert_ok(distcache_get_async(node.keyspace, BYTES("7"), NULL, on_done, (uintptr_t)&cancelled,
                                &op, NULL));
  assert_ok(
      distcache_get_async(node.keyspace, BYTES("7"), NULL, on_done, (uintptr_t)&other, NULL, NULL));
  wait_until(source_waiting(&source) == 1);
  distcache_op_cancel(op);
  await(&cancelled);
  assert_int_equal(cancelled.status, DISTCACHE_CANCELLED);
  assert_int_equal(distcache_error_status(cancelled.error), DISTCACHE_CANCELLED);
  distcache_op_cancel(op);
  distcache_op_release(op);
  source_gate(&source, 0);
  await(&other);
  assert_int_equal(other.status, DISTCACHE_OK);
  assert_item(other.result, 0, "7!");
  close_node(&node);
  forget(&cancelled);
  forget(&other);
  assert_int_equal(source_loads(&source), 1);
}

static void cancelling_many_keeps_what_is_known(void **state) {
  static const uint32_t lens[] = {1, 1};
  struct source source = SOURCE_INIT;
  struct node node = open_node(&source);
  struct outcome outcome = OUTCOME_INIT;
  distcache_op_t *op;
  (void)state;
  assert_get(node.keyspace, "a", "a!");
  source_gate(&source, 1);
  assert_ok(distcache_get_many_async(node.keyspace, (const uint8_t *)"ab", lens, 2, NULL, on_done,
                                     (uintptr_t)&outcome, &op, NULL));
  wait_until(source_waiting(&source) == 1);
  distcache_op_cancel(op);
  distcache_op_release(op);
  await(&outcome);
  assert_int_equal(outcome.status, DISTCACHE_OK);
  assert_item(outcome.result, 0, "a!");
  assert_int_equal(distcache_result_item(outcome.result, 1)->status, DISTCACHE_CANCELLED);
  forget(&outcome);
  source_gate(&source, 0);
  close_node(&node);
}

static void release_never_cancels(void **state) {
  struct source source = SOURCE_INIT;
  struct node node = open_node(&source);
  struct outcome outcome = OUTCOME_INIT;
  distcache_op_t *op;
  (void)state;
  source_gate(&source, 1);
  assert_ok(distcache_get_async(node.keyspace, BYTES("7"), NULL, on_done, (uintptr_t)&outcome, &op,
                                NULL));
  distcache_op_release(op);
  source_gate(&source, 0);
  await(&outcome);
  assert_int_equal(outcome.status, DISTCACHE_OK);
  forget(&outcome);
  distcache_op_release(NULL);
  distcache_op_cancel(NULL);
  close_node(&node);
}

static void a_deadline_completes_too(void **state) {
  struct source source = SOURCE_INIT;
  struct node node = open_node(&source);
  struct outcome outcome = OUTCOME_INIT;
  distcache_options_t options = DISTCACHE_OPTIONS_INIT;
  (void)state;
  options.timeout_ms = 30;
  source_gate(&source, 1);
  assert_ok(distcache_get_async(node.keyspace, BYTES("7"), &options, on_done, (uintptr_t)&outcome,
                                NULL, NULL));
  await(&outcome);
  assert_int_equal(outcome.status, DISTCACHE_TIMED_OUT);
  forget(&outcome);
  source_gate(&source, 0);
  wait_until(peek_status(node.keyspace, "7") == DISTCACHE_OK);
  close_node(&node);
}

static void close_completes_what_is_pending(void **state) {
  struct source source = SOURCE_INIT;
  struct node node = open_node(&source);
  struct outcome outcome = OUTCOME_INIT, late = OUTCOME_INIT;
  distcache_error_t *err;
  distcache_op_t *op = (distcache_op_t *)(void *)&source;
  (void)state;
  source_gate(&source, 1);
  assert_ok(distcache_get_async(node.keyspace, BYTES("7"), NULL, on_done, (uintptr_t)&outcome, NULL,
                                NULL));
  wait_until(source_waiting(&source) == 1);
  assert_status(DISTCACHE_TIMED_OUT, distcache_close(node.cache, 20, NULL));
  assert_int_equal(outcome.calls, 1);
  assert_int_equal(outcome.status, DISTCACHE_CLOSED);
  assert_status(DISTCACHE_CLOSED, distcache_get_async(node.keyspace, BYTES("7"), NULL, on_done,
                                                      (uintptr_t)&late, &op, &err));
  assert_null(op);
  assert_error(err, DISTCACHE_CLOSED, "closed");
  assert_int_equal(late.calls, 0);
  forget(&outcome);
  assert_int_equal(source_finalized(&source), 0);
  source_gate(&source, 0);
  wait_until(source_finalized(&source) == 1);
  distcache_keyspace_release(node.keyspace);
  distcache_release(node.cache);
}

struct submitter {
  distcache_keyspace_t *keyspace;
  struct counter accepted, completed;
};

static void count_done(uintptr_t context, distcache_status_t status, distcache_result_t *result,
                       distcache_error_t *error) {
  (void)status;
  distcache_result_release(result);
  distcache_error_release(error);
  counter_add(&((struct submitter *)context)->completed, 1);
}

static void *submit_and_cancel(void *argument) {
  struct submitter *submitter = argument;
  char key[16];
  int i;
  for (i = 0; i < 3000; ++i) {
    distcache_op_t *op;
    snprintf(key, sizeof(key), "%d", i % 50);
    if (distcache_get_async(submitter->keyspace, BYTES(key), NULL, count_done, (uintptr_t)submitter,
                            &op, NULL) != DISTCACHE_OK) {
      break;
    }
    counter_add(&submitter->accepted, 1);
    if (i % 3 == 0) distcache_op_cancel(op);
    distcache_op_release(op);
  }
  return NULL;
}

/* Whatever close meets: as many completions as operations were accepted. */
static void every_accepted_operation_completes_once(void **state) {
  int round;
  (void)state;
  for (round = 0; round < 10; ++round) {
    struct source source = SOURCE_INIT;
    struct node node = open_node(&source);
    struct submitter submitter = {NULL, COUNTER_INIT, COUNTER_INIT};
    pthread_t threads[3];
    size_t i;
    submitter.keyspace = node.keyspace;
    for (i = 0; i < 3; ++i) pthread_create(&threads[i], NULL, submit_and_cancel, &submitter);
    wait_until(counter_get(&submitter.accepted) > 100 * round);
    assert_ok(distcache_close(node.cache, 0, NULL));
    for (i = 0; i < 3; ++i) pthread_join(threads[i], NULL);
    wait_until(counter_get(&submitter.completed) == counter_get(&submitter.accepted));
    distcache_keyspace_release(node.keyspace);
    distcache_release(node.cache);
    assert_int_equal(counter_get(&submitter.completed), counter_get(&submitter.accepted));
  }
}

static distcache_keyspace_t *event_keyspace;
static distcache_t *event_cache;

struct from_event {
  struct outcome outcome;
  distcache_status_t hit, miss, many, put, close, open, async;
};

static void call_from_event_thread(uintptr_t context, distcache_status_t status,
                                   distcache_result_t *result, distcache_error_t *error) {
  static const uint32_t len = 1;
  struct from_event *seen = (struct from_event *)context;
  distcache_result_t *other = NULL;
  distcache_config_t *config = NULL;
  distcache_t *cache = NULL;
  uint8_t value[16];
  size_t size;
  seen->hit = distcache_get_into(event_keyspace, BYTES("7"), NULL, value, 16, &size, NULL);
  seen->miss = distcache_get_into(event_keyspace, BYTES("8"), NULL, value, 16, &size, NULL);
  seen->many =
      distcache_get_many(event_keyspace, (const uint8_t *)"8", &len, 1, NULL, &other, NULL);
  seen->put = distcache_put(event_keyspace, BYTES("8"), BYTES("x"), NULL, NULL);
  seen->close = distcache_close(event_cache, 0, NULL);
  distcache_config_new(DISTCACHE_ABI, &config, NULL);
  seen->open = distcache_open(config, &cache, NULL);
  distcache_config_release(config);
  seen->async = distcache_get_async(event_keyspace, BYTES("9"), NULL, on_done,
                                    (uintptr_t)&seen->outcome, NULL, NULL);
  distcache_result_release(result);
  distcache_error_release(error);
  (void)status;
}

static void an_event_thread_may_not_wait(void **state) {
  struct source source = SOURCE_INIT;
  struct node node = open_node(&source);
  struct from_event seen = {OUTCOME_INIT, 0, 0, 0, 0, 0, 0, 0};
  (void)state;
  event_keyspace = node.keyspace;
  event_cache = node.cache;
  assert_ok(distcache_get_async(node.keyspace, BYTES("7"), NULL, call_from_event_thread,
                                (uintptr_t)&seen, NULL, NULL));
  await(&seen.outcome);
  assert_int_equal(seen.hit, DISTCACHE_OK);
  assert_int_equal(seen.miss, DISTCACHE_WOULD_DEADLOCK);
  assert_int_equal(seen.many, DISTCACHE_WOULD_DEADLOCK);
  assert_int_equal(seen.put, DISTCACHE_WOULD_DEADLOCK);
  assert_int_equal(seen.close, DISTCACHE_WOULD_DEADLOCK);
  assert_int_equal(seen.open, DISTCACHE_WOULD_DEADLOCK);
  assert_int_equal(seen.async, DISTCACHE_OK);
  assert_item(seen.outcome.result, 0, "9!");
  forget(&seen.outcome);
  close_node(&node);
}

static void release_here(uintptr_t context, distcache_status_t status, distcache_result_t *result,
                         distcache_error_t *error) {
  distcache_release(event_cache);
  distcache_keyspace_release(event_keyspace);
  on_done(context, status, result, error);
}

static void an_event_thread_may_release_its_engine(void **state) {
  struct source source = SOURCE_INIT;
  struct node node = open_node(&source);
  struct outcome outcome = OUTCOME_INIT;
  (void)state;
  event_keyspace = node.keyspace;
  event_cache = node.cache;
  assert_ok(distcache_get_async(node.keyspace, BYTES("7"), NULL, release_here, (uintptr_t)&outcome,
                                NULL, NULL));
  await(&outcome);
  assert_item(outcome.result, 0, "7!");
  forget(&outcome);
  wait_until(source_finalized(&source) == 1);
}

static void refused_submissions_call_nobody(void **state) {
  static const uint32_t empty = 0;
  struct source source = SOURCE_INIT;
  struct node node = open_node(&source);
  struct outcome outcome = OUTCOME_INIT;
  distcache_op_t *op = (distcache_op_t *)(void *)&source;
  distcache_error_t *err;
  (void)state;
  assert_status(DISTCACHE_INVALID_ARGUMENT,
                distcache_get_async(node.keyspace, BYTES("7"), NULL, NULL, 0, &op, &err));
  assert_null(op);
  assert_error(err, DISTCACHE_INVALID_ARGUMENT, "done");
  assert_status(DISTCACHE_INVALID_ARGUMENT, distcache_get_async(NULL, BYTES("7"), NULL, on_done,
                                                                (uintptr_t)&outcome, &op, NULL));
  assert_status(DISTCACHE_INVALID_ARGUMENT,
                distcache_put_async(node.keyspace, NULL, 0, BYTES("x"), NULL, on_done,
                                    (uintptr_t)&outcome, &op, NULL));
  assert_status(DISTCACHE_INVALID_ARGUMENT,
                distcache_delete_many_async(node.keyspace, (const uint8_t *)"7", &empty, 1, NULL,
                                            on_done, (uintptr_t)&outcome, &op, NULL));
  assert_int_equal(outcome.calls, 0);
  close_node(&node);
  assert_int_equal(outcome.calls, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(single_forms_answer_like_their_twins),
      cmocka_unit_test(many_forms_answer_for_each_key),
      cmocka_unit_test(a_cancelled_get_completes_at_once_and_alone),
      cmocka_unit_test(cancelling_many_keeps_what_is_known),
      cmocka_unit_test(release_never_cancels),
      cmocka_unit_test(a_deadline_completes_too),
      cmocka_unit_test(close_completes_what_is_pending),
      cmocka_unit_test(every_accepted_operation_completes_once),
      cmocka_unit_test(an_event_thread_may_not_wait),
      cmocka_unit_test(an_event_thread_may_release_its_engine),
      cmocka_unit_test(refused_submissions_call_nobody),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
