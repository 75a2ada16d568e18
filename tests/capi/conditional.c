/* put_if and refresh: on one node, in their asynchronous forms, and between two members that count
 * one key up together. */
#include "fixture.h"

static distcache_entry_version_t version_of(distcache_keyspace_t *keyspace, const char *key) {
  distcache_result_t *result;
  distcache_entry_version_t version;
  assert_ok(distcache_get(keyspace, BYTES(key), NULL, &result, NULL));
  version = distcache_result_item(result, 0)->version;
  distcache_result_release(result);
  return version;
}

static void put_if_replaces_only_what_is_named(void **state) {
  struct source source = SOURCE_INIT;
  struct node node = open_node(&source);
  distcache_entry_version_t version = {1, 2, 3}, older;
  distcache_error_t *err;
  (void)state;
  assert_status(DISTCACHE_VERSION_MISMATCH, distcache_put_if(node.keyspace, BYTES("7"), BYTES("a"),
                                                             &version, NULL, &version, &err));
  assert_error(err, DISTCACHE_VERSION_MISMATCH, "no such entry");
  assert_int_equal(version.epoch + version.owner + version.counter, 0);
  assert_ok(distcache_put_if(node.keyspace, BYTES("7"), BYTES("a"), NULL, NULL, &version, NULL));
  assert_true(version.counter > 0);
  older = version;
  assert_ok(
      distcache_put_if(node.keyspace, BYTES("7"), BYTES("b"), &version, NULL, &version, NULL));
  assert_int_equal(version_of(node.keyspace, "7").counter, version.counter);
  assert_status(DISTCACHE_VERSION_MISMATCH, distcache_put_if(node.keyspace, BYTES("7"), BYTES("c"),
                                                             &older, NULL, &older, &err));
  assert_false(distcache_error_retriable(err));
  assert_error(err, DISTCACHE_VERSION_MISMATCH, "another version");
  assert_int_equal(older.counter, version.counter);
  assert_get(node.keyspace, "7", "b");
  assert_status(DISTCACHE_VERSION_MISMATCH,
                distcache_put_if(node.keyspace, BYTES("7"), BYTES("c"), NULL, NULL, NULL, NULL));
  assert_int_equal(source_loads(&source), 0);
  close_node(&node);
}

static void refresh_replaces_what_is_held(void **state) {
  struct source source = SOURCE_INIT;
  struct node node = open_node(&source);
  distcache_result_t *result;
  distcache_error_t *err;
  (void)state;
  assert_ok(distcache_put(node.keyspace, BYTES("7"), BYTES("old"), NULL, NULL));
  assert_ok(distcache_refresh(node.keyspace, BYTES("7"), NULL, &result, &err));
  assert_null(err);
  assert_item(result, 0, "7!");
  assert_int_equal(distcache_result_item(result, 0)->origin, DISTCACHE_ORIGIN_SOURCE);
  distcache_result_release(result);
  assert_get(node.keyspace, "7", "7!");
  assert_ok(distcache_refresh(node.keyspace, BYTES("7"), NULL, NULL, NULL));
  assert_int_equal(source_loads(&source), 2);

  assert_ok(distcache_put(node.keyspace, BYTES("bad"), BYTES("kept"), NULL, NULL));
  assert_status(DISTCACHE_SOURCE_FAILED,
                distcache_refresh(node.keyspace, BYTES("bad"), NULL, &result, NULL));
  assert_null(result);
  assert_get(node.keyspace, "bad", "kept");
  assert_ok(distcache_put(node.keyspace, BYTES("missing"), BYTES("gone"), NULL, NULL));
  assert_status(DISTCACHE_NOT_FOUND,
                distcache_refresh(node.keyspace, BYTES("missing"), NULL, &result, NULL));
  assert_status(DISTCACHE_NOT_CACHED, peek_status(node.keyspace, "missing"));
  close_node(&node);
}

static void refresh_needs_a_source(void **state) {
  distcache_t *cache = open_alone();
  distcache_keyspace_t *keyspace = add_keyspace(cache, "users", NULL);
  distcache_error_t *err;
  (void)state;
  assert_status(DISTCACHE_UNSUPPORTED, distcache_refresh(keyspace, BYTES("7"), NULL, NULL, &err));
  assert_error(err, DISTCACHE_UNSUPPORTED, "no source");
  distcache_keyspace_release(keyspace);
  assert_ok(distcache_close(cache, 0, NULL));
  distcache_release(cache);
}

/* ---- the asynchronous forms ---------------------------------------------------------------- */

struct outcome {
  struct counter calls;
  distcache_status_t status;
  distcache_entry_version_t version;
  int results, errors;
  char value[16];
};
#define OUTCOME_INIT \
  { COUNTER_INIT, -1, {0, 0, 0}, 0, 0, "" }

