/* Keyspaces of an open engine: added, looked up, listed, updated and removed while it runs. */
#include "fixture.h"

static void handles_name_the_same_keyspace(void **state) {
  struct source source = SOURCE_INIT;
  struct node node = open_node(&source);
  distcache_keyspace_t *second, *none = node.keyspace;
  distcache_error_t *err;
  (void)state;
  assert_string_equal(distcache_keyspace_name(node.keyspace), "users");
  assert_ok(distcache_keyspace_lookup(node.cache, "users", &second, &err));
  assert_null(err);
  assert_ptr_not_equal(second, node.keyspace);
  assert_get(second, "7", "7!");
  distcache_keyspace_release(second);
  assert_status(DISTCACHE_OK, peek_status(node.keyspace, "7"));
  assert_status(DISTCACHE_CLOSED, peek_status(second, "7"));
  assert_status(DISTCACHE_NO_KEYSPACE,
                distcache_keyspace_lookup(node.cache, "orders", &none, &err));
  assert_null(none);
  assert_error(err, DISTCACHE_NO_KEYSPACE, "'orders'");
  close_node(&node);
}

static void list_is_sorted_and_ends_each_name_with_nul(void **state) {
  struct node node = open_node(NULL);
  distcache_result_t *names;
  const distcache_item_t *item;
  size_t count;
  (void)state;
  distcache_keyspace_release(add_keyspace(node.cache, "orders", NULL));
  distcache_keyspace_release(add_keyspace(node.cache, "\xC3\xA4pfel", NULL));
  assert_ok(distcache_keyspace_list(node.cache, &names, NULL));
  distcache_result_items(names, &count, NULL);
  assert_int_equal(count, 3);
  item = distcache_result_item(names, 0);
  assert_int_equal(item->len, 6);
  assert_string_equal((const char *)item->data, "orders");
  assert_string_equal((const char *)distcache_result_item(names, 1)->data, "users");
  assert_string_equal((const char *)distcache_result_item(names, 2)->data, "\xC3\xA4pfel");
  close_node(&node);
  assert_string_equal((const char *)item->data, "orders");
  distcache_result_release(names);
}

static void a_name_is_taken_once(void **state) {
  struct source source = SOURCE_INIT;
  struct node node = open_node(NULL);
  distcache_keyspace_def_t *def = new_def("users", &source);
  distcache_keyspace_t *second = node.keyspace;
  distcache_error_t *err;
  (void)state;
  assert_status(DISTCACHE_INVALID_CONFIG, distcache_keyspace_add(node.cache, def, &second, &err));
  assert_null(second);
  assert_error(err, DISTCACHE_INVALID_CONFIG, "'users'");
  assert_int_equal(source_finalized(&source), 0);
  distcache_keyspace_def_release(def);
  assert_int_equal(source_finalized(&source), 1);
  close_node(&node);
}

static void removal_answers_everybody_and_ends_the_source(void **state) {
  struct source source = SOURCE_INIT, other = SOURCE_INIT;
  struct node node = open_node(&source);
  distcache_result_t *result;
  distcache_keyspace_t *again;
  distcache_error_t *err;
  (void)state;
  other.answer = "?";
  assert_get(node.keyspace, "7", "7!");
  assert_ok(distcache_keyspace_remove(node.cache, "users", &err));
  assert_null(err);
  /* The thread that answered may still be on its way out of the callback. */
  wait_until(source_finalized(&source) == 1);
  assert_status(DISTCACHE_NO_KEYSPACE,
                distcache_get(node.keyspace, BYTES("7"), NULL, &result, &err));
  assert_error(err, DISTCACHE_NO_KEYSPACE, "'users'");
  assert_status(DISTCACHE_NO_KEYSPACE,
                distcache_put(node.keyspace, BYTES("7"), BYTES("x"), NULL, NULL));
  assert_status(DISTCACHE_NO_KEYSPACE, distcache_delete(node.keyspace, BYTES("7"), NULL, NULL));
  assert_status(DISTCACHE_NO_KEYSPACE, peek_status(node.keyspace, "7"));
  assert_status(DISTCACHE_NO_KEYSPACE,
                distcache_get_many(node.keyspace, NULL, NULL, 0, NULL, &result, NULL));
  assert_status(DISTCACHE_NO_KEYSPACE, distcache_keyspace_remove(node.cache, "users", NULL));
  assert_string_equal(distcache_keyspace_name(node.keyspace), "users");

  again = add_keyspace(node.cache, "users", &other);
  assert_status(DISTCACHE_NOT_CACHED, peek_status(again, "7"));
  assert_get(again, "7", "7?");
  assert_status(DISTCACHE_NO_KEYSPACE, peek_status(node.keyspace, "7"));
  distcache_keyspace_release(again);
  close_node(&node);
  assert_int_equal(source_finalized(&other), 1);
  assert_int_equal(source_finalized(&source), 1);
}

