/* What no caller should do: each is a status with a sentence, never a crash or a read beyond. */
#include "fixture.h"

static struct source source = SOURCE_INIT;
static struct node node;
static uint8_t one_byte[1] = {'7'};

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

/* The call, whose last argument is &err, fails with an error that has `part` in it. */
#define FAILS(status, part, call)    \
  do {                               \
    distcache_error_t *err = NULL;   \
    assert_status(status, call);     \
    assert_error(err, status, part); \
  } while (0)
#define REFUSED(part, call) FAILS(DISTCACHE_INVALID_ARGUMENT, part, call)

static const size_t absurd[] = {0,
                                DISTCACHE_KEY_BYTES_MAX + 1,
                                (size_t)INT32_MAX + 1,
                                (size_t)UINT32_MAX,
                                (size_t)UINT32_MAX + 1,
                                SIZE_MAX};

static void key_lengths_are_refused_before_a_byte_is_read(void **state) {
  distcache_keyspace_t *ks = node.keyspace;
  distcache_view_t view = DISTCACHE_VIEW_INIT;
  distcache_result_t *result;
  size_t i, len;
  (void)state;
  for (i = 0; i < sizeof(absurd) / sizeof(absurd[0]); ++i) {
    const size_t n = absurd[i];
    REFUSED("key_len", distcache_get(ks, one_byte, n, NULL, &result, &err));
    assert_null(result);
    REFUSED("key_len", distcache_get_view(ks, one_byte, n, NULL, &view, &err));
    REFUSED("key_len", distcache_get_into(ks, one_byte, n, NULL, NULL, 0, &len, &err));
    REFUSED("key_len", distcache_peek(ks, one_byte, n, &result, &err));
    REFUSED("key_len", distcache_peek_view(ks, one_byte, n, &view, &err));
    REFUSED("key_len", distcache_peek_into(ks, one_byte, n, NULL, 0, &len, &err));
    REFUSED("key_len", distcache_put(ks, one_byte, n, one_byte, 1, NULL, &err));
    REFUSED("key_len", distcache_put_tagged(ks, one_byte, n, one_byte, 1, NULL, 0, NULL, &err));
    REFUSED("key_len", distcache_delete(ks, one_byte, n, NULL, &err));
    REFUSED("key_len", distcache_explain(ks, one_byte, n, &result, &err));
  }
}

static void value_lengths_are_refused_before_a_byte_is_read(void **state) {
  size_t i;
  (void)state;
  for (i = 2; i < sizeof(absurd) / sizeof(absurd[0]); ++i) {
    FAILS(DISTCACHE_TOO_LARGE, "value.bytes.max",
          distcache_put(node.keyspace, BYTES("7"), one_byte, absurd[i], NULL, &err));
  }
  REFUSED("value", distcache_put(node.keyspace, BYTES("7"), NULL, 1, NULL, &err));
  assert_status(DISTCACHE_NOT_CACHED, peek_status(node.keyspace, "7"));
}

static void packed_lengths_are_refused_before_a_byte_is_read(void **state) {
  static const uint32_t lens[] = {1, 0};
  static const uint32_t huge[] = {1, UINT32_MAX};
  static const uint32_t one[] = {1};
  distcache_keyspace_t *ks = node.keyspace;
  distcache_result_t *result;
  (void)state;
  REFUSED("key_lens[1] is 0", distcache_get_many(ks, one_byte, lens, 2, NULL, &result, &err));
  assert_null(result);
  REFUSED("key_lens[1]", distcache_get_many(ks, one_byte, huge, 2, NULL, &result, &err));
  REFUSED("count", distcache_get_many(ks, one_byte, one, SIZE_MAX, NULL, &result, &err));
  REFUSED("count",
          distcache_get_many(ks, one_byte, one, DISTCACHE_MANY_KEYS_MAX + 1, NULL, &result, &err));
  REFUSED("keys", distcache_get_many(ks, NULL, one, 1, NULL, &result, &err));
  REFUSED("key_lens", distcache_get_many(ks, one_byte, NULL, 1, NULL, &result, &err));
  REFUSED("out", distcache_get_many(ks, one_byte, one, 1, NULL, NULL, &err));
  REFUSED("key_lens[1]", distcache_delete_many(ks, one_byte, huge, 2, NULL, &result, &err));
  REFUSED("count", distcache_delete_many(ks, one_byte, one, SIZE_MAX, NULL, &result, &err));
  REFUSED("key_lens[1]",
          distcache_put_many(ks, one_byte, huge, one_byte, one, NULL, 2, NULL, &result, &err));
  REFUSED("values", distcache_put_many(ks, one_byte, one, NULL, one, NULL, 1, NULL, &result, &err));
  REFUSED("value_lens",
          distcache_put_many(ks, one_byte, one, one_byte, NULL, NULL, 1, NULL, &result, &err));
}

