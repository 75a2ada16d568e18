/* What a callback may do to the engine that calls it: end it, its handles, its keyspace and its own
 * registration, answer from many threads, ask in circles. Each has a status, and each context ends
 * once. What every function answers on each kind of thread is in misuse/. */
#include "keeper.h"

struct stage {
  distcache_t *cache;
  distcache_keyspace_t *keyspace;
  void (*act)(struct stage *);
  distcache_status_t close, other, answer;
  struct counter acted, finalized;
};
#define STAGE_INIT \
  { NULL, NULL, NULL, 0, 0, 0, COUNTER_INIT, COUNTER_INIT }

static void end_stage(uintptr_t context) { counter_add(&((struct stage *)context)->finalized, 1); }

/* Acts once, and answers. */
static void act_in_source(uintptr_t context, distcache_fetch_t *fetch) {
  struct stage *stage = (struct stage *)context;
  if (counter_get(&stage->acted) == 0) stage->act(stage);
  stage->answer = distcache_fetch_complete(fetch, BYTES("done"), NULL);
  counter_add(&stage->acted, 1);
}

static void act_in_completion(uintptr_t context, distcache_status_t status,
                              distcache_result_t *result, distcache_error_t *error) {
  struct stage *stage = (struct stage *)context;
  (void)status;
  stage->act(stage);
  distcache_result_release(result);
  distcache_error_release(error);
  counter_add(&stage->acted, 1);
}

static void act_in_event(uintptr_t context, const distcache_event_t *event) {
  struct stage *stage = (struct stage *)context;
  if (event->kind != DISTCACHE_EVENT_PEER_JOINED || counter_get(&stage->acted) != 0) return;
  stage->act(stage);
  counter_add(&stage->acted, 1);
}

static void close_it(struct stage *stage) {
  distcache_error_t *err;
  stage->close = distcache_close(stage->cache, 0, &err);
  assert_error(err, stage->close, "");
}

static void release_all(struct stage *stage) {
  distcache_keyspace_release(stage->keyspace);
  distcache_release(stage->cache);
  stage->other = distcache_close(stage->cache, 0, NULL);
}

static void remove_it(struct stage *stage) {
  stage->other = distcache_keyspace_remove(stage->cache, "stage", NULL);
}

static void replace_source(struct stage *stage) {
  static struct source second = SOURCE_INIT;
  distcache_keyspace_def_t *def = new_def("stage", &second);
  stage->other = distcache_keyspace_update(stage->cache, def, NULL);
  distcache_keyspace_def_release(def);
}

static void open_stage(struct stage *stage, void (*act)(struct stage *)) {
  distcache_config_t *config = new_config();
  distcache_keyspace_def_t *def = new_def("stage", NULL);
  stage->act = act;
  assert_ok(distcache_keyspace_def_set(def, "read.timeout.ms", "10m", NULL));
  assert_ok(distcache_keyspace_def_source(def, act_in_source, (uintptr_t)stage, end_stage, NULL));
  assert_ok(distcache_config_on_event(config, act_in_event, (uintptr_t)stage, end_stage, NULL));
  stage->cache = open_config(config);
  stage->keyspace = add_def(stage->cache, def);
  counter_add(&stage->acted, 0); /* whoever looks at it next sees the handles */
}

/* The source's context and that of the events. */
static void close_stage(struct stage *stage) {
  distcache_keyspace_release(stage->keyspace);
  assert_ok(distcache_close(stage->cache, 0, NULL));
  distcache_release(stage->cache);
  assert_int_equal(counter_get(&stage->finalized), 2);
}

/* ---- from a source ------------------------------------------------------------------------ */

static void a_source_cannot_close_its_engine(void **state) {
  struct stage stage = STAGE_INIT;
  (void)state;
  open_stage(&stage, close_it);
  assert_get(stage.keyspace, "7", "done");
  assert_int_equal(stage.close, DISTCACHE_WOULD_DEADLOCK);
  assert_get(stage.keyspace, "8", "done");
  close_stage(&stage);
}

