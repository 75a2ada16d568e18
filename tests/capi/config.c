/* Configuration: every fault of all of it in one error, and nothing forgotten. */
#include "fixture.h"

static void properties_are_set_and_read(void **state) {
  distcache_config_t *config = new_config();
  distcache_keyspace_def_t *def = new_def("users", NULL);
  (void)state;
  assert_string_equal(distcache_config_get(config, "bind.port"), "0");
  assert_string_equal(distcache_config_get(config, "read.timeout.ms"), "5s");
  assert_null(distcache_config_get(config, "no.such"));
  assert_null(distcache_config_get(NULL, "bind.port"));
  assert_null(distcache_config_get(config, NULL));
  assert_string_equal(distcache_keyspace_def_get(def, "bytes.max"), "8MiB");
  assert_null(distcache_keyspace_def_get(def, "no.such"));
  assert_null(distcache_keyspace_def_get(NULL, "bytes.max"));
  assert_ok(distcache_config_validate(config, NULL));
  assert_ok(distcache_keyspace_def_validate(def, NULL));
  distcache_keyspace_def_release(def);
  distcache_config_release(config);
  distcache_keyspace_def_release(NULL);
  distcache_config_release(NULL);
}

static void a_refusal_names_property_value_and_limit(void **state) {
  distcache_config_t *config = new_config();
  distcache_error_t *err;
  (void)state;
  assert_status(DISTCACHE_INVALID_CONFIG, distcache_config_set(config, "bind.port", "99999", &err));
  assert_error(err, DISTCACHE_INVALID_CONFIG, "bind.port = 99999");
  assert_status(DISTCACHE_INVALID_CONFIG, distcache_config_set(config, "bind.prot", "1", &err));
  assert_error(err, DISTCACHE_INVALID_CONFIG, "did you mean bind.port?");
  distcache_config_release(config);
}

static void open_names_every_fault(void **state) {
  distcache_config_t *config = new_config();
  distcache_keyspace_def_t *def = new_def("users", NULL);
  distcache_t *cache = (distcache_t *)(void *)&config;
  distcache_error_t *err;
  const char *text;
  (void)state;
  assert_ok(distcache_config_keyspace(config, def, NULL));
  distcache_keyspace_def_release(def);
  distcache_config_set(config, "source.threads", "many", NULL);
  distcache_config_set(config, "no.such", "1", NULL);
  assert_ok(distcache_config_set(config, "discovery.provider", "static", NULL));
  assert_ok(distcache_config_set(config, "bind.address", "0.0.0.0", NULL));
  assert_status(DISTCACHE_INVALID_CONFIG, distcache_config_validate(config, NULL));
  assert_status(DISTCACHE_INVALID_CONFIG, distcache_open(config, &cache, &err));
  assert_null(cache);
  text = distcache_error_message(err);
  assert_non_null(strstr(text, "source.threads = many"));
  assert_non_null(strstr(text, "no.such"));
  assert_non_null(strstr(text, "discovery.peers"));
  assert_non_null(strstr(text, "security.plaintext"));
  assert_int_equal(distcache_error_retriable(err), 0);
  assert_null(distcache_error_peer(err, 0));
  distcache_error_release(err);

  assert_ok(distcache_config_set(config, "source.threads", "2", NULL));
  assert_status(DISTCACHE_INVALID_CONFIG, distcache_config_validate(config, &err));
  assert_null(strstr(distcache_error_message(err), "source.threads"));
  distcache_error_release(err);
  distcache_config_release(config);
}

static void plain_traffic_on_a_network_must_be_asked_for(void **state) {
  distcache_config_t *config = new_config();
  distcache_error_t *err;
  (void)state;
  assert_ok(distcache_config_set(config, "bind.address", "0.0.0.0", NULL));
  assert_status(DISTCACHE_INSECURE, distcache_config_validate(config, &err));
  assert_error(err, DISTCACHE_INSECURE, "i-accept-plaintext");
  assert_ok(distcache_config_set(config, "security.plaintext", "i-accept-plaintext", NULL));
  assert_ok(distcache_config_validate(config, NULL));
  distcache_config_release(config);
}

static void a_keyspace_without_its_size_is_refused(void **state) {
  distcache_config_t *config = new_config();
  distcache_keyspace_def_t *def;
  distcache_keyspace_t *keyspace;
  distcache_t *cache = open_alone();
  distcache_error_t *err;
  (void)state;
  assert_ok(distcache_keyspace_def_new("users", &def, NULL));
  assert_status(DISTCACHE_INVALID_CONFIG, distcache_keyspace_def_set(def, "ttl.ms", "soon", &err));
  assert_error(err, DISTCACHE_INVALID_CONFIG, "ttl.ms = soon");
  assert_status(DISTCACHE_INVALID_CONFIG, distcache_keyspace_def_validate(def, &err));
  assert_non_null(strstr(distcache_error_message(err), "ttl.ms"));
  assert_error(err, DISTCACHE_INVALID_CONFIG, "bytes.max");
  assert_status(DISTCACHE_INVALID_CONFIG, distcache_config_keyspace(config, def, &err));
  assert_error(err, DISTCACHE_INVALID_CONFIG, "bytes.max");
  assert_status(DISTCACHE_INVALID_CONFIG, distcache_keyspace_add(cache, def, &keyspace, &err));
  assert_error(err, DISTCACHE_INVALID_CONFIG, "bytes.max");
  distcache_keyspace_def_release(def);
  distcache_config_release(config);
  assert_ok(distcache_close(cache, 0, NULL));
  distcache_release(cache);
}