static void null_is_refused_by_name(void **state) {
  distcache_keyspace_t *ks = node.keyspace;
  distcache_config_t *config = NULL;
  distcache_keyspace_def_t *def = NULL;
  distcache_result_t *result;
  distcache_keyspace_stats_t stats;
  struct counter finalized = COUNTER_INIT;
  const uintptr_t context = (uintptr_t)&finalized;
  uint8_t buffer[4];
  size_t len;
  (void)state;
  REFUSED("out", distcache_get(ks, BYTES("7"), NULL, NULL, &err));
  REFUSED("keyspace is NULL", distcache_get(NULL, BYTES("7"), NULL, &result, &err));
  REFUSED("key is NULL", distcache_get(ks, NULL, 1, NULL, &result, &err));
  REFUSED("view", distcache_get_view(ks, BYTES("7"), NULL, NULL, &err));
  REFUSED("len", distcache_get_into(ks, BYTES("7"), NULL, buffer, 4, NULL, &err));
  REFUSED("buffer", distcache_get_into(ks, BYTES("7"), NULL, NULL, 4, &len, &err));
  REFUSED("buffer", distcache_peek_into(ks, BYTES("7"), NULL, SIZE_MAX, &len, &err));
  REFUSED("cache is NULL", distcache_close(NULL, 0, &err));
  REFUSED("out", distcache_open(config, NULL, &err));
  REFUSED("out", distcache_config_new(DISTCACHE_ABI, NULL, &err));
  REFUSED("out", distcache_keyspace_def_new("x", NULL, &err));
  REFUSED("name", distcache_keyspace_def_new(NULL, &def, &err));
  REFUSED("config", distcache_config_set(NULL, "bind.port", "0", &err));
  REFUSED("config", distcache_config_validate(NULL, &err));
  REFUSED("config", distcache_config_from_environment(NULL, &err));
  REFUSED("config", distcache_config_keyspace(NULL, NULL, &err));
  REFUSED("def", distcache_keyspace_def_set(NULL, "bytes.max", "1MiB", &err));
  REFUSED("def", distcache_keyspace_def_validate(NULL, &err));
  REFUSED("def", distcache_keyspace_add(node.cache, NULL, NULL, &err));
  REFUSED("def", distcache_keyspace_update(node.cache, NULL, &err));
  REFUSED("name", distcache_keyspace_remove(node.cache, NULL, &err));
  REFUSED("name", distcache_keyspace_lookup(node.cache, NULL, &ks, &err));
  REFUSED("out", distcache_keyspace_list(node.cache, NULL, &err));
  REFUSED("out", distcache_peers_get(node.cache, NULL, &err));
  REFUSED("out", distcache_keyspace_stats_get(node.keyspace, NULL, &err));
  stats.struct_size = 0;
  REFUSED("struct_size", distcache_keyspace_stats_get(node.keyspace, &stats, &err));
  assert_int_equal(distcache_ready(NULL), 0);
  assert_string_equal(distcache_keyspace_name(NULL), "");
  distcache_keyspace_release(NULL);

  /* Whatever is refused, the context ends. */
  REFUSED("def", distcache_keyspace_def_source(NULL, source_fetch, context, count_finalized, &err));
  REFUSED("def", distcache_keyspace_def_source_many(NULL, NULL, context, count_finalized, &err));
  REFUSED("config", distcache_config_on_log(NULL, NULL, context, count_finalized, &err));
  REFUSED("config", distcache_config_on_event(NULL, NULL, context, count_finalized, &err));
  assert_int_equal(counter_get(&finalized), 4);
  def = new_def("users", NULL);
  config = new_config();
  REFUSED("fetch", distcache_keyspace_def_source(def, NULL, context, count_finalized, &err));
  REFUSED("fetch", distcache_keyspace_def_source_many(def, NULL, context, count_finalized, &err));
  REFUSED("event", distcache_config_on_event(config, NULL, context, count_finalized, &err));
  REFUSED("name", distcache_config_set(config, NULL, "0", &err));
  REFUSED("value", distcache_config_set(config, "bind.port", NULL, &err));
  REFUSED("def", distcache_config_keyspace(config, NULL, &err));
  assert_int_equal(counter_get(&finalized), 7);
  distcache_keyspace_def_release(def);
  distcache_config_release(config);
}

