#include "fixture.h"

/* A discovery provider of the program's own: nodes that meet through it, one that fails, throws
 * addresses of all kinds about, or hangs. Other tests of discovery are in tests/cluster. */

#define LISTED_MAX 8

/* What several nodes know each other by, and what the provider was asked. */
struct registry {
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  char listed[LISTED_MAX][64]; /* "" = free */
  int initialized, registered, discovered, deregistered, closed, finalized;
  int failures;              /* of initialize, still to come */
  distcache_status_t status; /* of these */
  int gated;                 /* discover waits */
  distcache_discovery_reply_t *kept;
};
#define REGISTRY_INIT \
  { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, {""}, 0, 0, 0, 0, 0, 0, 0, 0, 0, NULL }

static int seen(struct registry *registry, const int *what) {
  int value;
  pthread_mutex_lock(&registry->mutex);
  value = *what;
  pthread_mutex_unlock(&registry->mutex);
  return value;
}
#define SEEN(what) seen(&registry, &registry.what)

static void open_gate(struct registry *registry) {
  pthread_mutex_lock(&registry->mutex);
  registry->gated = 0;
  pthread_cond_broadcast(&registry->changed);
  pthread_mutex_unlock(&registry->mutex);
}

static distcache_status_t initialize(uintptr_t context, distcache_discovery_reply_t *reply) {
  struct registry *registry = (struct registry *)context;
  distcache_status_t status = DISTCACHE_OK;
  pthread_mutex_lock(&registry->mutex);
  ++registry->initialized;
  if (registry->failures > 0) {
    --registry->failures;
    status = registry->status;
    distcache_discovery_reply_message(reply, "the registry is on fire");
  }
  pthread_mutex_unlock(&registry->mutex);
  /* Only discover tells addresses. */
  if (distcache_discovery_reply_add(reply, "127.0.0.1:1") != DISTCACHE_INVALID_ARGUMENT) abort();
  return status;
}

static distcache_status_t register_self(uintptr_t context, const char *address,
                                        distcache_discovery_reply_t *reply) {
  struct registry *registry = (struct registry *)context;
  int i = 0;
  (void)reply;
  pthread_mutex_lock(&registry->mutex);
  while (registry->listed[i][0] != '\0') ++i;
  snprintf(registry->listed[i], sizeof(registry->listed[i]), "%s", address);
  ++registry->registered;
  pthread_mutex_unlock(&registry->mutex);
  return DISTCACHE_OK;
}

static distcache_status_t discover(uintptr_t context, distcache_discovery_reply_t *reply) {
  struct registry *registry = (struct registry *)context;
  distcache_status_t status = DISTCACHE_OK;
  int i;
  pthread_mutex_lock(&registry->mutex);
  ++registry->discovered;
  registry->kept = reply;
  while (registry->gated) pthread_cond_wait(&registry->changed, &registry->mutex);
  for (i = 0; i < LISTED_MAX && status == DISTCACHE_OK; ++i) {
    if (registry->listed[i][0] == '\0') continue;
    status = distcache_discovery_reply_add(reply, registry->listed[i]);
  }
  pthread_mutex_unlock(&registry->mutex);
  return status;
}

static distcache_status_t deregister(uintptr_t context, distcache_discovery_reply_t *reply) {
  struct registry *registry = (struct registry *)context;
  (void)reply;
  pthread_mutex_lock(&registry->mutex);
  ++registry->deregistered;
  pthread_mutex_unlock(&registry->mutex);
  return DISTCACHE_OK;
}

static void close_registry(uintptr_t context) {
  struct registry *registry = (struct registry *)context;
  pthread_mutex_lock(&registry->mutex);
  ++registry->closed;
  pthread_mutex_unlock(&registry->mutex);
}

static void finalize_registry(uintptr_t context) {
  struct registry *registry = (struct registry *)context;
  pthread_mutex_lock(&registry->mutex);
  ++registry->finalized;
  pthread_mutex_unlock(&registry->mutex);
}

