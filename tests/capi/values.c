/* Reading and writing on one node: the three forms of a get, the many-forms, ttl, odd keys. */
#include "fixture.h"

static void get_loads_once_and_then_hits(void **state) {
  struct source source = SOURCE_INIT;
  struct node node = open_node(&source);
  distcache_result_t *result;
  const distcache_item_t *item;
  distcache_error_t *err;
  size_t count, stride, len = 1;
  (void)state;
  assert_ok(distcache_get(node.keyspace, BYTES("7"), NULL, &result, &err));
  assert_null(err);
  assert_item(result, 0, "7!");
  item = distcache_result_items(result, &count, &stride);
  assert_int_equal(count, 1);
  assert_true(stride >= sizeof(*item));
  assert_ptr_equal(item, distcache_result_item(result, 0));
  assert_int_equal(item->origin, DISTCACHE_ORIGIN_SOURCE);
  assert_int_equal(item->flags, 0);
  assert_int_equal(item->ttl_remaining_ms, DISTCACHE_TTL_NONE);
  assert_true(item->version.counter > 0);
  assert_null(distcache_result_item(result, 1));
  assert_string_equal(distcache_result_message(result, 0), "");
  assert_string_equal(distcache_result_message(result, 1), "");
  assert_null(distcache_result_peer(result, 0, 0));
  assert_null(distcache_result_peer(result, 1, 0));
  assert_null(distcache_result_key(result, 0, &len));
  assert_int_equal(len, 0);
  distcache_result_release(result);

  assert_ok(distcache_get(node.keyspace, BYTES("7"), NULL, &result, NULL));
  assert_item(result, 0, "7!");
  assert_int_equal(distcache_result_item(result, 0)->origin, DISTCACHE_ORIGIN_LOCAL);
  distcache_result_release(result);
  assert_int_equal(source_loads(&source), 1);
  close_node(&node);
}

static void not_found_and_not_cached_are_no_errors(void **state) {
  struct source source = SOURCE_INIT;
  struct node node = open_node(&source);
  distcache_result_t *result;
  distcache_error_t *err;
  (void)state;
  assert_status(DISTCACHE_NOT_CACHED, distcache_peek(node.keyspace, BYTES("7"), &result, &err));
  assert_null(result);
  assert_null(err);
  assert_status(DISTCACHE_NOT_FOUND,
                distcache_get(node.keyspace, BYTES("missing"), NULL, &result, &err));
  assert_null(result);
  assert_null(err);
  assert_int_equal(source_loads(&source), 1);
  close_node(&node);
}

static void a_get_that_does_not_wait_is_a_hit_or_nothing(void **state) {
  struct source source = SOURCE_INIT;
  struct node node = open_node(&source);
  distcache_options_t options = DISTCACHE_OPTIONS_INIT;
  distcache_keyspace_stats_t stats;
  distcache_view_t view = DISTCACHE_VIEW_INIT;
  distcache_result_t *result;
  distcache_error_t *err;
  uint8_t value[8];
  size_t len;
  (void)state;
  options.flags = DISTCACHE_OP_NO_WAIT;
  assert_status(DISTCACHE_NOT_CACHED,
                distcache_get(node.keyspace, BYTES("7"), &options, &result, &err));
  assert_null(result);
  assert_null(err);
  assert_int_equal(source_loads(&source), 0);
  assert_ok(distcache_put(node.keyspace, BYTES("7"), BYTES("seven"), NULL, NULL));
  assert_ok(distcache_get(node.keyspace, BYTES("7"), &options, &result, NULL));
  assert_item(result, 0, "seven");
  distcache_result_release(result);
  assert_ok(distcache_get_view(node.keyspace, BYTES("7"), &options, &view, NULL));
  assert_int_equal(view.item.len, 5);
  distcache_view_release(&view);
  assert_ok(
      distcache_get_into(node.keyspace, BYTES("7"), &options, value, sizeof(value), &len, NULL));
  assert_int_equal(len, 5);
  memset(&stats, 0, sizeof(stats));
  stats.struct_size = sizeof(stats);
  assert_ok(distcache_keyspace_stats_get(node.keyspace, &stats, NULL));
  assert_int_equal(stats.gets, 3);
  assert_int_equal(stats.hits, 3);
  close_node(&node);
}