static void err_and_results_of_nothing(void **state) {
  distcache_result_t *result = (distcache_result_t *)(void *)&source;
  size_t count = 1, stride = 0;
  (void)state;
  assert_status(DISTCACHE_INVALID_ARGUMENT,
                distcache_get(node.keyspace, one_byte, 0, NULL, &result, NULL));
  assert_null(result);
  assert_null(distcache_result_items(NULL, &count, &stride));
  assert_int_equal(count, 0);
  assert_null(distcache_result_items(NULL, NULL, NULL));
  assert_null(distcache_result_item(NULL, 0));
  assert_string_equal(distcache_result_message(NULL, 0), "");
  assert_null(distcache_result_key(NULL, 0, NULL));
  assert_null(distcache_result_peer(NULL, 0, 0));
  assert_null(distcache_result_retain(NULL));
  distcache_result_release(NULL);
  assert_null(distcache_peers_items(NULL, &count, &stride));
  distcache_peers_release(NULL);
}

static void foreign_and_stale_handles_are_answers(void **state) {
  distcache_keyspace_t *stale, *fresh;
  distcache_result_t *result;
  uint8_t memory[256];
  size_t i;
  (void)state;
  memset(memory, 0xD2, sizeof(memory));
  REFUSED("keyspace",
          distcache_get((distcache_keyspace_t *)(void *)memory, BYTES("7"), NULL, &result, &err));
  REFUSED("keyspace", distcache_get((distcache_keyspace_t *)(void *)node.cache, BYTES("7"), NULL,
                                    &result, &err));
  REFUSED("cache", distcache_close((distcache_t *)(void *)node.keyspace, 0, &err));
  distcache_release((distcache_t *)(void *)memory);
  distcache_release((distcache_t *)(void *)node.keyspace);
  distcache_keyspace_release((distcache_keyspace_t *)(void *)node.cache);
  for (i = 0; i < 1000; ++i) {
    const uintptr_t garbage = ((uintptr_t)node.keyspace ^ (uintptr_t)1 << i % 64) + (i / 64) * 7;
    distcache_keyspace_t *handle = (distcache_keyspace_t *)garbage;
    if (handle != node.keyspace) {
      assert_int_not_equal(distcache_peek(handle, BYTES("7"), &result, NULL), DISTCACHE_OK);
      assert_string_equal(distcache_keyspace_name(handle), "");
    }
  }
  assert_ok(distcache_keyspace_lookup(node.cache, "users", &stale, NULL));
  distcache_keyspace_release(stale);
  distcache_keyspace_release(stale);
  assert_ok(distcache_keyspace_lookup(node.cache, "users", &fresh, NULL));
  FAILS(DISTCACHE_CLOSED, "released", distcache_get(stale, BYTES("7"), NULL, &result, &err));
  distcache_keyspace_release(stale);
  assert_status(DISTCACHE_NOT_CACHED, distcache_peek(fresh, BYTES("7"), &result, NULL));
  distcache_keyspace_release(fresh);
}

static void options_are_checked(void **state) {
  distcache_keyspace_t *ks = node.keyspace;
  distcache_options_t options = DISTCACHE_OPTIONS_INIT;
  struct {
    distcache_options_t known;
    uint64_t unknown;
  } grown;
  distcache_result_t *result;
  (void)state;
  options.timeout_ms = -1;
  REFUSED("timeout_ms", distcache_get(ks, BYTES("7"), &options, &result, &err));
  REFUSED("timeout_ms", distcache_close(node.cache, -1, &err));
  REFUSED("timeout_ms", distcache_wait_ready(node.cache, INT64_MIN, &err));
  options.timeout_ms = INT64_MAX;
  assert_ok(distcache_put(ks, BYTES("7"), BYTES("x"), &options, NULL));
  options.timeout_ms = 0;
  options.ttl_ms = -2;
  REFUSED("ttl_ms", distcache_put(ks, BYTES("7"), BYTES("x"), &options, &err));
  options.ttl_ms = 0;
  options.flags = 32;
  REFUSED("flags", distcache_get(ks, BYTES("7"), &options, &result, &err));
  options.flags = DISTCACHE_OP_NO_LOAD;
  FAILS(DISTCACHE_UNSUPPORTED, "DISTCACHE_OP_NO_LOAD",
        distcache_get(ks, BYTES("7"), &options, &result, &err));
  options.flags = DISTCACHE_OP_OWNER_ONLY;
  FAILS(DISTCACHE_UNSUPPORTED, "DISTCACHE_OP_OWNER_ONLY",
        distcache_get(ks, BYTES("7"), &options, &result, &err));
  options.flags = DISTCACHE_OP_NO_STALE;
  assert_ok(distcache_get(ks, BYTES("7"), &options, &result, NULL));
  distcache_result_release(result);

  options.flags = DISTCACHE_OP_NO_WAIT;
  REFUSED("NO_WAIT", distcache_put(ks, BYTES("7"), BYTES("x"), &options, &err));
  REFUSED("NO_WAIT", distcache_get_many(ks, NULL, NULL, 0, &options, &result, &err));
  REFUSED("NO_WAIT", distcache_delete_many(ks, NULL, NULL, 0, &options, NULL, &err));

  options.flags = 0;
  options.struct_size = 0;
  REFUSED("struct_size", distcache_get(ks, BYTES("7"), &options, &result, &err));
  options.struct_size = 13;
  REFUSED("struct_size", distcache_get(ks, BYTES("7"), &options, &result, &err));
  options.struct_size = UINT32_MAX;
  REFUSED("struct_size", distcache_get(ks, BYTES("7"), &options, &result, &err));

  /* An older program: what it does not have counts as 0. */
  options.struct_size = offsetof(distcache_options_t, ttl_ms);
  options.ttl_ms = -2;
  assert_ok(distcache_put(ks, BYTES("7"), BYTES("x"), &options, NULL));

  /* A newer one: what the library does not have must be 0. */
  memset(&grown, 0, sizeof(grown));
  grown.known.struct_size = sizeof(grown);
  assert_ok(distcache_put(ks, BYTES("7"), BYTES("x"), &grown.known, NULL));
  grown.unknown = 1;
  FAILS(DISTCACHE_UNSUPPORTED, "options",
        distcache_put(ks, BYTES("7"), BYTES("x"), &grown.known, &err));
  assert_ok(distcache_delete(ks, BYTES("7"), NULL, NULL));
}