static void on_done(uintptr_t context, distcache_status_t status, distcache_result_t *result,
                    distcache_error_t *error) {
  struct outcome *outcome = (struct outcome *)context;
  const distcache_item_t *item = distcache_result_item(result, 0);
  outcome->status = status;
  outcome->results = result != NULL;
  outcome->errors = error != NULL;
  if (item != NULL) {
    outcome->version = item->version;
    if (item->len > 0 && item->len < sizeof(outcome->value)) {
      memcpy(outcome->value, item->data, item->len);
    }
  }
  distcache_result_release(result);
  distcache_error_release(error);
  counter_add(&outcome->calls, 1);
}

static void asynchronous_forms_do_the_same(void **state) {
  struct source source = SOURCE_INIT;
  struct node node = open_node(&source);
  struct outcome first = OUTCOME_INIT, second = OUTCOME_INIT, third = OUTCOME_INIT;
  struct outcome absent = OUTCOME_INIT;
  (void)state;
  assert_ok(distcache_put_if_async(node.keyspace, BYTES("7"), BYTES("a"), NULL, NULL, on_done,
                                   (uintptr_t)&first, NULL, NULL));
  wait_until(counter_get(&first.calls) == 1);
  assert_int_equal(first.status, DISTCACHE_OK);
  assert_int_equal(first.version.counter, version_of(node.keyspace, "7").counter);
  assert_ok(distcache_put_if_async(node.keyspace, BYTES("7"), BYTES("b"), NULL, NULL, on_done,
                                   (uintptr_t)&second, NULL, NULL));
  wait_until(counter_get(&second.calls) == 1);
  assert_int_equal(second.status, DISTCACHE_VERSION_MISMATCH);
  assert_int_equal(second.errors, 1);
  assert_memory_equal(&second.version, &first.version, sizeof(first.version));
  assert_ok(distcache_put_if_async(node.keyspace, BYTES("8"), BYTES("b"), &first.version, NULL,
                                   on_done, (uintptr_t)&absent, NULL, NULL));
  wait_until(counter_get(&absent.calls) == 1);
  assert_int_equal(absent.status, DISTCACHE_VERSION_MISMATCH);
  assert_int_equal(absent.results, 1);
  assert_int_equal(absent.version.epoch + absent.version.owner + absent.version.counter, 0);
  assert_ok(distcache_refresh_async(node.keyspace, BYTES("7"), NULL, on_done, (uintptr_t)&third,
                                    NULL, NULL));
  wait_until(counter_get(&third.calls) == 1);
  assert_int_equal(third.status, DISTCACHE_OK);
  assert_string_equal(third.value, "7!");
  close_node(&node);
}

/* ---- two members --------------------------------------------------------------------------- */

enum { KEYS = 4, ROUNDS = 50, WRITERS = 4 };

static struct node open_member(struct source *source, const char *peers) {
  struct node node;
  distcache_config_t *config = new_config();
  distcache_keyspace_def_t *def = new_def("users", source);
  assert_ok(distcache_keyspace_def_set(def, "mirror", "all", NULL));
  assert_ok(distcache_config_keyspace(config, def, NULL));
  distcache_keyspace_def_release(def);
  if (peers != NULL) {
    assert_ok(distcache_config_set(config, "discovery.provider", "static", NULL));
    assert_ok(distcache_config_set(config, "discovery.peers", peers, NULL));
  }
  node.cache = open_config(config);
  assert_ok(distcache_keyspace_lookup(node.cache, "users", &node.keyspace, NULL));
  return node;
}

static int sees_other(const struct node *node) {
  distcache_result_t *result;
  distcache_peers_t *peers;
  const distcache_peer_t *peer;
  size_t count, stride, linked = 0;
  int owners;
  assert_ok(distcache_peers_get(node->cache, &peers, NULL));
  for (peer = distcache_peers_items(peers, &count, &stride); count > 0; --count) {
    if (peer->flags & DISTCACHE_PEER_LINKED) ++linked;
    peer = (const distcache_peer_t *)(const void *)((const char *)peer + stride);
  }
  distcache_peers_release(peers);
  assert_ok(distcache_explain(node->keyspace, BYTES("k"), &result, NULL));
  owners = strstr((const char *)distcache_result_item(result, 0)->data, "\"owners\":2") != NULL;
  distcache_result_release(result);
  return owners && linked == 1;
}

static void open_both(struct node nodes[2], struct source sources[2]) {
  distcache_peers_t *peers;
  char address[64];
  nodes[0] = open_member(&sources[0], NULL);
  assert_ok(distcache_peers_get(nodes[0].cache, &peers, NULL));
  snprintf(address, sizeof(address), "127.0.0.1:%u",
           distcache_peers_items(peers, NULL, NULL)->discovery_port);
  distcache_peers_release(peers);
  nodes[1] = open_member(&sources[1], address);
  wait_until(sees_other(&nodes[0]) && sees_other(&nodes[1]));
}