static void negative_ttl_remembers_not_found(void **state) {
  struct source source = SOURCE_INIT;
  distcache_t *cache = open_alone();
  distcache_keyspace_def_t *def = new_def("users", &source);
  distcache_keyspace_t *keyspace;
  distcache_result_t *result;
  (void)state;
  assert_ok(distcache_keyspace_def_set(def, "negative.ttl.ms", "1h", NULL));
  keyspace = add_def(cache, def);
  assert_status(DISTCACHE_NOT_FOUND,
                distcache_get(keyspace, BYTES("missing"), NULL, &result, NULL));
  assert_status(DISTCACHE_NOT_FOUND,
                distcache_get(keyspace, BYTES("missing"), NULL, &result, NULL));
  assert_status(DISTCACHE_NOT_FOUND, distcache_peek(keyspace, BYTES("missing"), &result, NULL));
  assert_int_equal(source_loads(&source), 1);
  distcache_keyspace_release(keyspace);
  assert_ok(distcache_close(cache, 0, NULL));
  distcache_release(cache);
}

static void put_replaces_and_delete_forgets(void **state) {
  struct source source = SOURCE_INIT;
  struct node node = open_node(&source);
  distcache_error_t *err;
  (void)state;
  assert_ok(distcache_put(node.keyspace, BYTES("7"), BYTES("mine"), NULL, &err));
  assert_null(err);
  assert_get(node.keyspace, "7", "mine");
  assert_ok(distcache_put(node.keyspace, BYTES("7"), BYTES("other"), NULL, NULL));
  assert_get(node.keyspace, "7", "other");
  assert_int_equal(source_loads(&source), 0);
  assert_ok(distcache_delete(node.keyspace, BYTES("7"), NULL, &err));
  assert_null(err);
  assert_status(DISTCACHE_NOT_CACHED, peek_status(node.keyspace, "7"));
  assert_ok(distcache_delete(node.keyspace, BYTES("7"), NULL, NULL));
  assert_get(node.keyspace, "7", "7!");
  assert_int_equal(source_loads(&source), 1);
  close_node(&node);
}

static void an_empty_value_is_a_hit(void **state) {
  struct source source = SOURCE_INIT;
  struct node node = open_node(&source);
  distcache_result_t *result;
  uint8_t byte = 9;
  size_t len = 5;
  (void)state;
  source.answer = "";
  assert_ok(distcache_put(node.keyspace, BYTES("7"), NULL, 0, NULL, NULL));
  assert_ok(distcache_get(node.keyspace, BYTES("7"), NULL, &result, NULL));
  assert_non_null(distcache_result_item(result, 0)->data);
  assert_int_equal(distcache_result_item(result, 0)->len, 0);
  distcache_result_release(result);
  assert_ok(distcache_get_into(node.keyspace, BYTES("7"), NULL, NULL, 0, &len, NULL));
  assert_int_equal(len, 0);
  assert_ok(distcache_peek_into(node.keyspace, BYTES("7"), &byte, 1, &len, NULL));
  assert_int_equal(byte, 9);
  assert_int_equal(source_loads(&source), 0);
  close_node(&node);
}