static distcache_discovery_vtable_t whole_vtable(void) {
  distcache_discovery_vtable_t vtable;
  memset(&vtable, 0, sizeof(vtable));
  vtable.struct_size = sizeof(vtable);
  vtable.id = "registry";
  vtable.initialize = initialize;
  vtable.register_self = register_self;
  vtable.discover = discover;
  vtable.deregister = deregister;
  vtable.close = close_registry;
  return vtable;
}

static distcache_config_t *config_with(struct registry *registry) {
  const distcache_discovery_vtable_t vtable = whole_vtable();
  distcache_config_t *config = new_config();
  assert_ok(distcache_config_set(config, "discovery.provider", "custom", NULL));
  assert_ok(distcache_config_set(config, "discovery.interval.ms", "100", NULL));
  assert_ok(distcache_config_set(config, "join.retry.interval.ms", "20", NULL));
  assert_ok(distcache_config_set(config, "log.level", "off", NULL));
  assert_ok(
      distcache_config_discovery(config, &vtable, (uintptr_t)registry, finalize_registry, NULL));
  return config;
}

static size_t members(distcache_t *cache) {
  distcache_peers_t *peers;
  size_t count, stride, i, linked = 0;
  const distcache_peer_t *peer;
  assert_ok(distcache_peers_get(cache, &peers, NULL));
  peer = distcache_peers_items(peers, &count, &stride);
  for (i = 0; i < count; ++i) {
    linked += (peer->flags & (DISTCACHE_PEER_SELF | DISTCACHE_PEER_LINKED)) != 0;
    peer = (const distcache_peer_t *)((const char *)peer + stride);
  }
  distcache_peers_release(peers);
  return linked;
}

/* ---- tests -------------------------------------------------------------------------------- */

static void nodes_meet_through_the_programs_own_provider(void **state) {
  struct registry registry = REGISTRY_INIT;
  distcache_t *nodes[3];
  int i;
  (void)state;
  for (i = 0; i < 3; ++i) nodes[i] = open_config(config_with(&registry));
  for (i = 0; i < 3; ++i) wait_until(members(nodes[i]) == 3);
  assert_int_equal(SEEN(initialized), 3);
  assert_int_equal(SEEN(registered), 3);
  assert_int_equal(SEEN(deregistered), 0);
  for (i = 0; i < 3; ++i) {
    assert_ok(distcache_close(nodes[i], 0, NULL));
    distcache_release(nodes[i]);
    assert_int_equal(SEEN(deregistered), i + 1);
    assert_int_equal(SEEN(closed), i + 1);
    assert_int_equal(SEEN(finalized), i + 1);
  }
}

static void one_configuration_may_open_several_engines(void **state) {
  struct registry registry = REGISTRY_INIT;
  distcache_config_t *config = config_with(&registry);
  distcache_t *one, *two;
  (void)state;
  assert_ok(distcache_open(config, &one, NULL));
  assert_ok(distcache_open(config, &two, NULL));
  distcache_config_release(config);
  wait_until(members(one) == 2);
  assert_ok(distcache_close(one, 0, NULL));
  assert_int_equal(SEEN(closed), 1);
  assert_int_equal(SEEN(finalized), 0);
  assert_ok(distcache_close(two, 0, NULL));
  assert_int_equal(SEEN(closed), 2);
  assert_int_equal(SEEN(finalized), 1);
  distcache_release(one);
  distcache_release(two);
}

static void a_failure_is_tried_again(void **state) {
  struct registry registry = REGISTRY_INIT;
  distcache_t *cache;
  (void)state;
  registry.failures = 3;
  registry.status = 12345; /* no status at all is a failure too */
  cache = open_config(config_with(&registry));
  wait_until(SEEN(discovered) >= 2);
  assert_int_equal(SEEN(initialized), 4);
  assert_int_equal(SEEN(registered), 1);
  assert_ok(distcache_close(cache, 0, NULL));
  distcache_release(cache);
  assert_int_equal(SEEN(finalized), 1);
}