static void a_source_may_release_its_engine(void **state) {
  struct stage stage = STAGE_INIT;
  distcache_result_t *result;
  distcache_status_t status;
  (void)state;
  open_stage(&stage, release_all);
  status = distcache_get(stage.keyspace, BYTES("7"), NULL, &result, NULL);
  assert_true(status == DISTCACHE_OK || status == DISTCACHE_CLOSED);
  distcache_result_release(result);
  assert_int_equal(stage.other, DISTCACHE_CLOSED);
  wait_until(counter_get(&stage.finalized) == 2);
}

static void a_source_may_remove_its_keyspace(void **state) {
  struct stage stage = STAGE_INIT;
  distcache_result_t *result;
  (void)state;
  open_stage(&stage, remove_it);
  assert_status(DISTCACHE_NO_KEYSPACE,
                distcache_get(stage.keyspace, BYTES("7"), NULL, &result, NULL));
  wait_until(counter_get(&stage.acted) == 1);
  assert_int_equal(stage.other, DISTCACHE_OK);
  assert_int_equal(stage.answer, DISTCACHE_CANCELLED);
  wait_until(counter_get(&stage.finalized) == 1);
  close_stage(&stage);
}

static void a_source_may_replace_itself(void **state) {
  struct stage stage = STAGE_INIT;
  (void)state;
  open_stage(&stage, replace_source);
  assert_get(stage.keyspace, "7", "done");
  assert_int_equal(stage.other, DISTCACHE_OK);
  assert_get(stage.keyspace, "8", "8!");
  wait_until(counter_get(&stage.finalized) == 1);
  close_stage(&stage);
}

/* ---- from a completion -------------------------------------------------------------------- */

static void complete_with(struct stage *stage, void (*act)(struct stage *)) {
  struct source source = SOURCE_INIT;
  distcache_keyspace_t *users;
  open_stage(stage, act);
  users = add_keyspace(stage->cache, "users", &source);
  assert_ok(distcache_get_async(users, BYTES("7"), NULL, act_in_completion, (uintptr_t)stage, NULL,
                                NULL));
  distcache_keyspace_release(users);
  wait_until(counter_get(&stage->acted) == 1);
  if (act == release_all) wait_until(source_finalized(&source) == 1);
  if (act != release_all) close_stage(stage);
}

static void a_completion_cannot_close_its_engine(void **state) {
  struct stage stage = STAGE_INIT;
  (void)state;
  complete_with(&stage, close_it);
  assert_int_equal(stage.close, DISTCACHE_WOULD_DEADLOCK);
}

static void a_completion_may_release_its_engine(void **state) {
  struct stage stage = STAGE_INIT;
  (void)state;
  complete_with(&stage, release_all);
  assert_int_equal(stage.other, DISTCACHE_CLOSED);
  wait_until(counter_get(&stage.finalized) == 2);
}

static void a_completion_may_remove_a_keyspace(void **state) {
  struct stage stage = STAGE_INIT;
  (void)state;
  complete_with(&stage, remove_it);
  assert_int_equal(stage.other, DISTCACHE_OK);
}

/* ---- from an event ------------------------------------------------------------------------ */

/* A second engine that joins is the event. */
static distcache_t *join(distcache_t *first) {
  distcache_config_t *config = new_config();
  distcache_peers_t *peers;
  char address[64];
  assert_ok(distcache_peers_get(first, &peers, NULL));
  snprintf(address, sizeof(address), "127.0.0.1:%u",
           distcache_peers_items(peers, NULL, NULL)->discovery_port);
  distcache_peers_release(peers);
  assert_ok(distcache_config_set(config, "discovery.provider", "static", NULL));
  assert_ok(distcache_config_set(config, "discovery.peers", address, NULL));
  return open_config(config);
}

