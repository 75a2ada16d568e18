/* Seeing what an engine does: counters, members, explanations, logs and events. */
#include "fixture.h"

static distcache_keyspace_stats_t stats_of(distcache_keyspace_t *keyspace) {
  distcache_keyspace_stats_t stats;
  memset(&stats, 0xFF, sizeof(stats));
  stats.struct_size = sizeof(stats);
  assert_ok(distcache_keyspace_stats_get(keyspace, &stats, NULL));
  assert_int_equal(stats.struct_size, sizeof(stats));
  return stats;
}

static void counters_count(void **state) {
  struct source source = SOURCE_INIT;
  struct node node = open_node(&source);
  distcache_keyspace_stats_t stats = stats_of(node.keyspace);
  distcache_result_t *result;
  (void)state;
  assert_int_equal(stats.gets, 0);
  assert_int_equal(stats.entries, 0);
  assert_get(node.keyspace, "7", "7!");
  assert_get(node.keyspace, "7", "7!");
  distcache_get(node.keyspace, BYTES("missing"), NULL, &result, NULL);
  distcache_get(node.keyspace, BYTES("bad"), NULL, &result, NULL);
  assert_ok(distcache_put(node.keyspace, BYTES("8"), BYTES("x"), NULL, NULL));
  assert_ok(distcache_delete(node.keyspace, BYTES("8"), NULL, NULL));
  stats = stats_of(node.keyspace);
  assert_int_equal(stats.gets, 4);
  assert_int_equal(stats.hits, 1);
  assert_int_equal(stats.loads, 3);
  assert_int_equal(stats.loads_ok, 1);
  assert_int_equal(stats.loads_not_found, 1);
  assert_int_equal(stats.loads_failed, 1);
  assert_int_equal(stats.puts, 1);
  assert_int_equal(stats.deletes, 1);
  assert_int_equal(stats.entries, 1);
  assert_true(stats.bytes > 3);
  assert_int_equal(stats.flights, 0);
  close_node(&node);
}

static void an_older_program_gets_the_counters_it_knows(void **state) {
  struct source source = SOURCE_INIT;
  struct node node = open_node(&source);
  distcache_keyspace_stats_t stats;
  struct {
    distcache_engine_stats_t known;
    uint64_t unknown;
  } grown;
  (void)state;
  assert_get(node.keyspace, "7", "7!");
  memset(&stats, 0, sizeof(stats));
  stats.struct_size = offsetof(distcache_keyspace_stats_t, mirror_hits);
  stats.mirror_hits = 4711;
  assert_ok(distcache_keyspace_stats_get(node.keyspace, &stats, NULL));
  assert_int_equal(stats.struct_size, offsetof(distcache_keyspace_stats_t, mirror_hits));
  assert_int_equal(stats.gets, 1);
  assert_int_equal(stats.mirror_hits, 4711);

  memset(&grown, 0, sizeof(grown));
  grown.known.struct_size = sizeof(grown);
  grown.unknown = 4711;
  assert_ok(distcache_engine_stats_get(node.cache, &grown.known, NULL));
  assert_int_equal(grown.known.struct_size, sizeof(grown.known));
  assert_int_equal(grown.unknown, 4711);
  assert_int_equal(grown.known.members, 1);
  assert_int_equal(grown.known.keyspaces, 1);
  close_node(&node);
}

static size_t stride_of(const distcache_peers_t *peers) {
  size_t stride;
  distcache_peers_items(peers, NULL, &stride);
  return stride;
}

static void peers_tell_the_ports(void **state) {
  distcache_config_t *config = new_config();
  distcache_t *cache;
  distcache_peers_t *peers;
  const distcache_peer_t *self;
  size_t count, stride;
  (void)state;
  assert_ok(distcache_config_set(config, "node.name", "alone", NULL));
  assert_ok(distcache_config_set(config, "node.weight", "3", NULL));
  cache = open_config(config);
  assert_ok(distcache_peers_get(cache, &peers, NULL));
  self = distcache_peers_items(peers, &count, &stride);
  assert_int_equal(count, 1);
  assert_true(stride >= sizeof(*self));
  assert_string_equal(self->name, "alone");
  assert_string_equal(self->host, "127.0.0.1");
  assert_string_equal(self->public_key, "");
  assert_true(self->data_port > 0 && self->data_port < 65536);
  assert_true(self->discovery_port > 0 && self->discovery_port != self->data_port);
  assert_int_equal(self->weight, 3);
  assert_int_equal(self->state, DISTCACHE_PEER_ALIVE);
  assert_int_equal(self->flags, DISTCACHE_PEER_SELF);
  assert_true(self->id != 0 && self->incarnation != 0);
  assert_ok(distcache_close(cache, 0, NULL));
  distcache_release(cache);
  assert_string_equal(self->name, "alone");
  distcache_peers_release(peers);
}