static void what_can_never_work_fails_the_open(void **state) {
  struct registry registry = REGISTRY_INIT;
  distcache_config_t *config = config_with(&registry);
  distcache_t *cache;
  distcache_error_t *err;
  (void)state;
  registry.failures = 1;
  registry.status = DISTCACHE_INVALID_CONFIG;
  assert_status(DISTCACHE_INVALID_CONFIG, distcache_open(config, &cache, &err));
  assert_error(err, DISTCACHE_INVALID_CONFIG, "registry: initialize: the registry is on fire");
  assert_null(cache);
  distcache_config_release(config);
  wait_until(SEEN(finalized) == 1);
  assert_int_equal(SEEN(closed), 1);
  assert_int_equal(SEEN(deregistered), SEEN(registered));
}

static void one_that_hangs_holds_nobody_up(void **state) {
  struct registry registry = REGISTRY_INIT;
  distcache_config_t *config = config_with(&registry);
  distcache_t *cache;
  (void)state;
  registry.gated = 1;
  assert_ok(distcache_config_set(config, "bootstrap.timeout.ms", "100", NULL));
  cache = open_config(config);
  assert_ok(distcache_wait_ready(cache, 0, NULL)); /* alone */
  assert_status(DISTCACHE_TIMED_OUT, distcache_close(cache, 100, NULL));
  distcache_release(cache);
  assert_int_equal(SEEN(closed), 0);
  assert_int_equal(SEEN(finalized), 0);
  open_gate(&registry);
  wait_until(SEEN(finalized) == 1);
  assert_int_equal(SEEN(deregistered), 1);
  assert_int_equal(SEEN(closed), 1);
}

static distcache_status_t discover_anything(uintptr_t context, distcache_discovery_reply_t *reply) {
  int i;
  char address[32];
  (void)context;
  if (distcache_discovery_reply_add(reply, NULL) != DISTCACHE_INVALID_ARGUMENT ||
      distcache_discovery_reply_add(reply, "") != DISTCACHE_INVALID_ARGUMENT ||
      distcache_discovery_reply_add(reply, "127.0.0.1") != DISTCACHE_INVALID_ARGUMENT ||
      distcache_discovery_reply_add(reply, "127.0.0.1:0") != DISTCACHE_INVALID_ARGUMENT ||
      distcache_discovery_reply_add(reply, "a b:1") != DISTCACHE_INVALID_ARGUMENT) {
    abort();
  }
  for (i = 0; i < 4096; ++i) {
    snprintf(address, sizeof(address), "10.0.0.1:%d", 1 + i);
    if (distcache_discovery_reply_add(reply, address) != DISTCACHE_OK) abort();
  }
  if (distcache_discovery_reply_add(reply, "10.0.0.2:1") != DISTCACHE_TOO_LARGE) abort();
  distcache_discovery_reply_message(reply, NULL);
  counter_add((struct counter *)context, 1);
  return DISTCACHE_OK;
}

static void what_is_no_address_is_refused(void **state) {
  struct counter discovered = COUNTER_INIT;
  distcache_discovery_vtable_t vtable;
  distcache_config_t *config = new_config();
  distcache_t *cache;
  (void)state;
  memset(&vtable, 0, sizeof(vtable));
  vtable.struct_size = sizeof(vtable);
  vtable.discover = discover_anything; /* all others may be missing */
  assert_ok(distcache_config_set(config, "discovery.provider", "custom", NULL));
  assert_ok(distcache_config_set(config, "log.level", "off", NULL));
  assert_ok(distcache_config_discovery(config, &vtable, (uintptr_t)&discovered, NULL, NULL));
  cache = open_config(config);
  wait_until(counter_get(&discovered) >= 1);
  assert_int_equal(members(cache), 1); /* not of this machine, in plain */
  assert_ok(distcache_close(cache, 0, NULL));
  distcache_release(cache);
}

