#define _DEFAULT_SOURCE
#include "places.h"

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct row *row(void) { return &rows[progress->at]; }

/* What is wrong after the last call of a row, and its cleaning up. */
static const char *finish(struct world *w, const char *fault) {
  const char *unclean = world_clean(w);
  if (fault == NULL) fault = unclean;
  return fault != NULL ? fault : world_serves(w);
}

/* ---- a thread of the library that works for us -------------------------------------------- */

/* Its callback stays in here until it is sent away. */
struct stage {
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  enum { EMPTY, IDLE, BUSY, LEAVING } state;
  void (*call)(struct world *w);
  struct world *world;
  int wanted; /* the next event is to come in */
};
static struct stage stage = {
    PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, EMPTY, NULL, NULL, 0};

static void stage_serve(void) {
  pthread_mutex_lock(&stage.mutex);
  stage.state = IDLE;
  while (stage.state != LEAVING) {
    if (stage.state == BUSY) {
      pthread_mutex_unlock(&stage.mutex);
      stage.call(stage.world);
      pthread_mutex_lock(&stage.mutex);
      stage.state = IDLE;
    }
    pthread_cond_broadcast(&stage.changed);
    while (stage.state == IDLE) pthread_cond_wait(&stage.changed, &stage.mutex);
  }
  stage.state = EMPTY;
  pthread_cond_broadcast(&stage.changed);
  pthread_mutex_unlock(&stage.mutex);
}

static void stage_wait(int state) {
  while ((int)stage.state != state) pthread_cond_wait(&stage.changed, &stage.mutex);
}

static void stage_call(struct world *w, void (*call)(struct world *w)) {
  pthread_mutex_lock(&stage.mutex);
  stage_wait(IDLE);
  stage.call = call;
  stage.world = w;
  stage.state = BUSY;
  pthread_cond_broadcast(&stage.changed);
  stage_wait(IDLE);
  pthread_mutex_unlock(&stage.mutex);
}

static void stage_leave(void) {
  pthread_mutex_lock(&stage.mutex);
  stage_wait(IDLE);
  stage.state = LEAVING;
  pthread_cond_broadcast(&stage.changed);
  stage_wait(EMPTY);
  pthread_mutex_unlock(&stage.mutex);
}

static void serve_in_source(uintptr_t context, distcache_fetch_t *fetch) {
  (void)context;
  stage_serve();
  distcache_fetch_not_found(fetch);
}

static void serve_in_completion(uintptr_t context, distcache_status_t status,
                                distcache_result_t *result, distcache_error_t *error) {
  stage_serve();
  count_done(context, status, result, error);
}

static void serve_in_event(uintptr_t context, const distcache_event_t *event) {
  int wanted;
  (void)context, (void)event;
  pthread_mutex_lock(&stage.mutex);
  wanted = stage.wanted;
  stage.wanted = 0;
  pthread_mutex_unlock(&stage.mutex);
  if (wanted) stage_serve();
}

static void enter_source(struct world *w) {
  distcache_keyspace_def_t *def;
  distcache_keyspace_t *keyspace;
  MUST(distcache_keyspace_def_new("stage", &def, NULL) == DISTCACHE_OK);
  MUST(distcache_keyspace_def_set(def, "bytes.max", "1MiB", NULL) == DISTCACHE_OK);
  MUST(distcache_keyspace_def_set(def, "read.timeout.ms", "1h", NULL) == DISTCACHE_OK);
  MUST(distcache_keyspace_def_source(def, serve_in_source, 0, NULL, NULL) == DISTCACHE_OK);
  MUST(distcache_keyspace_add(w->cache, def, &keyspace, NULL) == DISTCACHE_OK);
  distcache_keyspace_def_release(def);
  MUST(distcache_get_async(keyspace, w->key, 1, NULL, count_done, w->context, NULL, NULL) ==
       DISTCACHE_OK);
  ++w->accepted;
  distcache_keyspace_release(keyspace);
}

static void enter_completion(struct world *w) {
  MUST(distcache_get_async(w->keyspace, w->held, HELD_BYTES, NULL, serve_in_completion, w->context,
                           NULL, NULL) == DISTCACHE_OK);
  ++w->accepted;
}