static void explain_tells_what_is_held(void **state) {
  struct source source = SOURCE_INIT;
  struct node node = open_node(&source);
  distcache_result_t *result;
  const distcache_item_t *item;
  (void)state;
  assert_get(node.keyspace, "7", "7!");
  assert_ok(distcache_explain(node.keyspace, BYTES("7"), &result, NULL));
  item = distcache_result_item(result, 0);
  assert_int_equal(item->data[0], '{');
  assert_int_equal(item->data[item->len], '\0');
  assert_non_null(strstr((const char *)item->data, "\"users\""));
  distcache_result_release(result);
  close_node(&node);
}

/* ---- logs and events ---------------------------------------------------------------------- */

struct observer {
  pthread_mutex_t mutex;
  int logs, joined, left, faults;
  int ready, quorum_lost, quorum_regained, rings, keyspaces, last;
  char peer[32], ring[128];
  struct counter finalized;
};
#define OBSERVER_INIT \
  { PTHREAD_MUTEX_INITIALIZER, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, "", "", COUNTER_INIT }

static void on_log(uintptr_t context, const distcache_log_record_t *record) {
  struct observer *observer = (struct observer *)context;
  pthread_mutex_lock(&observer->mutex);
  ++observer->logs;
  if (record->struct_size != sizeof(*record) || record->level < DISTCACHE_LOG_DEBUG ||
      record->level > DISTCACHE_LOG_ERROR || record->unix_ms < 1600000000000 ||
      record->component[0] == '\0' || record->message[0] == '\0' || record->fields_json[0] != '{') {
    ++observer->faults;
  }
  pthread_mutex_unlock(&observer->mutex);
}

static void on_event(uintptr_t context, const distcache_event_t *event) {
  struct observer *observer = (struct observer *)context;
  pthread_mutex_lock(&observer->mutex);
  if (event->kind == DISTCACHE_EVENT_PEER_JOINED) {
    ++observer->joined;
    snprintf(observer->peer, sizeof(observer->peer), "%s", event->peer);
  }
  if (event->kind == DISTCACHE_EVENT_PEER_LEFT) ++observer->left;
  if (event->kind == DISTCACHE_EVENT_READY) ++observer->ready;
  if (event->kind == DISTCACHE_EVENT_QUORUM_LOST) ++observer->quorum_lost;
  if (event->kind == DISTCACHE_EVENT_QUORUM_REGAINED) ++observer->quorum_regained;
  if (event->kind == DISTCACHE_EVENT_KEYSPACE_ADDED) ++observer->keyspaces;
  if (event->kind == DISTCACHE_EVENT_RING_CHANGED && strcmp(event->keyspace, "users") == 0) {
    ++observer->rings;
    snprintf(observer->ring, sizeof(observer->ring), "%s", event->json);
  }
  observer->last = event->kind;
  if (event->struct_size != sizeof(*event) || event->json[0] != '{') ++observer->faults;
  pthread_mutex_unlock(&observer->mutex);
}

static void observer_finalize(uintptr_t context) {
  counter_add(&((struct observer *)context)->finalized, 1);
}

static int observed(struct observer *observer, const int *number) {
  int value;
  pthread_mutex_lock(&observer->mutex);
  value = *number;
  pthread_mutex_unlock(&observer->mutex);
  return value;
}

static void logs_and_events_reach_their_callbacks(void **state) {
  struct observer observer = OBSERVER_INIT;
  distcache_config_t *config = new_config();
  distcache_t *first, *second;
  distcache_peers_t *peers;
  char address[64];
  (void)state;
  assert_ok(distcache_config_set(config, "node.name", "first", NULL));
  assert_ok(distcache_config_set(config, "log.level", "debug", NULL));
  assert_ok(distcache_config_set(config, "discovery.provider", "static", NULL));
  assert_ok(distcache_config_set(config, "discovery.peers", "127.0.0.1:9", NULL));
  assert_ok(distcache_config_set(config, "bootstrap.timeout.ms", "1", NULL));
  assert_ok(distcache_config_on_log(config, on_log, (uintptr_t)&observer, observer_finalize, NULL));
  assert_ok(
      distcache_config_on_event(config, on_event, (uintptr_t)&observer, observer_finalize, NULL));
  first = open_config(config);
  assert_int_equal(counter_get(&observer.finalized), 0);

  assert_ok(distcache_peers_get(first, &peers, NULL));
  snprintf(address, sizeof(address), "127.0.0.1:%u",
           distcache_peers_items(peers, NULL, NULL)->discovery_port);
  distcache_peers_release(peers);
  config = new_config();
  assert_ok(distcache_config_set(config, "node.name", "second", NULL));
  assert_ok(distcache_config_set(config, "discovery.provider", "static", NULL));
  assert_ok(distcache_config_set(config, "discovery.peers", address, NULL));
  second = open_config(config);
  wait_until(observed(&observer, &observer.joined) == 1);
  wait_until(observed(&observer, &observer.logs) > 0);
  assert_ok(distcache_close(second, 0, NULL));
  wait_until(observed(&observer, &observer.left) == 1);
  assert_ok(distcache_close(first, 0, NULL));
  assert_string_equal(observer.peer, "second");
  assert_int_equal(counter_get(&observer.finalized), 2);
  assert_int_equal(observer.faults, 0);
  distcache_release(first);
  distcache_release(second);
}