static void a_reply_ends_with_its_call_and_stays_on_its_thread(void **state) {
  struct registry registry = REGISTRY_INIT;
  distcache_t *cache;
  distcache_config_t *config = config_with(&registry);
  (void)state;
  assert_status(DISTCACHE_INVALID_ARGUMENT, distcache_discovery_reply_add(NULL, "127.0.0.1:1"));
  distcache_discovery_reply_message(NULL, "x");
  registry.gated = 1;
  assert_ok(distcache_config_set(config, "bootstrap.timeout.ms", "100", NULL));
  cache = open_config(config);
  wait_until(SEEN(discovered) == 1);
  assert_status(DISTCACHE_INVALID_ARGUMENT,
                distcache_discovery_reply_add(registry.kept, "127.0.0.1:1"));
  distcache_discovery_reply_message(registry.kept, "x");
  open_gate(&registry);
  assert_ok(distcache_close(cache, 0, NULL));
  distcache_release(cache);
  assert_status(DISTCACHE_CLOSED, distcache_discovery_reply_add(registry.kept, "127.0.0.1:1"));
  distcache_discovery_reply_message(registry.kept, "x");
}

static void callbacks_and_property_belong_together(void **state) {
  struct counter finalized = COUNTER_INIT;
  distcache_config_t *config = new_config();
  distcache_discovery_vtable_t vtable = whole_vtable();
  distcache_error_t *err;
  (void)state;
  assert_ok(distcache_config_set(config, "discovery.provider", "custom", NULL));
  assert_status(DISTCACHE_INVALID_CONFIG, distcache_config_validate(config, &err));
  assert_error(err, DISTCACHE_INVALID_CONFIG, "distcache_config_discovery");
  assert_ok(
      distcache_config_discovery(config, &vtable, (uintptr_t)&finalized, count_finalized, NULL));
  assert_ok(distcache_config_validate(config, NULL));
  assert_ok(distcache_config_set(config, "discovery.provider", "standalone", NULL));
  assert_status(DISTCACHE_INVALID_CONFIG, distcache_config_validate(config, &err));
  assert_error(err, DISTCACHE_INVALID_CONFIG, "must be custom");

  assert_ok(
      distcache_config_discovery(config, &vtable, (uintptr_t)&finalized, count_finalized, NULL));
  assert_int_equal(counter_get(&finalized), 1); /* of the one that was replaced */
  vtable.discover = NULL;
  assert_status(
      DISTCACHE_INVALID_ARGUMENT,
      distcache_config_discovery(config, &vtable, (uintptr_t)&finalized, count_finalized, &err));
  assert_error(err, DISTCACHE_INVALID_ARGUMENT, "discover");
  vtable = whole_vtable();
  vtable.struct_size = 0;
  assert_status(
      DISTCACHE_INVALID_ARGUMENT,
      distcache_config_discovery(config, &vtable, (uintptr_t)&finalized, count_finalized, NULL));
  vtable = whole_vtable();
  vtable.reserved = 1;
  assert_status(
      DISTCACHE_UNSUPPORTED,
      distcache_config_discovery(config, &vtable, (uintptr_t)&finalized, count_finalized, NULL));
  assert_int_equal(counter_get(&finalized), 4);
  distcache_config_release(config);
  assert_int_equal(counter_get(&finalized), 5);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(nodes_meet_through_the_programs_own_provider),
      cmocka_unit_test(one_configuration_may_open_several_engines),
      cmocka_unit_test(a_failure_is_tried_again),
      cmocka_unit_test(what_can_never_work_fails_the_open),
      cmocka_unit_test(one_that_hangs_holds_nobody_up),
      cmocka_unit_test(what_is_no_address_is_refused),
      cmocka_unit_test(a_reply_ends_with_its_call_and_stays_on_its_thread),
      cmocka_unit_test(callbacks_and_property_belong_together),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
