/* Sources of two members that wait for each other: the circle is found wherever it closes, long
 * before a deadline, and everybody gets a status. */
#include "keeper.h"

struct member {
  distcache_t *cache;
  distcache_keyspace_t *keyspace;
  struct member *other;
  const char *partner; /* a key that the other member owns */
  struct counter circles, failures, finalized;
};

static struct member a = {NULL, NULL, NULL, "", COUNTER_INIT, COUNTER_INIT, COUNTER_INIT};
static struct member b = {NULL, NULL, NULL, "", COUNTER_INIT, COUNTER_INIT, COUNTER_INIT};
static char key_of_a[16], key_of_b[16];

/* What the sources do: ask for the same key here, for the same key at the other member, or for a
 * key of the other member, whose source does likewise. */
enum way { ASK_SELF, ASK_OTHER_MEMBER, ASK_PARTNER };
static struct counter way = COUNTER_INIT; /* one thread sets it, those of two members read it */

static void ask(struct member *member, distcache_fetch_t *fetch, uint64_t parent) {
  distcache_options_t options = DISTCACHE_OPTIONS_INIT;
  distcache_result_t *result;
  distcache_status_t status;
  const enum way now = (enum way)counter_get(&way);
  char key[32] = "";
  size_t len;
  const uint8_t *asked = distcache_fetch_key(fetch, &len);
  memcpy(key, asked, len);
  options.parent_fetch = parent;
  status =
      distcache_get(now == ASK_OTHER_MEMBER ? member->other->keyspace : member->keyspace,
                    BYTES(now == ASK_PARTNER ? member->partner : key), &options, &result, NULL);
  distcache_result_release(result);
  counter_add(status == DISTCACHE_WOULD_DEADLOCK ? &member->circles : &member->failures, 1);
  distcache_fetch_fail(fetch, 0, distcache_status_name(status));
}

static void ask_in_source(uintptr_t context, distcache_fetch_t *fetch) {
  ask((struct member *)context, fetch, 0);
}

/* ---- sources that hand their work to a thread of their own -------------------------------- */

struct work {
  struct member *member;
  distcache_fetch_t *fetch;
};

static void *ask_on_thread(void *argument) {
  struct work *work = argument;
  ask(work->member, work->fetch, (uint64_t)(uintptr_t)work->fetch);
  free(work);
  return NULL;
}

static void hand_over(uintptr_t context, distcache_fetch_t *fetch) {
  struct work *work = malloc(sizeof(*work));
  pthread_attr_t detached;
  pthread_t thread;
  work->member = (struct member *)context;
  work->fetch = fetch;
  pthread_attr_init(&detached);
  pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
  pthread_create(&thread, &detached, ask_on_thread, work);
  pthread_attr_destroy(&detached);
}

/* ---- two members --------------------------------------------------------------------------- */

static void end_member(uintptr_t context) {
  counter_add(&((struct member *)context)->finalized, 1);
}

static void open_member(struct member *member, const char *name, const char *peers,
                        distcache_fetch_fn fetch) {
  static const struct counter zero = COUNTER_INIT;
  distcache_config_t *config = new_config();
  distcache_keyspace_def_t *def = new_def("users", NULL);
  member->other = member == &a ? &b : &a;
  member->circles = member->failures = member->finalized = zero;
  assert_ok(distcache_keyspace_def_set(def, "read.timeout.ms", "10m", NULL));
  assert_ok(distcache_keyspace_def_source(def, fetch, (uintptr_t)member, end_member, NULL));
  assert_ok(distcache_config_keyspace(config, def, NULL));
  distcache_keyspace_def_release(def);
  assert_ok(distcache_config_set(config, "node.name", name, NULL));
  if (peers != NULL) {
    assert_ok(distcache_config_set(config, "discovery.provider", "static", NULL));
    assert_ok(distcache_config_set(config, "discovery.peers", peers, NULL));
  }
  member->cache = open_config(config);
  assert_ok(distcache_keyspace_lookup(member->cache, "users", &member->keyspace, NULL));
}