static void traces_are_checked(void **state) {
  static const char parent[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  distcache_traced_options_t traced;
  distcache_result_t *result;
  (void)state;
  memset(&traced, 0, sizeof(traced));
  traced.options.struct_size = sizeof(traced.options);
  traced.options.flags = DISTCACHE_OP_TRACED;
  assert_ok(distcache_get(node.keyspace, BYTES("t"), &traced.options, &result, NULL));
  distcache_result_release(result);
  memcpy(traced.trace.traceparent, parent, sizeof(parent));
  assert_ok(distcache_get(node.keyspace, BYTES("t"), &traced.options, &result, NULL));
  distcache_result_release(result);
  traced.trace.traceparent[54] = '\0';
  REFUSED("traceparent", distcache_get(node.keyspace, BYTES("t"), &traced.options, &result, &err));
  memset(traced.trace.traceparent, 'x', sizeof(traced.trace.traceparent));
  REFUSED("trace", distcache_get(node.keyspace, BYTES("t"), &traced.options, &result, &err));
  memset(&traced.trace, 0, sizeof(traced.trace));
  memset(traced.trace.tracestate, 'x', sizeof(traced.trace.tracestate));
  REFUSED("trace", distcache_get(node.keyspace, BYTES("t"), &traced.options, &result, &err));
}

static void views_are_checked(void **state) {
  struct {
    distcache_view_t known;
    uint64_t unknown;
  } grown;
  distcache_view_t view;
  (void)state;
  assert_ok(distcache_put(node.keyspace, BYTES("v"), BYTES("x"), NULL, NULL));
  memset(&view, 0, sizeof(view));
  REFUSED("view", distcache_get_view(node.keyspace, BYTES("v"), NULL, &view, &err));
  view.struct_size = sizeof(view) - 8;
  REFUSED("view", distcache_get_view(node.keyspace, BYTES("v"), NULL, &view, &err));
  view.struct_size = sizeof(view);
  view.internal[3] = 1;
  REFUSED("view", distcache_get_view(node.keyspace, BYTES("v"), NULL, &view, &err));
  memset(&grown, 0, sizeof(grown));
  grown.known.struct_size = sizeof(grown);
  assert_ok(distcache_get_view(node.keyspace, BYTES("v"), NULL, &grown.known, NULL));
  distcache_view_release(&grown.known);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(key_lengths_are_refused_before_a_byte_is_read),
      cmocka_unit_test(value_lengths_are_refused_before_a_byte_is_read),
      cmocka_unit_test(packed_lengths_are_refused_before_a_byte_is_read),
      cmocka_unit_test(null_is_refused_by_name),
      cmocka_unit_test(err_and_results_of_nothing),
      cmocka_unit_test(foreign_and_stale_handles_are_answers),
      cmocka_unit_test(options_are_checked),
      cmocka_unit_test(traces_are_checked),
      cmocka_unit_test(views_are_checked),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