struct waiter {
  pthread_t thread;
  distcache_keyspace_t *keyspace;
  distcache_status_t status;
};

static void *wait_for_key(void *argument) {
  struct waiter *waiter = argument;
  distcache_result_t *result;
  waiter->status = distcache_get(waiter->keyspace, BYTES("7"), NULL, &result, NULL);
  distcache_result_release(result);
  return NULL;
}

static void removal_does_not_wait_for_a_running_source(void **state) {
  struct source source = SOURCE_INIT;
  struct node node = open_node(&source);
  struct waiter waiter;
  (void)state;
  waiter.keyspace = node.keyspace;
  source_gate(&source, 1);
  pthread_create(&waiter.thread, NULL, wait_for_key, &waiter);
  wait_until(source_waiting(&source) == 1);
  assert_ok(distcache_keyspace_remove(node.cache, "users", NULL));
  pthread_join(waiter.thread, NULL);
  assert_int_equal(waiter.status, DISTCACHE_NO_KEYSPACE);
  assert_int_equal(source_finalized(&source), 0);
  source_gate(&source, 0);
  wait_until(source_finalized(&source) == 1);
  close_node(&node);
}

static void update_keeps_entries_and_may_bring_a_source(void **state) {
  struct source source = SOURCE_INIT, other = SOURCE_INIT;
  struct node node = open_node(&source);
  distcache_keyspace_def_t *def;
  distcache_error_t *err;
  (void)state;
  other.answer = "?";
  assert_get(node.keyspace, "7", "7!");

  def = new_def("users", NULL);
  assert_ok(distcache_keyspace_def_set(def, "value.bytes.max", "3", NULL));
  assert_ok(distcache_keyspace_update(node.cache, def, &err));
  assert_null(err);
  distcache_keyspace_def_release(def);
  assert_status(DISTCACHE_OK, peek_status(node.keyspace, "7"));
  assert_get(node.keyspace, "8", "8!");
  assert_status(DISTCACHE_TOO_LARGE,
                distcache_put(node.keyspace, BYTES("7"), BYTES("four"), NULL, NULL));
  assert_int_equal(source_finalized(&source), 0);

  def = new_def("users", &other);
  assert_ok(distcache_keyspace_update(node.cache, def, NULL));
  distcache_keyspace_def_release(def);
  wait_until(source_finalized(&source) == 1);
  assert_get(node.keyspace, "7", "7!");
  assert_get(node.keyspace, "9", "9?");
  assert_ok(distcache_put(node.keyspace, BYTES("7"), BYTES("four"), NULL, NULL));

  def = new_def("orders", NULL);
  assert_status(DISTCACHE_NO_KEYSPACE, distcache_keyspace_update(node.cache, def, &err));
  assert_error(err, DISTCACHE_NO_KEYSPACE, "'orders'");
  distcache_keyspace_def_release(def);
  close_node(&node);
  assert_int_equal(source_finalized(&other), 1);
}

