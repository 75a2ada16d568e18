/* Open, close and release, in every order; handles after their end; children of a fork. */
#include "fixture.h"

#include <dirent.h>
#include <sys/wait.h>
#include <unistd.h>

static void library_and_header_are_of_one_version(void **state) {
  distcache_config_t *config = (distcache_config_t *)(void *)state;
  distcache_error_t *err;
  assert_int_equal(distcache_version(), DISTCACHE_VERSION);
  assert_string_equal(distcache_version_string(), DISTCACHE_VERSION_STRING);
  assert_int_equal(distcache_abi(), DISTCACHE_ABI);
  assert_int_equal(distcache_has_feature("no such thing"), 0);
  assert_int_equal(distcache_has_feature(NULL), 0);
  assert_status(DISTCACHE_ABI_MISMATCH, distcache_config_new(DISTCACHE_ABI + 1, &config, &err));
  assert_null(config);
  assert_error(err, DISTCACHE_ABI_MISMATCH, "DISTCACHE_ABI");
}

static void opens_and_closes(void **state) {
  distcache_t *cache = open_alone();
  (void)state;
  assert_int_equal(distcache_ready(cache), 1);
  assert_ok(distcache_wait_ready(cache, 0, NULL));
  assert_ok(distcache_close(cache, 0, NULL));
  assert_ok(distcache_close(cache, 1, NULL));
  assert_int_equal(distcache_ready(cache), 0);
  assert_status(DISTCACHE_CLOSED, distcache_wait_ready(cache, 0, NULL));
  distcache_release(cache);
  assert_status(DISTCACHE_CLOSED, distcache_close(cache, 0, NULL));
  distcache_release(cache);
  distcache_release(NULL);
}

static void keyspaces_of_the_configuration_are_there(void **state) {
  struct source source = SOURCE_INIT;
  distcache_config_t *config = new_config();
  distcache_keyspace_def_t *def = new_def("users", &source);
  distcache_keyspace_t *keyspace;
  distcache_error_t *err;
  distcache_t *cache;
  (void)state;
  assert_ok(distcache_config_keyspace(config, def, NULL));
  assert_status(DISTCACHE_INVALID_CONFIG, distcache_config_keyspace(config, def, &err));
  assert_error(err, DISTCACHE_INVALID_CONFIG, "'users'");
  distcache_keyspace_def_release(def);
  cache = open_config(config);
  assert_ok(distcache_keyspace_lookup(cache, "users", &keyspace, NULL));
  assert_get(keyspace, "7", "7!");
  distcache_keyspace_release(keyspace);
  assert_ok(distcache_close(cache, 0, NULL));
  distcache_release(cache);
  assert_int_equal(source_finalized(&source), 1);
}

static void after_close_every_call_answers_closed(void **state) {
  struct source source = SOURCE_INIT;
  struct node node = open_node(&source);
  distcache_result_t *result;
  distcache_keyspace_t *other;
  distcache_keyspace_def_t *def;
  distcache_peers_t *peers;
  distcache_error_t *err;
  (void)state;
  assert_get(node.keyspace, "7", "7!");
  assert_ok(distcache_close(node.cache, 0, NULL));
  assert_status(DISTCACHE_CLOSED, distcache_get(node.keyspace, BYTES("7"), NULL, &result, &err));
  assert_null(result);
  assert_error(err, DISTCACHE_CLOSED, "closed");
  assert_status(DISTCACHE_CLOSED, distcache_peek(node.keyspace, BYTES("7"), &result, NULL));
  assert_status(DISTCACHE_CLOSED, distcache_delete(node.keyspace, BYTES("7"), NULL, NULL));
  assert_status(DISTCACHE_CLOSED, distcache_put(node.keyspace, BYTES("7"), BYTES("x"), NULL, NULL));
  assert_status(DISTCACHE_CLOSED, distcache_keyspace_lookup(node.cache, "users", &other, NULL));
  assert_status(DISTCACHE_CLOSED, distcache_keyspace_list(node.cache, &result, NULL));
  assert_status(DISTCACHE_CLOSED, distcache_peers_get(node.cache, &peers, NULL));
  def = new_def("late", NULL);
  assert_status(DISTCACHE_CLOSED, distcache_keyspace_add(node.cache, def, &other, NULL));
  assert_null(other);
  distcache_keyspace_def_release(def);
  assert_string_equal(distcache_keyspace_name(node.keyspace), "users");
  assert_int_equal(source_finalized(&source), 1);
  distcache_keyspace_release(node.keyspace);
  distcache_release(node.cache);
}

static void objects_end_in_any_order(void **state) {
  struct source source = SOURCE_INIT;
  struct node node = open_node(&source);
  distcache_result_t *result;
  (void)state;
  assert_ok(distcache_get(node.keyspace, BYTES("7"), NULL, &result, NULL));
  assert_ptr_equal(distcache_result_retain(result), result);
  assert_ok(distcache_close(node.cache, 0, NULL));
  distcache_release(node.cache);
  assert_string_equal(distcache_keyspace_name(node.keyspace), "users");
  distcache_keyspace_release(node.keyspace);
  assert_string_equal(distcache_keyspace_name(node.keyspace), "");
  distcache_result_release(result);
  assert_item(result, 0, "7!");
  distcache_result_release(result);
}

