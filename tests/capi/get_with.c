/* get_with: a loader for one call. Whether it is run, who waits for it, and that it ends. */
#include "keeper.h"

static distcache_status_t get_with(const struct node *node, const char *key, struct source *loader,
                                   distcache_result_t **out) {
  return distcache_get_with(node->keyspace, BYTES(key), source_fetch, (uintptr_t)loader,
                            source_finalize, NULL, out, NULL);
}

static void the_loader_is_run_in_place_of_the_source(void **state) {
  struct source source = SOURCE_INIT;
  struct source loader = SOURCE_INIT;
  struct node node = open_node(&source);
  distcache_result_t *result;
  (void)state;
  loader.answer = "?";
  assert_ok(get_with(&node, "7", &loader, &result));
  assert_item(result, 0, "7?");
  distcache_result_release(result);
  wait_until(source_finalized(&loader) == 1);
  assert_int_equal(source_loads(&loader), 1);
  assert_int_equal(source_loads(&source), 0);
  assert_get(node.keyspace, "7", "7?");

  /* A value that is there already is the answer. */
  assert_ok(get_with(&node, "7", &loader, &result));
  assert_item(result, 0, "7?");
  distcache_result_release(result);
  wait_until(source_finalized(&loader) == 2);
  assert_int_equal(source_loads(&loader), 1);
  close_node(&node);
}

static void no_source_is_needed(void **state) {
  struct source loader = SOURCE_INIT;
  struct node node = open_node(NULL);
  distcache_result_t *result;
  (void)state;
  assert_ok(get_with(&node, "7", &loader, &result));
  assert_item(result, 0, "7!");
  distcache_result_release(result);
  assert_get(node.keyspace, "7", "7!");
  assert_status(DISTCACHE_NOT_FOUND, get_with(&node, "missing", &loader, &result));
  assert_null(result);
  assert_status(DISTCACHE_SOURCE_FAILED, get_with(&node, "bad", &loader, &result));
  assert_status(DISTCACHE_NOT_FOUND, distcache_get(node.keyspace, BYTES("8"), NULL, &result, NULL));
  wait_until(source_finalized(&loader) == 3);
  close_node(&node);
}

struct outcome {
  struct counter calls;
  distcache_status_t status;
  distcache_result_t *result;
};

static void on_done(uintptr_t context, distcache_status_t status, distcache_result_t *result,
                    distcache_error_t *error) {
  struct outcome *outcome = (struct outcome *)context;
  outcome->status = status;
  outcome->result = result;
  distcache_error_release(error);
  counter_add(&outcome->calls, 1);
}

static void readers_wait_for_a_loader_that_runs(void **state) {
  struct source loader = SOURCE_INIT;
  struct node node = open_node(NULL);
  struct outcome outcome = {COUNTER_INIT, -1, NULL};
  struct reader reader;
  distcache_keyspace_stats_t stats;
  (void)state;
  stats.struct_size = sizeof(stats);
  source_gate(&loader, 1);
  assert_ok(distcache_get_with_async(node.keyspace, BYTES("7"), source_fetch, (uintptr_t)&loader,
                                     source_finalize, NULL, on_done, (uintptr_t)&outcome, NULL,
                                     NULL));
  wait_until(source_waiting(&loader) == 1);
  start_reader(&reader, &node, "7", 0);
  do {
    assert_ok(distcache_keyspace_stats_get(node.keyspace, &stats, NULL));
  } while (stats.joined < 1);
  source_gate(&loader, 0);
  pthread_join(reader.thread, NULL);
  assert_string_equal(reader.value, "7!");
  wait_until(counter_get(&outcome.calls) == 1);
  distcache_result_release(outcome.result);
  close_node(&node);
}

static void the_asynchronous_form_completes_once(void **state) {
  struct source loader = SOURCE_INIT;
  struct node node = open_node(NULL);
  struct outcome outcome = {COUNTER_INIT, -1, NULL};
  (void)state;
  assert_ok(distcache_get_with_async(node.keyspace, BYTES("7"), source_fetch, (uintptr_t)&loader,
                                     source_finalize, NULL, on_done, (uintptr_t)&outcome, NULL,
                                     NULL));
  wait_until(counter_get(&outcome.calls) == 1);
  assert_int_equal(outcome.status, DISTCACHE_OK);
  assert_item(outcome.result, 0, "7!");
  distcache_result_release(outcome.result);
  wait_until(source_finalized(&loader) == 1);
  close_node(&node);
  assert_int_equal(counter_get(&outcome.calls), 1);
}

