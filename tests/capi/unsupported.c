/* What later versions bring: each function says so, names itself, and ends what it was given. */
#include "fixture.h"

static struct source source = SOURCE_INIT;
static struct node node;
static struct counter finalized = COUNTER_INIT;
#define CONTEXT ((uintptr_t)&finalized)

static int set_up(void **state) {
  (void)state;
  node = open_node(&source);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  close_node(&node);
  return 0;
}

#define UNSUPPORTED(function, arguments)                      \
  do {                                                        \
    distcache_error_t *err = NULL;                            \
    assert_status(DISTCACHE_UNSUPPORTED, function arguments); \
    assert_error(err, DISTCACHE_UNSUPPORTED, #function);      \
  } while (0)

static void nobody_is_called(uintptr_t context, distcache_status_t status,
                             distcache_result_t *result, distcache_error_t *error) {
  (void)context, (void)status, (void)result, (void)error;
  abort();
}

static void operations(void **state) {
  distcache_keyspace_t *ks = node.keyspace;
  distcache_result_t *result = (distcache_result_t *)(void *)&source;
  distcache_entry_version_t version = {1, 2, 3};
  uint64_t cursor = 5;
  (void)state;
  UNSUPPORTED(distcache_get_with,
              (ks, BYTES("7"), source_fetch, CONTEXT, count_finalized, NULL, &result, &err));
  assert_null(result);
  assert_int_equal(counter_get(&finalized), 1);
  UNSUPPORTED(distcache_get_with, (ks, BYTES("7"), source_fetch, CONTEXT, NULL, NULL, NULL, &err));
  UNSUPPORTED(distcache_clear, (ks, NULL, &err));
  UNSUPPORTED(distcache_invalidate_tag, (ks, "blue", NULL, &err));
  UNSUPPORTED(distcache_invalidate_prefix, (ks, BYTES("7"), NULL, &err));
  UNSUPPORTED(distcache_refresh, (ks, BYTES("7"), NULL, &result, &err));
  UNSUPPORTED(distcache_put_if, (ks, BYTES("7"), BYTES("x"), NULL, NULL, &version, &err));
  assert_int_equal(version.counter, 0);
  UNSUPPORTED(distcache_touch, (ks, BYTES("7"), NULL, &err));
  UNSUPPORTED(distcache_scan, (ks, &cursor, 10, &result, &err));
  UNSUPPORTED(distcache_hot_keys, (ks, 10, &result, &err));
  assert_null(result);
  assert_status(DISTCACHE_UNSUPPORTED, distcache_clear(NULL, NULL, NULL));
  assert_int_equal(source_loads(&source), 0);
}

static void asynchronous_operations(void **state) {
  distcache_keyspace_t *ks = node.keyspace;
  distcache_op_t *op = (distcache_op_t *)(void *)&source;
  const int before = counter_get(&finalized);
  (void)state;
  UNSUPPORTED(distcache_get_with_async, (ks, BYTES("7"), source_fetch, CONTEXT, count_finalized,
                                         NULL, nobody_is_called, 0, &op, &err));
  assert_null(op);
  assert_int_equal(counter_get(&finalized), before + 1);
  UNSUPPORTED(distcache_clear_async, (ks, NULL, nobody_is_called, 0, &op, &err));
  UNSUPPORTED(distcache_invalidate_tag_async, (ks, "x", NULL, nobody_is_called, 0, &op, &err));
  UNSUPPORTED(distcache_invalidate_prefix_async,
              (ks, BYTES("7"), NULL, nobody_is_called, 0, &op, &err));
  UNSUPPORTED(distcache_refresh_async, (ks, BYTES("7"), NULL, nobody_is_called, 0, &op, &err));
  UNSUPPORTED(distcache_put_if_async,
              (ks, BYTES("7"), BYTES("x"), NULL, NULL, nobody_is_called, 0, &op, &err));
  UNSUPPORTED(distcache_touch_async, (ks, BYTES("7"), NULL, nobody_is_called, 0, NULL, &err));
}

static void queues(void **state) {
  distcache_queue_t *queue = (distcache_queue_t *)(void *)&source;
  distcache_keyspace_t *second = node.keyspace;
  const int before = counter_get(&finalized);
  size_t count = 4;
  (void)state;
  UNSUPPORTED(distcache_queue_new, (&queue, &err));
  assert_null(queue);
  UNSUPPORTED(distcache_queue_keyspace, (queue, node.keyspace, &second, &err));
  assert_null(second);
  UNSUPPORTED(distcache_keyspace_def_source_queue, (NULL, queue, CONTEXT, count_finalized, &err));
  assert_int_equal(counter_get(&finalized), before + 1);
  UNSUPPORTED(distcache_queue_take,
              (queue, 0, NULL, sizeof(distcache_queue_item_t), 0, &count, &err));
  assert_int_equal(count, 0);
  assert_int_equal(distcache_queue_fd(queue), -1);
  distcache_queue_release(queue);
}

static void parts_of_ones_own(void **state) {
  distcache_config_t *config = new_config();
  distcache_keyspace_def_t *def = new_def("users", NULL);
  const int before = counter_get(&finalized);
  (void)state;
  UNSUPPORTED(distcache_config_hash, (config, "mine", NULL, CONTEXT, count_finalized, &err));
  UNSUPPORTED(distcache_config_allocator, (config, NULL, CONTEXT, count_finalized, &err));
  UNSUPPORTED(distcache_config_discovery, (config, NULL, CONTEXT, count_finalized, &err));
  UNSUPPORTED(distcache_config_on_span, (config, NULL, CONTEXT, count_finalized, &err));
  UNSUPPORTED(distcache_keyspace_def_expiry, (def, NULL, CONTEXT, count_finalized, &err));
  UNSUPPORTED(distcache_keyspace_def_eviction, (def, NULL, CONTEXT, count_finalized, &err));
  UNSUPPORTED(distcache_keyspace_def_tier, (def, NULL, CONTEXT, count_finalized, &err));
  assert_int_equal(counter_get(&finalized), before + 7);
  UNSUPPORTED(distcache_config_hash, (config, "mine", NULL, CONTEXT, NULL, &err));
  assert_status(DISTCACHE_INVALID_ARGUMENT, distcache_discovery_reply_add(NULL, "host:1"));
  distcache_discovery_reply_message(NULL, "x");
  assert_status(DISTCACHE_INVALID_ARGUMENT, distcache_tier_reply_value(NULL, BYTES("x"), 0, 0));
  assert_int_equal(counter_get(&finalized), before + 7);
  distcache_keyspace_def_release(def);
  distcache_config_release(config);
  assert_int_equal(counter_get(&finalized), before + 7);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(operations),
      cmocka_unit_test(asynchronous_operations),
      cmocka_unit_test(queues),
      cmocka_unit_test(parts_of_ones_own),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