static void a_view_borrows_the_bytes(void **state) {
  struct source source = SOURCE_INIT;
  struct node node = open_node(&source);
  distcache_view_t view = DISTCACHE_VIEW_INIT, moved;
  distcache_error_t *err;
  (void)state;
  assert_status(DISTCACHE_NOT_CACHED, distcache_peek_view(node.keyspace, BYTES("7"), &view, NULL));
  assert_ok(distcache_get_view(node.keyspace, BYTES("7"), NULL, &view, &err));
  assert_null(err);
  assert_int_equal(view.item.status, DISTCACHE_OK);
  assert_int_equal(view.item.len, 2);
  assert_memory_equal(view.item.data, "7!", 2);
  assert_status(DISTCACHE_INVALID_ARGUMENT,
                distcache_get_view(node.keyspace, BYTES("7"), NULL, &view, &err));
  assert_error(err, DISTCACHE_INVALID_ARGUMENT, "view");
  assert_memory_equal(view.item.data, "7!", 2);

  moved = view;
  memset(&view, 0, sizeof(view));
  assert_ok(distcache_delete(node.keyspace, BYTES("7"), NULL, NULL));
  close_node(&node);
  assert_memory_equal(moved.item.data, "7!", 2);
  distcache_view_release(&moved);
  assert_null(moved.item.data);
  distcache_view_release(&moved);
  distcache_view_release(NULL);
}

static void a_failed_view_stays_empty(void **state) {
  struct source source = SOURCE_INIT;
  struct node node = open_node(&source);
  distcache_view_t view = DISTCACHE_VIEW_INIT;
  (void)state;
  assert_status(DISTCACHE_NOT_FOUND,
                distcache_get_view(node.keyspace, BYTES("missing"), NULL, &view, NULL));
  assert_null(view.item.data);
  assert_ok(distcache_get_view(node.keyspace, BYTES("7"), NULL, &view, NULL));
  distcache_view_release(&view);
  assert_ok(distcache_peek_view(node.keyspace, BYTES("7"), &view, NULL));
  assert_memory_equal(view.item.data, "7!", 2);
  distcache_view_release(&view);
  close_node(&node);
}

static void get_into_tells_the_size(void **state) {
  struct source source = SOURCE_INIT;
  struct node node = open_node(&source);
  uint8_t buffer[4] = "xxxx";
  distcache_error_t *err;
  size_t len = 0;
  (void)state;
  assert_status(DISTCACHE_TOO_LARGE,
                distcache_get_into(node.keyspace, BYTES("seven"), NULL, buffer, 3, &len, &err));
  assert_error(err, DISTCACHE_TOO_LARGE, "capacity");
  assert_int_equal(len, 6);
  assert_memory_equal(buffer, "xxxx", 4);
  assert_ok(distcache_get_into(node.keyspace, BYTES("7"), NULL, buffer, 2, &len, &err));
  assert_null(err);
  assert_int_equal(len, 2);
  assert_memory_equal(buffer, "7!xx", 4);
  assert_status(DISTCACHE_NOT_CACHED,
                distcache_peek_into(node.keyspace, BYTES("8"), buffer, 4, &len, NULL));
  assert_int_equal(len, 0);
  assert_int_equal(source_loads(&source), 2);
  close_node(&node);
}

static void many_keys_in_request_order(void **state) {
  static const uint32_t lens[] = {1, 7, 3, 1, 1};
  struct source source = SOURCE_INIT;
  struct node node = open_node(&source);
  distcache_result_t *result;
  distcache_error_t *err;
  size_t count;
  (void)state;
  assert_ok(distcache_get_many(node.keyspace, (const uint8_t *)"amissingbadba", lens, 5, NULL,
                               &result, &err));
  assert_null(err);
  distcache_result_items(result, &count, NULL);
  assert_int_equal(count, 5);
  assert_item(result, 0, "a!");
  assert_int_equal(distcache_result_item(result, 1)->status, DISTCACHE_NOT_FOUND);
  assert_int_equal(distcache_result_item(result, 2)->status, DISTCACHE_SOURCE_FAILED);
  assert_int_equal(distcache_result_item(result, 2)->flags, DISTCACHE_ITEM_RETRIABLE);
  assert_null(distcache_result_item(result, 2)->data);
  assert_string_equal(distcache_result_message(result, 2), "the database is on fire");
  assert_item(result, 3, "b!");
  assert_item(result, 4, "a!");
  distcache_result_release(result);
  assert_int_equal(source_loads(&source), 4);

  assert_ok(distcache_get_many(node.keyspace, NULL, NULL, 0, NULL, &result, NULL));
  assert_null(distcache_result_items(result, &count, NULL));
  assert_int_equal(count, 0);
  distcache_result_release(result);
  close_node(&node);
}