/* A second engine joins, which is an event for the first. */
static void enter_observer(struct world *w) {
  distcache_config_t *config;
  distcache_peers_t *peers;
  distcache_t *second;
  char address[64];
  MUST(distcache_peers_get(w->cache, &peers, NULL) == DISTCACHE_OK);
  snprintf(address, sizeof(address), "127.0.0.1:%u",
           distcache_peers_items(peers, NULL, NULL)->discovery_port);
  distcache_peers_release(peers);
  MUST(distcache_config_new(DISTCACHE_ABI, &config, NULL) == DISTCACHE_OK);
  MUST(distcache_config_set(config, "bind.port", "0", NULL) == DISTCACHE_OK);
  MUST(distcache_config_set(config, "discovery.port", "0", NULL) == DISTCACHE_OK);
  MUST(distcache_config_set(config, "discovery.provider", "static", NULL) == DISTCACHE_OK);
  MUST(distcache_config_set(config, "discovery.peers", address, NULL) == DISTCACHE_OK);
  pthread_mutex_lock(&stage.mutex);
  stage.wanted = 1;
  pthread_mutex_unlock(&stage.mutex);
  MUST(distcache_open(config, &second, NULL) == DISTCACHE_OK);
  distcache_config_release(config);
  pthread_mutex_lock(&stage.mutex);
  stage_wait(IDLE);
  pthread_mutex_unlock(&stage.mutex);
  MUST(distcache_close(second, 0, NULL) == DISTCACHE_OK);
  distcache_release(second);
}

/* ---- in a finaliser ----------------------------------------------------------------------- */

static struct world *world_of_finalizer;

static void call_row(uintptr_t context) {
  (void)context;
  row()->call(world_of_finalizer);
}

/* A keyspace is removed: its source ends, inside of that call. */
static void call_in_finalizer(struct world *w) {
  distcache_keyspace_def_t *def;
  world_of_finalizer = w;
  MUST(distcache_keyspace_def_new("final", &def, NULL) == DISTCACHE_OK);
  MUST(distcache_keyspace_def_set(def, "bytes.max", "1MiB", NULL) == DISTCACHE_OK);
  MUST(distcache_keyspace_def_source(def, fetch_nothing, 0, call_row, NULL) == DISTCACHE_OK);
  MUST(distcache_keyspace_add(w->cache, def, NULL, NULL) == DISTCACHE_OK);
  distcache_keyspace_def_release(def);
  MUST(distcache_keyspace_remove(w->cache, "final", NULL) == DISTCACHE_OK);
}

/* ---- rows with everything open ------------------------------------------------------------ */

static const char *run_row(struct world *w, enum place place) {
  const char *fault = NULL;
  if (row()->call == NULL) return "there is no such row";
  world_prepare(w, row()->uses);
  if (place == TWICE) {
    row()->call(w);
    fault = world_judge(w, row(), &row()->answer);
    world_forget(w);
  }
  if (fault == NULL) {
    if (place == FINALIZER) {
      call_in_finalizer(w);
    } else if (place == ARGUMENTS || place == TWICE) {
      row()->call(w);
    } else {
      stage_call(w, row()->call);
    }
    fault = world_judge(w, row(), place == TWICE ? &row()->second : &row()->answer);
  }
  return finish(w, fault);
}

static void run_open(enum place place) {
  struct world w;
  const int staged = place == SOURCE || place == EVENT || place == OBSERVER;
  world_begin(&w);
  world_open(&w, serve_in_event);
  if (place == SOURCE) enter_source(&w);
  if (place == EVENT) enter_completion(&w);
  w.holds_event_thread = place == EVENT;
  if (place == OBSERVER) enter_observer(&w);
  for (; next_row(place);) row_ends(run_row(&w, place));
  if (staged) stage_leave();
  MUST(world_finalized(&w) == NULL);
  world_close(&w);
  world_end(&w);
}

/* ---- in a child, and before anything is open ----------------------------------------------- */

static void run_here(struct world *w, enum place place) {
  for (; next_row(place);) {
    const char *fault, *unclean;
    world_prepare(w, 0);
    row()->call(w);
    fault = world_judge(w, row(), &row()->answer);
    unclean = world_clean(w);
    row_ends(fault != NULL ? fault : unclean);
    if (place == BEFORE) return;
  }
}

static int fork_and_run(struct world *w, enum place place) {
  int status = -1;
  const pid_t child = fork();
  MUST(child >= 0);
  if (child == 0) {
    run_here(w, place);
    fflush(stdout);
    _exit(0);
  }
  progress->child = child;
  MUST(waitpid(child, &status, 0) == child);
  progress->child = 0;
  return status;
}