static void a_delete_wins_over_a_loader_that_runs(void **state) {
  struct source loader = SOURCE_INIT;
  struct node node = open_node(NULL);
  struct outcome outcome = {COUNTER_INIT, -1, NULL};
  (void)state;
  source_gate(&loader, 1);
  assert_ok(distcache_get_with_async(node.keyspace, BYTES("7"), source_fetch, (uintptr_t)&loader,
                                     source_finalize, NULL, on_done, (uintptr_t)&outcome, NULL,
                                     NULL));
  wait_until(source_waiting(&loader) == 1);
  assert_ok(distcache_delete(node.keyspace, BYTES("7"), NULL, NULL));
  source_gate(&loader, 0);
  wait_until(counter_get(&outcome.calls) == 1);
  assert_item(outcome.result, 0, "7!");
  distcache_result_release(outcome.result);
  assert_status(DISTCACHE_NOT_CACHED, peek_status(node.keyspace, "7"));
  close_node(&node);
  assert_int_equal(source_finalized(&loader), 1);
}

static void a_cancelled_or_closed_one_ends_its_loader(void **state) {
  struct source loader = SOURCE_INIT;
  struct node node = open_node(NULL);
  struct outcome outcome = {COUNTER_INIT, -1, NULL};
  distcache_op_t *op;
  (void)state;
  source_gate(&loader, 1);
  assert_ok(distcache_get_with_async(node.keyspace, BYTES("7"), source_fetch, (uintptr_t)&loader,
                                     source_finalize, NULL, on_done, (uintptr_t)&outcome, &op,
                                     NULL));
  wait_until(source_waiting(&loader) == 1);
  distcache_op_cancel(op);
  distcache_op_release(op);
  wait_until(counter_get(&outcome.calls) == 1);
  assert_int_equal(outcome.status, DISTCACHE_CANCELLED);
  source_gate(&loader, 0);
  close_node(&node);
  wait_until(source_finalized(&loader) == 1);
}

static void what_is_refused_ends_its_loader_too(void **state) {
  struct source loader = SOURCE_INIT;
  struct node node = open_node(NULL);
  distcache_result_t *result;
  distcache_error_t *err;
  (void)state;
  assert_status(DISTCACHE_INVALID_ARGUMENT, get_with(&node, "", &loader, &result));
  assert_int_equal(source_finalized(&loader), 1);
  assert_status(DISTCACHE_INVALID_ARGUMENT, get_with(&node, "7", &loader, NULL));
  assert_int_equal(source_finalized(&loader), 2);
  assert_status(DISTCACHE_INVALID_ARGUMENT,
                distcache_get_with(node.keyspace, BYTES("7"), NULL, (uintptr_t)&loader,
                                   source_finalize, NULL, &result, &err));
  assert_error(err, DISTCACHE_INVALID_ARGUMENT, "fetch");
  assert_int_equal(source_finalized(&loader), 3);
  assert_status(
      DISTCACHE_INVALID_ARGUMENT,
      distcache_get_with_async(node.keyspace, BYTES("7"), source_fetch, (uintptr_t)&loader,
                               source_finalize, NULL, NULL, 0, NULL, NULL));
  assert_int_equal(source_finalized(&loader), 4);
  assert_int_equal(source_loads(&loader), 0);
  close_node(&node);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_loader_is_run_in_place_of_the_source),
      cmocka_unit_test(no_source_is_needed),
      cmocka_unit_test(readers_wait_for_a_loader_that_runs),
      cmocka_unit_test(the_asynchronous_form_completes_once),
      cmocka_unit_test(a_delete_wins_over_a_loader_that_runs),
      cmocka_unit_test(a_cancelled_or_closed_one_ends_its_loader),
      cmocka_unit_test(what_is_refused_ends_its_loader_too),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