static void observe_with(struct stage *stage, void (*act)(struct stage *)) {
  distcache_t *second;
  open_stage(stage, act);
  second = join(stage->cache);
  wait_until(counter_get(&stage->acted) == 1);
  assert_ok(distcache_close(second, 0, NULL));
  distcache_release(second);
  if (act != release_all) close_stage(stage);
}

static void an_observer_cannot_close_its_engine(void **state) {
  struct stage stage = STAGE_INIT;
  (void)state;
  observe_with(&stage, close_it);
  assert_int_equal(stage.close, DISTCACHE_WOULD_DEADLOCK);
}

static void an_observer_may_release_its_engine(void **state) {
  struct stage stage = STAGE_INIT;
  (void)state;
  observe_with(&stage, release_all);
  assert_int_equal(stage.other, DISTCACHE_CLOSED);
  wait_until(counter_get(&stage.finalized) == 2);
}

static void an_observer_may_remove_a_keyspace(void **state) {
  struct stage stage = STAGE_INIT;
  (void)state;
  observe_with(&stage, remove_it);
  assert_int_equal(stage.other, DISTCACHE_OK);
}

/* ---- answers ------------------------------------------------------------------------------ */

#define ANSWERERS 8

struct answerers {
  distcache_fetch_t *fetch;
  struct counter taken, refused;
};

static void *answer_it(void *argument) {
  struct answerers *all = argument;
  const distcache_status_t status = distcache_fetch_complete(all->fetch, BYTES("x"), NULL);
  if (status == DISTCACHE_OK) counter_add(&all->taken, 1);
  if (status == DISTCACHE_INVALID_ARGUMENT) counter_add(&all->refused, 1);
  return NULL;
}

static void of_many_answers_at_once_one_is_taken(void **state) {
  struct keeper keeper = KEEPER_INIT;
  struct node node = open_keeper(&keeper, "10m");
  char key[16];
  int round, i;
  (void)state;
  for (round = 0; round < 50; ++round) {
    struct answerers all = {NULL, COUNTER_INIT, COUNTER_INIT};
    struct reader reader;
    pthread_t threads[ANSWERERS];
    snprintf(key, sizeof(key), "%d", round);
    keeper.fetch = NULL;
    start_reader(&reader, &node, key, 60000);
    wait_until(kept_fetch(&keeper) != NULL);
    all.fetch = kept_fetch(&keeper);
    for (i = 0; i < ANSWERERS; ++i) pthread_create(&threads[i], NULL, answer_it, &all);
    for (i = 0; i < ANSWERERS; ++i) pthread_join(threads[i], NULL);
    pthread_join(reader.thread, NULL);
    assert_int_equal(reader.status, DISTCACHE_OK);
    assert_int_equal(counter_get(&all.taken), 1);
    assert_int_equal(counter_get(&all.refused), ANSWERERS - 1);
  }
  assert_int_equal(answers_ignored(&node), 50 * (ANSWERERS - 1));
  close_node(&node);
  assert_int_equal(counter_get(&keeper.finalized), 1);
}

/* ---- circles ------------------------------------------------------------------------------ */

static distcache_keyspace_t *circle[2];
static struct counter deepest;

/* "c..." asks for itself in the other keyspace and back; "n<number>" for the number below it, and
 * "e<number>" for the one above, without end. */
static void fetch_circle(uintptr_t context, distcache_fetch_t *fetch) {
  distcache_options_t options = DISTCACHE_OPTIONS_INIT;
  const int here = context == 1;
  char key[16] = "", next[16], value[64];
  size_t len;
  const uint8_t *asked = distcache_fetch_key(fetch, &len);
  long number;
  distcache_status_t status = DISTCACHE_OK;
  memcpy(key, asked, len);
  number = strtol(key + 1, NULL, 10);
  options.timeout_ms = 600000;
  counter_add(&deepest, 1);
  snprintf(next, sizeof(next), "%c%ld", key[0],
           key[0] == 'n' ? number - 1 : number + (key[0] == 'e'));
  if (key[0] != 'n' || number > 0) {
    status = distcache_get_into(circle[key[0] == 'c' ? !here : here], BYTES(next), &options,
                                (uint8_t *)value, sizeof(value), &len, NULL);
  }
  if (status == DISTCACHE_OK) {
    distcache_fetch_complete(fetch, BYTES("bottom"), NULL);
  } else {
    distcache_fetch_fail(fetch, 0, distcache_status_name(status));
  }
}