static void names_of_keyspaces_are_checked(void **state) {
  char longest[DISTCACHE_NAME_BYTES_MAX + 2];
  distcache_keyspace_def_t *def = (distcache_keyspace_def_t *)(void *)longest;
  distcache_error_t *err;
  (void)state;
  memset(longest, 'a', sizeof(longest));
  longest[sizeof(longest) - 1] = '\0';
  assert_status(DISTCACHE_INVALID_ARGUMENT, distcache_keyspace_def_new(longest, &def, &err));
  assert_null(def);
  assert_error(err, DISTCACHE_INVALID_ARGUMENT, "255");
  assert_status(DISTCACHE_INVALID_ARGUMENT, distcache_keyspace_def_new("", &def, NULL));
  assert_status(DISTCACHE_INVALID_ARGUMENT, distcache_keyspace_def_new("a\nb", &def, NULL));
  longest[sizeof(longest) - 2] = '\0';
  assert_ok(distcache_keyspace_def_new(longest, &def, NULL));
  distcache_keyspace_def_release(def);
}

static void the_environment_is_read_only_when_asked(void **state) {
  distcache_config_t *config = new_config();
  distcache_error_t *err;
  (void)state;
  assert_int_equal(setenv("DISTCACHE_NODE_NAME", "from-environment", 1), 0);
  assert_int_equal(setenv("DISTCACHE_OF_NOBODY", "1", 1), 0);
  assert_string_equal(distcache_config_get(config, "node.name"), "");
  assert_ok(distcache_config_from_environment(config, &err));
  assert_null(err);
  assert_string_equal(distcache_config_get(config, "node.name"), "from-environment");
  assert_int_equal(setenv("DISTCACHE_BIND_PORT", "no port", 1), 0);
  assert_int_equal(setenv("DISTCACHE_NODE_WEIGHT", "7", 1), 0);
  assert_status(DISTCACHE_INVALID_CONFIG, distcache_config_from_environment(config, &err));
  assert_error(err, DISTCACHE_INVALID_CONFIG, "DISTCACHE_BIND_PORT");
  assert_string_equal(distcache_config_get(config, "node.weight"), "7");
  distcache_config_release(config);
  unsetenv("DISTCACHE_NODE_NAME");
  unsetenv("DISTCACHE_BIND_PORT");
  unsetenv("DISTCACHE_NODE_WEIGHT");
  unsetenv("DISTCACHE_OF_NOBODY");
}

static void open_copies_the_configuration(void **state) {
  distcache_config_t *config = new_config();
  distcache_t *first, *second;
  (void)state;
  assert_ok(distcache_open(config, &first, NULL));
  assert_ok(distcache_open(config, &second, NULL));
  distcache_config_release(config);
  assert_int_equal(distcache_ready(first), 1);
  assert_ok(distcache_close(first, 0, NULL));
  assert_int_equal(distcache_ready(second), 1);
  assert_ok(distcache_close(second, 0, NULL));
  distcache_release(first);
  distcache_release(second);
}

static void the_table_is_readable_as_json(void **state) {
  const char *json = distcache_properties_json();
  (void)state;
  assert_non_null(strstr(json, "\"bytes.max\""));
  assert_non_null(strstr(json, "DISTCACHE_BIND_PORT"));
  assert_ptr_equal(json, distcache_properties_json());
}

static void statuses_have_names(void **state) {
  (void)state;
  assert_string_equal(distcache_status_name(DISTCACHE_OK), "OK");
  assert_string_equal(distcache_status_name(DISTCACHE_TIMED_OUT), "TIMED_OUT");
  assert_string_equal(distcache_status_name(DISTCACHE_INTERNAL), "INTERNAL");
  assert_string_equal(distcache_status_name(1000), "UNRECOGNIZED");
  assert_string_equal(distcache_status_name(-1), "UNRECOGNIZED");
  assert_int_equal(distcache_status_retriable(DISTCACHE_TIMED_OUT), 1);
  assert_int_equal(distcache_status_retriable(DISTCACHE_SOURCE_FAILED), 1);
  assert_int_equal(distcache_status_retriable(DISTCACHE_CLOSED), 0);
  assert_int_equal(distcache_status_retriable(1000), 0);
  assert_int_equal(distcache_error_status(NULL), DISTCACHE_OK);
  assert_string_equal(distcache_error_message(NULL), "");
  assert_int_equal(distcache_error_retriable(NULL), 0);
  assert_null(distcache_error_peer(NULL, 0));
  distcache_error_release(NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(properties_are_set_and_read),
      cmocka_unit_test(a_refusal_names_property_value_and_limit),
      cmocka_unit_test(open_names_every_fault),
      cmocka_unit_test(plain_traffic_on_a_network_must_be_asked_for),
      cmocka_unit_test(a_keyspace_without_its_size_is_refused),
      cmocka_unit_test(names_of_keyspaces_are_checked),
      cmocka_unit_test(the_environment_is_read_only_when_asked),
      cmocka_unit_test(open_copies_the_configuration),
      cmocka_unit_test(the_table_is_readable_as_json),
      cmocka_unit_test(statuses_have_names),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