/* Whether `part` is in what the member says of the key. */
static int says(const struct member *member, const char *key, const char *part) {
  distcache_result_t *result;
  int found;
  assert_ok(distcache_explain(member->keyspace, BYTES(key), &result, NULL));
  found = strstr((const char *)distcache_result_item(result, 0)->data, part) != NULL;
  distcache_result_release(result);
  return found;
}

static void key_owned_by(const char *owner, char *key, size_t size) {
  char part[64];
  int i = 0;
  snprintf(part, sizeof(part), "\"acting_owner\":\"%s\"", owner);
  do {
    snprintf(key, size, "%s%d", owner, i++);
  } while (!says(&a, key, part) || !says(&b, key, part));
}

static int see_each_other(void) {
  distcache_peers_t *peers;
  const distcache_peer_t *peer;
  size_t count, stride, linked = 0, i, j;
  for (j = 0; j < 2; ++j) {
    assert_ok(distcache_peers_get(j == 0 ? a.cache : b.cache, &peers, NULL));
    peer = distcache_peers_items(peers, &count, &stride);
    for (i = 0; i < count; ++i) {
      if (peer->flags & DISTCACHE_PEER_LINKED) ++linked;
      peer = (const distcache_peer_t *)(const void *)((const char *)peer + stride);
    }
    distcache_peers_release(peers);
  }
  return linked == 2 && says(&a, "k", "\"owners\":2") && says(&b, "k", "\"owners\":2");
}

static void open_both(distcache_fetch_fn fetch) {
  distcache_peers_t *peers;
  char address[64];
  open_member(&a, "a", NULL, fetch);
  assert_ok(distcache_peers_get(a.cache, &peers, NULL));
  snprintf(address, sizeof(address), "127.0.0.1:%u",
           distcache_peers_items(peers, NULL, NULL)->discovery_port);
  distcache_peers_release(peers);
  open_member(&b, "b", address, fetch);
  wait_until(see_each_other());
  key_owned_by("a", key_of_a, sizeof(key_of_a));
  key_owned_by("b", key_of_b, sizeof(key_of_b));
  a.partner = key_of_b;
  b.partner = key_of_a;
}

static void close_both(void) {
  struct member *member = &a;
  do {
    distcache_keyspace_release(member->keyspace);
    assert_ok(distcache_close(member->cache, 0, NULL));
    distcache_release(member->cache);
    wait_until(counter_get(&member->finalized) == 1);
    member = member->other;
  } while (member != &a);
}

/* ---- circles ------------------------------------------------------------------------------- */

/* Both members ask for both keys: each time a circle is found once, and only its own. */
static void everybody_fails(void) {
  static const char *const keys[] = {key_of_a, key_of_b};
  distcache_result_t *result;
  int i;
  for (i = 0; i < 4; ++i) {
    const int before = counter_get(&a.circles) + counter_get(&b.circles);
    assert_status(DISTCACHE_SOURCE_FAILED, distcache_get(i < 2 ? a.keyspace : b.keyspace,
                                                         BYTES(keys[i % 2]), NULL, &result, NULL));
    assert_int_equal(counter_get(&a.circles) + counter_get(&b.circles), before + 1);
  }
}

static void all_ways(distcache_fetch_fn fetch) {
  open_both(fetch);
  assert_int_equal(counter_get(&way), ASK_SELF);
  everybody_fails();
  counter_add(&way, 1);
  everybody_fails();
  assert_int_equal(counter_get(&a.failures) + counter_get(&b.failures), 0);
  counter_add(&way, 1); /* where it is found, the one before fails too */
  everybody_fails();
  assert_int_equal(counter_get(&a.failures) + counter_get(&b.failures), 4);
  counter_add(&way, -ASK_PARTNER);
  close_both();
}

static void circles_through_members_are_found(void **state) {
  (void)state;
  all_ways(ask_in_source);
}

static void circles_of_named_parents_are_found(void **state) {
  (void)state;
  all_ways(hand_over);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(circles_through_members_are_found),
      cmocka_unit_test(circles_of_named_parents_are_found),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