static distcache_t *open_circle(const char *timeout) {
  distcache_t *cache = open_alone();
  int i;
  for (i = 0; i < 2; ++i) {
    distcache_keyspace_def_t *def = new_def(i == 0 ? "this" : "that", NULL);
    assert_ok(distcache_keyspace_def_set(def, "read.timeout.ms", timeout, NULL));
    assert_ok(distcache_keyspace_def_source(def, fetch_circle, (uintptr_t)i, NULL, NULL));
    circle[i] = add_def(cache, def);
  }
  return cache;
}

static void close_circle(distcache_t *cache) {
  distcache_keyspace_release(circle[0]);
  distcache_keyspace_release(circle[1]);
  assert_ok(distcache_close(cache, 0, NULL));
  distcache_release(cache);
}

static void a_circle_of_keyspaces_is_found(void **state) {
  distcache_t *cache = open_circle("10m");
  distcache_result_t *result;
  distcache_error_t *err;
  (void)state;
  assert_status(DISTCACHE_SOURCE_FAILED,
                distcache_get(circle[0], BYTES("c1"), NULL, &result, &err));
  assert_error(err, DISTCACHE_SOURCE_FAILED, "SOURCE_FAILED");
  assert_status(DISTCACHE_SOURCE_FAILED,
                distcache_get(circle[1], BYTES("c1"), NULL, &result, &err));
  assert_error(err, DISTCACHE_SOURCE_FAILED, "SOURCE_FAILED");
  close_circle(cache);
}

static void a_chain_of_sources_is_no_circle(void **state) {
  distcache_t *cache = open_circle("10m");
  (void)state;
  assert_get(circle[0], "n7", "bottom");
  close_circle(cache);
}

/* More sources wait for each other than there may be threads: it ends with the deadline. */
static void an_endless_chain_ends(void **state) {
  distcache_t *cache = open_circle("2s");
  distcache_result_t *result;
  distcache_status_t status;
  (void)state;
  status = distcache_get(circle[0], BYTES("e1"), NULL, &result, NULL);
  assert_true(status == DISTCACHE_TIMED_OUT || status == DISTCACHE_SOURCE_FAILED);
  assert_true(counter_get(&deepest) > 1);
  assert_ok(distcache_put(circle[0], BYTES("p"), BYTES("x"), NULL, NULL));
  distcache_keyspace_release(circle[0]);
  distcache_keyspace_release(circle[1]);
  status = distcache_close(cache, 0, NULL);
  assert_true(status == DISTCACHE_OK || status == DISTCACHE_TIMED_OUT);
  distcache_release(cache);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_source_cannot_close_its_engine),
      cmocka_unit_test(a_source_may_release_its_engine),
      cmocka_unit_test(a_source_may_remove_its_keyspace),
      cmocka_unit_test(a_source_may_replace_itself),
      cmocka_unit_test(a_completion_cannot_close_its_engine),
      cmocka_unit_test(a_completion_may_release_its_engine),
      cmocka_unit_test(a_completion_may_remove_a_keyspace),
      cmocka_unit_test(an_observer_cannot_close_its_engine),
      cmocka_unit_test(an_observer_may_release_its_engine),
      cmocka_unit_test(an_observer_may_remove_a_keyspace),
      cmocka_unit_test(of_many_answers_at_once_one_is_taken),
      cmocka_unit_test(a_circle_of_keyspaces_is_found),
      cmocka_unit_test(a_chain_of_sources_is_no_circle),
      cmocka_unit_test(an_endless_chain_ends),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