static void many_writes_answer_for_each_key(void **state) {
  static const uint32_t key_lens[] = {1, 1, 1};
  static const uint32_t value_lens[] = {2, 0, 3};
  static const uint32_t oversized[] = {2, 1024 * 1024 + 1, 0};
  struct source source = SOURCE_INIT;
  distcache_t *cache = open_alone();
  distcache_keyspace_def_t *def = new_def("users", &source);
  distcache_keyspace_t *keyspace;
  distcache_result_t *result;
  const uint8_t *keys = (const uint8_t *)"aba";
  (void)state;
  assert_ok(distcache_keyspace_def_set(def, "value.bytes.max", "1MiB", NULL));
  keyspace = add_def(cache, def);
  assert_ok(distcache_put_many(keyspace, keys, key_lens, (const uint8_t *)"x1zz3", value_lens, NULL,
                               3, NULL, &result, NULL));
  assert_int_equal(distcache_result_item(result, 0)->status, DISTCACHE_OK);
  assert_int_equal(distcache_result_item(result, 2)->status, DISTCACHE_OK);
  assert_null(distcache_result_item(result, 0)->data);
  assert_true(distcache_result_item(result, 0)->version.counter > 0);
  distcache_result_release(result);
  assert_get(keyspace, "a", "zz3");
  assert_get(keyspace, "b", "");

  /* The bytes behind the oversized one are not there, and are not read. */
  assert_ok(distcache_put_many(keyspace, keys, key_lens, (const uint8_t *)"ok", oversized, NULL, 3,
                               NULL, &result, NULL));
  assert_int_equal(distcache_result_item(result, 0)->status, DISTCACHE_OK);
  assert_int_equal(distcache_result_item(result, 1)->status, DISTCACHE_TOO_LARGE);
  assert_int_equal(distcache_result_item(result, 2)->status, DISTCACHE_OK);
  distcache_result_release(result);

  assert_ok(distcache_delete_many(keyspace, keys, key_lens, 3, NULL, &result, NULL));
  assert_int_equal(distcache_result_item(result, 1)->status, DISTCACHE_OK);
  assert_int_equal(distcache_result_item(result, 1)->ttl_remaining_ms, 0);
  distcache_result_release(result);
  assert_status(DISTCACHE_NOT_CACHED, peek_status(keyspace, "a"));
  assert_ok(distcache_put_many(keyspace, keys, key_lens, NULL, (const uint32_t[]){0, 0, 0}, NULL, 3,
                               NULL, NULL, NULL));
  assert_ok(distcache_delete_many(keyspace, keys, key_lens, 3, NULL, NULL, NULL));
  assert_status(DISTCACHE_NOT_CACHED, peek_status(keyspace, "b"));
  distcache_keyspace_release(keyspace);
  assert_ok(distcache_close(cache, 0, NULL));
  distcache_release(cache);
}

static int64_t ttl_of(distcache_keyspace_t *keyspace, const char *key) {
  distcache_view_t view = DISTCACHE_VIEW_INIT;
  int64_t ttl;
  assert_ok(distcache_peek_view(keyspace, (const uint8_t *)key, strlen(key), &view, NULL));
  ttl = view.item.ttl_remaining_ms;
  distcache_view_release(&view);
  return ttl;
}