static void one_definition_serves_several_engines(void **state) {
  struct source source = SOURCE_INIT;
  distcache_keyspace_def_t *def = new_def("users", &source);
  distcache_t *caches[2];
  distcache_keyspace_t *keyspace;
  size_t i;
  (void)state;
  for (i = 0; i < 2; ++i) {
    caches[i] = open_alone();
    assert_ok(distcache_keyspace_add(caches[i], def, &keyspace, NULL));
    assert_get(keyspace, "7", "7!");
    distcache_keyspace_release(keyspace);
  }
  distcache_keyspace_def_release(def);
  assert_int_equal(source_loads(&source), 2);
  for (i = 0; i < 2; ++i) {
    assert_int_equal(source_finalized(&source), 0);
    assert_ok(distcache_close(caches[i], 0, NULL));
    distcache_release(caches[i]);
  }
  assert_int_equal(source_finalized(&source), 1);
}

static void a_new_source_ends_the_one_before(void **state) {
  struct source source = SOURCE_INIT, other = SOURCE_INIT;
  distcache_keyspace_def_t *def = new_def("users", &source);
  (void)state;
  assert_ok(
      distcache_keyspace_def_source(def, source_fetch, (uintptr_t)&other, source_finalize, NULL));
  assert_int_equal(source_finalized(&source), 1);
  assert_int_equal(source_finalized(&other), 0);
  distcache_keyspace_def_release(def);
  assert_int_equal(source_finalized(&other), 1);
}

struct changer {
  distcache_t *cache;
  struct counter odd;
};

static void *add_and_remove(void *argument) {
  struct changer *changer = argument;
  int i;
  for (i = 0; i < 100; ++i) {
    struct source *source = malloc(sizeof(*source));
    const struct source fresh = SOURCE_INIT;
    distcache_keyspace_def_t *def = NULL;
    distcache_keyspace_t *keyspace = NULL;
    distcache_result_t *result = NULL;
    distcache_status_t status;
    *source = fresh;
    distcache_keyspace_def_new("shared", &def, NULL);
    distcache_keyspace_def_set(def, "bytes.max", "1MiB", NULL);
    distcache_keyspace_def_source(def, source_fetch, (uintptr_t)source, source_finalize, NULL);
    status = distcache_keyspace_add(changer->cache, def, &keyspace, NULL);
    if (status != DISTCACHE_OK && status != DISTCACHE_INVALID_CONFIG) counter_add(&changer->odd, 1);
    if (status != DISTCACHE_OK) {
      distcache_keyspace_lookup(changer->cache, "shared", &keyspace, NULL);
    }
    distcache_get(keyspace, BYTES("7"), NULL, &result, NULL);
    distcache_result_release(result);
    distcache_keyspace_remove(changer->cache, "shared", NULL);
    distcache_keyspace_release(keyspace);
    distcache_keyspace_def_release(def);
    while (source_finalized(source) == 0) pause_ms(1);
    free(source);
  }
  return NULL;
}

static void threads_may_add_and_remove_at_once(void **state) {
  struct changer changer = {NULL, COUNTER_INIT};
  pthread_t threads[3];
  size_t i;
  (void)state;
  changer.cache = open_alone();
  for (i = 0; i < 3; ++i) pthread_create(&threads[i], NULL, add_and_remove, &changer);
  for (i = 0; i < 3; ++i) pthread_join(threads[i], NULL);
  assert_int_equal(counter_get(&changer.odd), 0);
  assert_ok(distcache_close(changer.cache, 0, NULL));
  distcache_release(changer.cache);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(handles_name_the_same_keyspace),
      cmocka_unit_test(list_is_sorted_and_ends_each_name_with_nul),
      cmocka_unit_test(a_name_is_taken_once),
      cmocka_unit_test(removal_answers_everybody_and_ends_the_source),
      cmocka_unit_test(removal_does_not_wait_for_a_running_source),
      cmocka_unit_test(update_keeps_entries_and_may_bring_a_source),
      cmocka_unit_test(one_definition_serves_several_engines),
      cmocka_unit_test(a_new_source_ends_the_one_before),
      cmocka_unit_test(threads_may_add_and_remove_at_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