static void release_of_an_open_engine_closes_it_in_the_background(void **state) {
  struct source source = SOURCE_INIT;
  struct node node = open_node(&source);
  distcache_result_t *result;
  (void)state;
  distcache_release(node.cache);
  wait_until(distcache_get(node.keyspace, BYTES("7"), NULL, &result, NULL) == DISTCACHE_CLOSED ||
             (distcache_result_release(result), 0));
  wait_until(source_finalized(&source) == 1);
  distcache_keyspace_release(node.keyspace);
}

struct opener {
  distcache_t *cache;
  struct counter closed;
};

static void *close_it(void *argument) {
  struct opener *opener = argument;
  if (distcache_close(opener->cache, 0, NULL) == DISTCACHE_OK) counter_add(&opener->closed, 1);
  return NULL;
}

static void threads_may_close_at_once(void **state) {
  struct opener opener = {NULL, COUNTER_INIT};
  pthread_t threads[4];
  size_t i;
  (void)state;
  opener.cache = open_alone();
  for (i = 0; i < 4; ++i) pthread_create(&threads[i], NULL, close_it, &opener);
  for (i = 0; i < 4; ++i) pthread_join(threads[i], NULL);
  assert_int_equal(counter_get(&opener.closed), 4);
  distcache_release(opener.cache);
}

/* Open files or threads of this process. */
static int count_of(const char *folder) {
  DIR *entries = opendir(folder);
  int count = 0;
  assert_non_null(entries);
  while (readdir(entries) != NULL) ++count;
  closedir(entries);
  return count;
}

static void a_failed_open_leaves_nothing(void **state) {
  distcache_t *first = open_alone();
  distcache_t *second = first;
  distcache_peers_t *peers;
  distcache_config_t *config;
  distcache_error_t *err;
  struct counter finalized = COUNTER_INIT;
  char port[16];
  int i, files, threads;
  (void)state;
  assert_ok(distcache_peers_get(first, &peers, NULL));
  snprintf(port, sizeof(port), "%u", distcache_peers_items(peers, NULL, NULL)->data_port);
  distcache_peers_release(peers);
  files = count_of("/proc/self/fd");
  threads = count_of("/proc/self/task");
  for (i = 0; i < 10; ++i) {
    config = new_config();
    assert_ok(distcache_config_set(config, "bind.port", port, NULL));
    assert_ok(distcache_config_on_log(config, NULL, (uintptr_t)&finalized, count_finalized, NULL));
    assert_status(DISTCACHE_ADDRESS_IN_USE, distcache_open(config, &second, &err));
    assert_null(second);
    assert_error(err, DISTCACHE_ADDRESS_IN_USE, port);
    distcache_config_release(config);
    assert_int_equal(counter_get(&finalized), i + 1);
  }
  wait_until(count_of("/proc/self/fd") == files);
  wait_until(count_of("/proc/self/task") == threads);
  assert_ok(distcache_close(first, 0, NULL));
  distcache_release(first);
}

/* The thread sanitizer ends a child of a program with threads that starts threads itself. */
static int open_own(void) {
#if defined(__SANITIZE_THREAD__)
  return 0;
#else
  distcache_t *own = NULL;
  distcache_config_t *config = NULL;
  if (distcache_config_new(DISTCACHE_ABI, &config, NULL) != DISTCACHE_OK) return 6;
  distcache_config_set(config, "bind.port", "0", NULL);
  distcache_config_set(config, "discovery.port", "0", NULL);
  if (distcache_open(config, &own, NULL) != DISTCACHE_OK) return 7;
  distcache_config_release(config);
  return distcache_close(own, 0, NULL) == DISTCACHE_OK ? 0 : 8;
#endif
}

static int in_child(struct node *node) {
  distcache_result_t *result = NULL;
  distcache_error_t *err = NULL;
  if (distcache_get(node->keyspace, BYTES("7"), NULL, &result, &err) != DISTCACHE_FORKED) return 1;
  if (distcache_error_status(err) != DISTCACHE_FORKED) return 2;
  distcache_error_release(err);
  if (distcache_close(node->cache, 0, NULL) != DISTCACHE_FORKED) return 3;
  if (distcache_ready(node->cache) != 0) return 4;
  distcache_keyspace_release(node->keyspace);
  distcache_release(node->cache);
  if (distcache_close(node->cache, 0, NULL) != DISTCACHE_FORKED) return 5;
  return open_own();
}

static void a_child_is_refused_and_may_open_its_own(void **state) {
  struct source source = SOURCE_INIT;
  struct node node = open_node(&source);
  int status = 0;
  pid_t child;
  (void)state;
  assert_get(node.keyspace, "7", "7!");
  child = fork();
  if (child == 0) _exit(in_child(&node));
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFEXITED(status));
  assert_int_equal(WEXITSTATUS(status), 0);
  assert_get(node.keyspace, "8", "8!");
  close_node(&node);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(library_and_header_are_of_one_version),
      cmocka_unit_test(opens_and_closes),
      cmocka_unit_test(keyspaces_of_the_configuration_are_there),
      cmocka_unit_test(after_close_every_call_answers_closed),
      cmocka_unit_test(objects_end_in_any_order),
      cmocka_unit_test(release_of_an_open_engine_closes_it_in_the_background),
      cmocka_unit_test(threads_may_close_at_once),
      cmocka_unit_test(a_failed_open_leaves_nothing),
      cmocka_unit_test(a_child_is_refused_and_may_open_its_own),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