static void each_of_many_writes_has_a_ttl_of_its_own(void **state) {
  static const uint32_t lens[] = {1, 1, 1};
  static const int64_t ttls_ms[] = {3600000, 0, DISTCACHE_TTL_NONE}, bad[] = {1, -2, 1};
  distcache_options_t options = DISTCACHE_OPTIONS_INIT;
  struct source source = SOURCE_INIT;
  struct node node = open_node(&source);
  const uint8_t *bytes = (const uint8_t *)"abc";
  distcache_error_t *err;
  (void)state;
  options.ttl_ms = 60000000;
  assert_ok(distcache_put_many(node.keyspace, bytes, lens, bytes, lens, ttls_ms, 3, &options, NULL,
                               NULL));
  assert_in_range(ttl_of(node.keyspace, "a"), 1, 3600000 + 3600000 / 5); /* jitter included */
  assert_in_range(ttl_of(node.keyspace, "b"), 3600000 * 2, 60000000 + 60000000 / 5);
  assert_int_equal(ttl_of(node.keyspace, "c"), DISTCACHE_TTL_NONE);
  assert_status(DISTCACHE_INVALID_ARGUMENT, distcache_put_many(node.keyspace, bytes, lens, bytes,
                                                               lens, bad, 3, NULL, NULL, &err));
  assert_non_null(strstr(distcache_error_message(err), "ttls_ms[1] is -2"));
  distcache_error_release(err);
  close_node(&node);
}

static void keys_are_any_bytes(void **state) {
  struct source source = SOURCE_INIT;
  struct node node = open_node(&source);
  uint8_t key[DISTCACHE_KEY_BYTES_MAX];
  uint8_t value[2];
  size_t i, len;
  (void)state;
  for (i = 0; i < 256; ++i) {
    key[0] = (uint8_t)i;
    key[1] = 0;
    key[2] = (uint8_t)(255 - i);
    value[0] = (uint8_t)i;
    value[1] = 0;
    assert_ok(distcache_put(node.keyspace, key, 3, value, 2, NULL, NULL));
    assert_ok(distcache_put(node.keyspace, key, 1, value, 1, NULL, NULL));
  }
  for (i = 0; i < 256; ++i) {
    key[0] = (uint8_t)i;
    key[2] = (uint8_t)(255 - i);
    assert_ok(distcache_get_into(node.keyspace, key, 3, NULL, value, 2, &len, NULL));
    assert_int_equal(len, 2);
    assert_int_equal(value[0], i);
    assert_ok(distcache_get_into(node.keyspace, key, 1, NULL, value, 2, &len, NULL));
    assert_int_equal(len, 1);
  }
  memset(key, 0, sizeof(key));
  assert_ok(distcache_put(node.keyspace, key, sizeof(key), BYTES("long"), NULL, NULL));
  assert_ok(distcache_put(node.keyspace, key, sizeof(key) - 1, BYTES("less"), NULL, NULL));
  assert_status(DISTCACHE_TOO_LARGE,
                distcache_get_into(node.keyspace, key, sizeof(key), NULL, NULL, 0, &len, NULL));
  assert_int_equal(len, 4);
  assert_int_equal(source_loads(&source), 0);
  close_node(&node);
}

static void a_ttl_ends_an_entry(void **state) {
  struct source source = SOURCE_INIT;
  struct node node = open_node(&source);
  distcache_options_t options = DISTCACHE_OPTIONS_INIT;
  distcache_result_t *result;
  int64_t left;
  (void)state;
  options.ttl_ms = 30;
  assert_ok(distcache_put(node.keyspace, BYTES("short"), BYTES("x"), &options, NULL));
  options.ttl_ms = 3600000;
  assert_ok(distcache_put(node.keyspace, BYTES("hour"), BYTES("x"), &options, NULL));
  options.ttl_ms = DISTCACHE_TTL_NONE;
  assert_ok(distcache_put(node.keyspace, BYTES("ever"), BYTES("x"), &options, NULL));
  options.ttl_ms = INT64_MAX;
  assert_ok(distcache_put(node.keyspace, BYTES("aeon"), BYTES("x"), &options, NULL));
  wait_until(peek_status(node.keyspace, "short") == DISTCACHE_NOT_CACHED);

  assert_ok(distcache_peek(node.keyspace, BYTES("hour"), &result, NULL));
  left = distcache_result_item(result, 0)->ttl_remaining_ms;
  assert_true(left > 0 && left <= 3600000);
  distcache_result_release(result);
  assert_ok(distcache_peek(node.keyspace, BYTES("ever"), &result, NULL));
  assert_int_equal(distcache_result_item(result, 0)->ttl_remaining_ms, DISTCACHE_TTL_NONE);
  distcache_result_release(result);
  assert_ok(distcache_peek(node.keyspace, BYTES("aeon"), &result, NULL));
  assert_true(distcache_result_item(result, 0)->ttl_remaining_ms > 3600000);
  distcache_result_release(result);
  close_node(&node);
}

