/* Sources of many keys at once, and calls that sources make themselves. */
#include "keeper.h"

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
      cmocka_unit_test(a_bulk_source_answers_key_by_key),
      cmocka_unit_test(both_forms_share_the_work),
      cmocka_unit_test(a_source_may_ask_for_other_keys_but_not_for_its_own),
      cmocka_unit_test(a_parent_named_by_number_finds_the_cycle_too),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