/* The child's death is this process' death, which the runner tells with the row's name. */
static void run_child(void) {
  struct world w;
  world_begin(&w);
  world_open(&w, NULL);
  world_prepare(&w, USES_LOAD | USES_BATCH);
  w.fresh_cache = w.cache;
  w.fresh_keyspace = w.keyspace;
  w.state = IN_CHILD;
  if (fork_and_run(&w, CHILD) != 0) _exit(99);
  w.state = ALL_OPEN;
  w.fresh_cache = NULL;
  w.fresh_keyspace = NULL;
  MUST(world_clean(&w) == NULL);
  MUST(world_serves(&w) == NULL);
  world_close(&w);
  world_end(&w);
}

static void run_before(void) {
  struct world w;
  world_begin(&w);
  while (next_row(BEFORE)) {
    if (fork_and_run(&w, BEFORE) != 0) _exit(99);
  }
  world_end(&w);
}

/* ---- during close -------------------------------------------------------------------------- */

struct closer {
  distcache_t *cache;
  int64_t timeout_ms;
  int closed;
};

static void *close_engine(void *argument) {
  struct closer *closer = argument;
  const distcache_status_t status = distcache_close(closer->cache, closer->timeout_ms, NULL);
  /* CLOSED: the row has released the handle before we came. */
  MUST(status == DISTCACHE_OK || status == DISTCACHE_TIMED_OUT || status == DISTCACHE_CLOSED);
  __atomic_store_n(&closer->closed, 1, __ATOMIC_RELEASE);
  return NULL;
}

/* What a call may answer while its engine closes: as before, as once more, CLOSED, or of a fetch
 * that it has been answered or that nobody waits any more. */
static const char *judge_closing(struct world *w) {
  const struct answer allowed[] = {row()->answer,
                                   row()->second,
                                   {STATUS_IS, DISTCACHE_CLOSED},
                                   {STATUS_IS, DISTCACHE_CANCELLED},
                                   {STATUS_IS, DISTCACHE_INVALID_ARGUMENT},
                                   {REFUSED_HOLDS, 0}};
  const char *fault = NULL;
  size_t i;
  for (i = 0; i < sizeof(allowed) / sizeof(allowed[0]); ++i) {
    const int is_status = allowed[i].kind == STATUS_IS;
    if (is_status != (row()->answer.kind == STATUS_IS)) continue;
    fault = world_judge(w, row(), &allowed[i]);
    if (fault == NULL || (is_status && w->status == allowed[i].status)) return fault;
  }
  return fault;
}

static const char *call_while_closing(struct world *w) {
  /* Loads that the row does not answer are waited for. */
  struct closer closer = {w->cache, row()->uses & (USES_LOAD | USES_BATCH) ? 20 : 0, 0};
  pthread_t thread;
  const char *fault = NULL;
  int closed = 0;
  MUST(pthread_create(&thread, NULL, close_engine, &closer) == 0);
  while (!closed) {
    closed = __atomic_load_n(&closer.closed, __ATOMIC_ACQUIRE);
    row()->call(w);
    if (fault == NULL) fault = judge_closing(w);
    world_forget(w);
    distcache_view_release(&w->view);
  }
  pthread_join(thread, NULL);
  return fault;
}

static const char *run_closing_row(void) {
  struct world w;
  const char *fault, *unclean;
  world_begin(&w);
  world_open(&w, NULL);
  world_prepare(&w, (row()->uses & (USES_LOAD | USES_BATCH)));
  w.fresh_cache = w.cache;
  w.fresh_keyspace = w.keyspace;
  w.state = IS_CLOSING;
  fault = call_while_closing(&w);
  unclean = world_clean(&w);
  world_close(&w);
  world_end(&w);
  return fault != NULL ? fault : unclean;
}

/* ---- all of them --------------------------------------------------------------------------- */

const char *place_name(enum place place) {
  static const char *const names[PLACES] = {"with wrong arguments",
                                            "called twice",
                                            "on a SOURCE thread",
                                            "on an EVENT thread",
                                            "on the OBSERVER thread",
                                            "in a finaliser",
                                            "in a forked child",
                                            "before open",
                                            "during close"};
  return names[place];
}

void run_rows(enum place place) {
  switch (place) {
    case CHILD:
      run_child();
      break;
    case BEFORE:
      run_before();
      break;
    case CLOSING:
      while (next_row(CLOSING)) row_ends(run_closing_row());
      break;
    default:
      run_open(place);
  }
}