static void tags_are_taken_with_a_value(void **state) {
  struct source source = SOURCE_INIT;
  struct node node = open_node(&source);
  char many[DISTCACHE_TAGS_MAX * 2 + 2];
  char longer[DISTCACHE_TAG_BYTES_MAX + 2];
  distcache_error_t *err;
  size_t i;
  (void)state;
  for (i = 0; i < sizeof(many); ++i) many[i] = i % 2 ? '\0' : 'a';
  memset(longer, 'b', sizeof(longer));
  longer[sizeof(longer) - 1] = '\0';
  assert_ok(
      distcache_put_tagged(node.keyspace, BYTES("7"), BYTES("x"), "red\0blue", 9, NULL, NULL));
  assert_ok(distcache_put_tagged(node.keyspace, BYTES("7"), BYTES("x"), NULL, 0, NULL, NULL));
  assert_ok(distcache_put_tagged(node.keyspace, BYTES("7"), BYTES("x"), many, sizeof(many) - 2,
                                 NULL, NULL));
  assert_status(
      DISTCACHE_INVALID_ARGUMENT,
      distcache_put_tagged(node.keyspace, BYTES("7"), BYTES("x"), many, sizeof(many), NULL, &err));
  assert_error(err, DISTCACHE_INVALID_ARGUMENT, "16");
  assert_status(DISTCACHE_INVALID_ARGUMENT,
                distcache_put_tagged(node.keyspace, BYTES("7"), BYTES("x"), longer, sizeof(longer),
                                     NULL, &err));
  assert_error(err, DISTCACHE_INVALID_ARGUMENT, "257");
  assert_status(DISTCACHE_INVALID_ARGUMENT,
                distcache_put_tagged(node.keyspace, BYTES("7"), BYTES("x"), "red", 3, NULL, &err));
  assert_error(err, DISTCACHE_INVALID_ARGUMENT, "NUL");
  assert_status(
      DISTCACHE_INVALID_ARGUMENT,
      distcache_put_tagged(node.keyspace, BYTES("7"), BYTES("x"), "red\0", 5, NULL, NULL));
  assert_get(node.keyspace, "7", "x");
  close_node(&node);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(get_loads_once_and_then_hits),
      cmocka_unit_test(not_found_and_not_cached_are_no_errors),
      cmocka_unit_test(a_get_that_does_not_wait_is_a_hit_or_nothing),
      cmocka_unit_test(negative_ttl_remembers_not_found),
      cmocka_unit_test(put_replaces_and_delete_forgets),
      cmocka_unit_test(an_empty_value_is_a_hit),
      cmocka_unit_test(a_view_borrows_the_bytes),
      cmocka_unit_test(a_failed_view_stays_empty),
      cmocka_unit_test(get_into_tells_the_size),
      cmocka_unit_test(many_keys_in_request_order),
      cmocka_unit_test(many_writes_answer_for_each_key),
      cmocka_unit_test(each_of_many_writes_has_a_ttl_of_its_own),
      cmocka_unit_test(keys_are_any_bytes),
      cmocka_unit_test(a_ttl_ends_an_entry),
      cmocka_unit_test(tags_are_taken_with_a_value),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