/* Counts the keys up, each ROUNDS times. */
struct writer {
  pthread_t thread;
  distcache_keyspace_t *keyspace;
  int failures, mismatches;
};

static int count_up(struct writer *writer, const char *key) {
  distcache_entry_version_t version = {0, 0, 0};
  distcache_view_t view = DISTCACHE_VIEW_INIT;
  distcache_status_t status;
  char value[16] = "0";
  status = distcache_get_view(writer->keyspace, BYTES(key), NULL, &view, NULL);
  if (status == DISTCACHE_OK) {
    if (view.item.len < sizeof(value)) {
      memcpy(value, view.item.data, view.item.len);
      value[view.item.len] = '\0';
    }
    version = view.item.version;
    distcache_view_release(&view);
  } else if (status != DISTCACHE_NOT_FOUND) {
    return -1;
  }
  snprintf(value, sizeof(value), "%d", atoi(value) + 1);
  status = distcache_put_if(writer->keyspace, BYTES(key), BYTES(value), &version, NULL, NULL, NULL);
  if (status == DISTCACHE_VERSION_MISMATCH) return 0;
  return status == DISTCACHE_OK ? 1 : -1;
}

static void *count_all_up(void *argument) {
  struct writer *writer = argument;
  char key[32];
  int done[KEYS] = {0}, i, left = KEYS * ROUNDS;
  while (left > 0 && writer->failures == 0) {
    for (i = 0; i < KEYS; ++i) {
      int result;
      if (done[i] == ROUNDS) continue;
      snprintf(key, sizeof(key), "missing%d", i);
      result = count_up(writer, key);
      if (result < 0) ++writer->failures;
      if (result == 0) ++writer->mismatches;
      if (result > 0) ++done[i], --left;
    }
  }
  return NULL;
}

/* No count is lost, whoever owns a key and from wherever its mirrors are read. */
static void members_lose_no_update(void **state) {
  struct source sources[2] = {SOURCE_INIT, SOURCE_INIT};
  struct writer writers[WRITERS];
  struct node nodes[2];
  char key[32], value[16];
  int i;
  (void)state;
  open_both(nodes, sources);
  memset(writers, 0, sizeof(writers));
  for (i = 0; i < WRITERS; ++i) {
    writers[i].keyspace = nodes[i % 2].keyspace;
    assert_int_equal(pthread_create(&writers[i].thread, NULL, count_all_up, &writers[i]), 0);
  }
  for (i = 0; i < WRITERS; ++i) {
    assert_int_equal(pthread_join(writers[i].thread, NULL), 0);
    assert_int_equal(writers[i].failures, 0);
  }
  snprintf(value, sizeof(value), "%d", WRITERS * ROUNDS);
  for (i = 0; i < KEYS; ++i) {
    snprintf(key, sizeof(key), "missing%d", i);
    assert_get(nodes[0].keyspace, key, value);
    assert_get(nodes[1].keyspace, key, value);
  }
  close_node(&nodes[0]);
  close_node(&nodes[1]);
}

/* Wherever a key is refreshed, no member gives its old value after that. */
static void members_see_what_one_refreshes(void **state) {
  struct source sources[2] = {SOURCE_INIT, SOURCE_INIT};
  struct node nodes[2];
  distcache_result_t *result;
  char key[32], value[40];
  int i;
  (void)state;
  open_both(nodes, sources);
  for (i = 0; i < 20; ++i) {
    snprintf(key, sizeof(key), "key%d", i);
    assert_ok(distcache_put(nodes[i % 2].keyspace, BYTES(key), BYTES("old"), NULL, NULL));
    assert_get(nodes[0].keyspace, key, "old");
    assert_get(nodes[1].keyspace, key, "old");
    snprintf(value, sizeof(value), "%s!", key);
    assert_ok(distcache_refresh(nodes[i / 2 % 2].keyspace, BYTES(key), NULL, &result, NULL));
    assert_item(result, 0, value);
    distcache_result_release(result);
    assert_get(nodes[0].keyspace, key, value);
    assert_get(nodes[1].keyspace, key, value);
  }
  close_node(&nodes[0]);
  close_node(&nodes[1]);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(put_if_replaces_only_what_is_named),
      cmocka_unit_test(refresh_replaces_what_is_held),
      cmocka_unit_test(refresh_needs_a_source),
      cmocka_unit_test(asynchronous_forms_do_the_same),
      cmocka_unit_test(members_lose_no_update),
      cmocka_unit_test(members_see_what_one_refreshes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