/* A keyspace comes, a member with a third of the weight comes and goes, and with it the quorum. */
static void events_tell_of_ring_quorum_and_keyspaces(void **state) {
  struct observer observer = OBSERVER_INIT;
  struct source source = SOURCE_INIT;
  distcache_config_t *config = new_config();
  distcache_t *first, *second;
  distcache_keyspace_t *users, *other;
  distcache_keyspace_stats_t stats;
  distcache_peers_t *peers;
  const distcache_peer_t *peer;
  char address[64], ring[128];
  int rings;
  size_t count;
  (void)state;
  assert_ok(distcache_config_set(config, "node.name", "first", NULL));
  assert_ok(distcache_config_set(config, "node.weight", "3", NULL));
  assert_ok(distcache_config_set(config, "quorum.min", "2", NULL));
  assert_ok(distcache_config_set(config, "discovery.provider", "static", NULL));
  assert_ok(distcache_config_set(config, "discovery.peers", "127.0.0.1:9", NULL));
  assert_ok(distcache_config_set(config, "bootstrap.timeout.ms", "1", NULL));
  assert_ok(
      distcache_config_on_event(config, on_event, (uintptr_t)&observer, observer_finalize, NULL));
  first = open_config(config);
  users = add_keyspace(first, "users", &source);
  wait_until(observed(&observer, &observer.keyspaces) == 1);
  wait_until(observed(&observer, &observer.rings) == 1);
  assert_int_equal(stats_of(users).ring_members, 1);

  assert_ok(distcache_peers_get(first, &peers, NULL));
  snprintf(address, sizeof(address), "127.0.0.1:%u",
           distcache_peers_items(peers, NULL, NULL)->discovery_port);
  distcache_peers_release(peers);
  config = new_config();
  assert_ok(distcache_config_set(config, "node.name", "second", NULL));
  assert_ok(distcache_config_set(config, "discovery.provider", "static", NULL));
  assert_ok(distcache_config_set(config, "discovery.peers", address, NULL));
  second = open_config(config);
  other = add_keyspace(second, "users", &source);
  wait_until(observed(&observer, &observer.quorum_regained) > 0);
  wait_until(observed(&observer, &observer.ready) > 0);
  wait_until(stats_of(users).ring_members == 2);
  wait_until(stats_of(other).ring_members == 2);
  stats = stats_of(users);
  assert_true(stats.ring_changes >= 2);
  assert_true(stats.ring_id == stats_of(other).ring_id);
  wait_until((uint64_t)observed(&observer, &observer.rings) >= stats.ring_changes);
  snprintf(ring, sizeof(ring), "%016llx", (unsigned long long)stats.ring_id);
  pthread_mutex_lock(&observer.mutex);
  assert_non_null(strstr(observer.ring, ring));
  pthread_mutex_unlock(&observer.mutex);

  rings = observed(&observer, &observer.rings);
  assert_ok(distcache_close(second, 0, NULL));
  wait_until(observed(&observer, &observer.quorum_lost) > 0);
  wait_until(observed(&observer, &observer.rings) > rings);
  assert_ok(distcache_peers_get(first, &peers, NULL));
  peer = distcache_peers_items(peers, &count, NULL);
  assert_int_equal(count, 2);
  assert_int_equal(peer->weight, 3);
  peer = (const distcache_peer_t *)((const char *)peer + stride_of(peers));
  assert_string_equal(peer->name, "second");
  assert_int_equal(peer->state, DISTCACHE_PEER_LEFT);
  distcache_peers_release(peers);

  assert_ok(distcache_close(first, 0, NULL));
  assert_int_equal(observer.last, DISTCACHE_EVENT_CLOSED);
  assert_int_equal(observer.faults, 0);
  assert_int_equal(counter_get(&observer.finalized), 1);
  distcache_keyspace_release(users);
  distcache_keyspace_release(other);
  distcache_release(first);
  distcache_release(second);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(counters_count),
      cmocka_unit_test(an_older_program_gets_the_counters_it_knows),
      cmocka_unit_test(peers_tell_the_ports),
      cmocka_unit_test(explain_tells_what_is_held),
      cmocka_unit_test(logs_and_events_reach_their_callbacks),
      cmocka_unit_test(events_tell_of_ring_quorum_and_keyspaces),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
