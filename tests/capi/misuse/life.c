/* The life of a world: engines and keyspaces in all states, and what each row uses up. */
#include "world.h"

static int counted(int *counter) { return __atomic_load_n(counter, __ATOMIC_ACQUIRE); }

/* ---- callbacks --------------------------------------------------------------------------- */

void count_finalized(uintptr_t context) {
  __atomic_add_fetch(&((struct world *)context)->finalized, 1, __ATOMIC_ACQ_REL);
}

void count_done(uintptr_t context, distcache_status_t status, distcache_result_t *result,
                distcache_error_t *error) {
  distcache_result_release(result);
  distcache_error_release(error);
  (void)status;
  __atomic_add_fetch(&((struct world *)context)->completed, 1, __ATOMIC_ACQ_REL);
}

void fetch_nothing(uintptr_t context, distcache_fetch_t *fetch) {
  (void)context;
  distcache_fetch_not_found(fetch);
}
void fetch_value(uintptr_t context, distcache_fetch_t *fetch) {
  (void)context;
  distcache_fetch_complete(fetch, (const uint8_t *)"7!", 2, NULL);
}
void fetch_many_nothing(uintptr_t context, distcache_fetch_many_t *batch) {
  (void)context;
  distcache_fetch_many_end(batch, 0, NULL);
}
void log_nothing(uintptr_t context, const distcache_log_record_t *record) {
  (void)context, (void)record;
}
void event_nothing(uintptr_t context, const distcache_event_t *event) {
  (void)context, (void)event;
}

/* "7" is "7!". */
static void fetch_user(uintptr_t context, distcache_fetch_t *fetch) {
  uint8_t value[DISTCACHE_KEY_BYTES_MAX + 1];
  size_t len;
  const uint8_t *key = distcache_fetch_key(fetch, &len);
  (void)context;
  memcpy(value, key, len);
  value[len] = '!';
  distcache_fetch_complete(fetch, value, len + 1, NULL);
}

static void keep_fetch(uintptr_t context, distcache_fetch_t *fetch) {
  __atomic_store_n(&((struct world *)context)->fetch, fetch, __ATOMIC_RELEASE);
}
static void keep_batch(uintptr_t context, distcache_fetch_many_t *batch) {
  __atomic_store_n(&((struct world *)context)->batch, batch, __ATOMIC_RELEASE);
}

/* ---- engines and keyspaces --------------------------------------------------------------- */

static distcache_config_t *new_config(void) {
  distcache_config_t *config;
  MUST(distcache_config_new(DISTCACHE_ABI, &config, NULL) == DISTCACHE_OK);
  MUST(distcache_config_set(config, "bind.port", "0", NULL) == DISTCACHE_OK);
  MUST(distcache_config_set(config, "discovery.port", "0", NULL) == DISTCACHE_OK);
  return config;
}

static distcache_t *open_engine(distcache_event_fn event, uintptr_t context) {
  distcache_config_t *config = new_config();
  distcache_t *cache;
  if (event != NULL) {
    MUST(distcache_config_on_event(config, event, context, NULL, NULL) == DISTCACHE_OK);
  }
  MUST(distcache_open(config, &cache, NULL) == DISTCACHE_OK);
  distcache_config_release(config);
  return cache;
}

static distcache_keyspace_def_t *new_def(const char *name) {
  distcache_keyspace_def_t *def;
  char bytes[32];
  MUST(distcache_keyspace_def_new(name, &def, NULL) == DISTCACHE_OK);
  MUST(distcache_keyspace_def_set(def, "bytes.max", "8MiB", NULL) == DISTCACHE_OK);
  snprintf(bytes, sizeof(bytes), "%d", VALUE_BYTES_MAX);
  MUST(distcache_keyspace_def_set(def, "value.bytes.max", bytes, NULL) == DISTCACHE_OK);
  MUST(distcache_keyspace_def_set(def, "read.timeout.ms", "10m", NULL) == DISTCACHE_OK);
  MUST(distcache_keyspace_def_set(def, "write.timeout.ms", "10m", NULL) == DISTCACHE_OK);
  return def;
}

static distcache_keyspace_def_t *def_of_users(void) {
  distcache_keyspace_def_t *def = new_def("users");
  MUST(distcache_keyspace_def_source(def, fetch_user, 0, NULL, NULL) == DISTCACHE_OK);
  return def;
}

static distcache_keyspace_t *add(distcache_t *cache, distcache_keyspace_def_t *def) {
  distcache_keyspace_t *keyspace;
  MUST(distcache_keyspace_add(cache, def, &keyspace, NULL) == DISTCACHE_OK);
  distcache_keyspace_def_release(def);
  return keyspace;
}

static void add_kept(struct world *w) {
  distcache_keyspace_def_t *def = new_def("kept");
  MUST(distcache_keyspace_def_source(def, keep_fetch, w->context, NULL, NULL) == DISTCACHE_OK);
  w->kept = add(w->cache, def);
  def = new_def("kept_many");
  MUST(distcache_keyspace_def_source_many(def, keep_batch, w->context, NULL, NULL) == DISTCACHE_OK);
  w->kept_many = add(w->cache, def);
}

static void hold(struct world *w) {
  distcache_result_t *result;
  MUST(distcache_get(w->keyspace, w->held, HELD_BYTES, NULL, &result, NULL) == DISTCACHE_OK);
  distcache_result_release(result);
}

void world_open(struct world *w, distcache_event_fn event) {
  distcache_keyspace_t *keyspace;
  w->state = ALL_OPEN;
  w->cache = open_engine(event, w->context);
  w->keyspace = add(w->cache, def_of_users());
  hold(w);
  add_kept(w);

  w->removed_keyspace = add(w->cache, new_def("removed"));
  MUST(distcache_keyspace_remove(w->cache, "removed", NULL) == DISTCACHE_OK);
  MUST(distcache_keyspace_lookup(w->cache, "users", &keyspace, NULL) == DISTCACHE_OK);
  distcache_keyspace_release(keyspace);
  w->released_keyspace = keyspace;
  w->closed_cache = open_engine(NULL, 0);
  w->closed_keyspace = add(w->closed_cache, def_of_users());
  MUST(distcache_close(w->closed_cache, 0, NULL) == DISTCACHE_OK);
  w->released_cache = open_engine(NULL, 0);
  MUST(distcache_close(w->released_cache, 0, NULL) == DISTCACHE_OK);
  distcache_release(w->released_cache);

  world_prepare(w, USES_LOAD | USES_BATCH);
  w->ended_fetch = w->fetch;
  w->ended_batch = w->batch;
  w->ended_op = w->op;
  MUST(world_clean(w) == NULL);
}

void world_close(struct world *w) {
  const distcache_status_t status = distcache_close(w->cache, 0, NULL);
  MUST(status == DISTCACHE_OK || w->state == IS_CLOSING);
  WAIT_UNTIL(counted(&w->completed) >= w->accepted);
  MUST(w->completed == w->accepted);
  distcache_keyspace_release(w->keyspace);
  distcache_keyspace_release(w->removed_keyspace);
  distcache_keyspace_release(w->closed_keyspace);
  distcache_keyspace_release(w->kept);
  distcache_keyspace_release(w->kept_many);
  distcache_release(w->cache);
  distcache_release(w->closed_cache);
}

/* ---- around a row ------------------------------------------------------------------------ */

/* A load whose fetch waits for the row, and the operation that began it. */
static void begin_load(struct world *w) {
  static uint32_t number;
  ++number;
  w->fetch = NULL;
  MUST(distcache_get_async(w->kept, (const uint8_t *)&number, sizeof(number), NULL, count_done,
                           w->context, &w->op, NULL) == DISTCACHE_OK);
  ++w->accepted;
  WAIT_UNTIL(__atomic_load_n(&w->fetch, __ATOMIC_ACQUIRE) != NULL);
}

static void begin_batch(struct world *w) {
  static uint32_t numbers[2];
  static const uint32_t lens[2] = {sizeof(numbers[0]), sizeof(numbers[1])};
  numbers[0] = numbers[1] + 1;
  numbers[1] = numbers[0] + 1;
  w->batch = NULL;
  MUST(distcache_get_many_async(w->kept_many, (const uint8_t *)numbers, lens, 2, NULL, count_done,
                                w->context, NULL, NULL) == DISTCACHE_OK);
  ++w->accepted;
  WAIT_UNTIL(__atomic_load_n(&w->batch, __ATOMIC_ACQUIRE) != NULL);
}

/* What needs an engine of this process that is open. */
static void prepare_engine(struct world *w, unsigned uses) {
  distcache_keyspace_def_t *def;
  distcache_delete(w->keyspace, w->keys, 1, NULL, NULL);
  distcache_delete(w->keyspace, w->keys + 1, 1, NULL, NULL);
  MUST(distcache_peek(w->keyspace, w->held, HELD_BYTES, &w->result, NULL) == DISTCACHE_OK);
  MUST(distcache_peers_get(w->cache, &w->peers, NULL) == DISTCACHE_OK);
  if (uses & USES_LOAD) begin_load(w);
  if (uses & USES_BATCH) begin_batch(w);
  if (uses & USES_FRESH_CACHE) w->fresh_cache = open_engine(NULL, 0);
  if (!(uses & USES_FRESH_KEYSPACE)) return;
  MUST(distcache_keyspace_lookup(w->cache, "users", &w->fresh_keyspace, NULL) == DISTCACHE_OK);
  def = new_def(w->removable);
  distcache_keyspace_add(w->cache, def, NULL, NULL);
  distcache_keyspace_def_release(def);
}

void world_prepare(struct world *w, unsigned uses) {
  static const distcache_view_t empty = DISTCACHE_VIEW_INIT;
  distcache_config_t *none;
  w->config = new_config();
  w->def = new_def("fresh");
  w->def_of_users = def_of_users();
  MUST(distcache_config_new(DISTCACHE_ABI + 1, &none, &w->error) == DISTCACHE_ABI_MISMATCH);
  w->view = empty;
  w->keyspace_stats.struct_size = sizeof(w->keyspace_stats);
  w->engine_stats.struct_size = sizeof(w->engine_stats);
  w->fault = NULL;
  if (w->state == ALL_OPEN) prepare_engine(w, uses);
  world_forget(w);
}

void world_forget(struct world *w) {
  distcache_error_release(w->err);
  distcache_result_release(w->out_result);
  distcache_keyspace_release(w->out_keyspace);
  if (w->out_cache != NULL) distcache_close(w->out_cache, 0, NULL);
  distcache_release(w->out_cache);
  distcache_config_release(w->out_config);
  distcache_keyspace_def_release(w->out_def);
  distcache_peers_release(w->out_peers);
  distcache_op_release(w->out_op);
  w->err = NULL;
  w->out_result = NULL;
  w->out_keyspace = NULL;
  w->out_cache = NULL;
  w->out_config = NULL;
  w->out_def = NULL;
  w->out_peers = NULL;
  w->out_op = NULL;
  if (w->lent_view != NULL) distcache_view_release(w->lent_view);
  w->lent_view = NULL;
  w->len = w->stride = UNTOUCHED;
  w->lens = w->lens_in;
  memset(&w->trace, 'x', sizeof(w->trace));
  while (w->lent_count > 0) free(w->lent[--w->lent_count]);
}

/* The error object belongs to its status, and says which argument was wrong. */
static const char *judge_error(const struct world *w, const struct row *row) {
  const int expected = w->status == DISTCACHE_OK || w->status == DISTCACHE_NOT_FOUND ||
                       w->status == DISTCACHE_NOT_CACHED;
  if (expected) return w->err == NULL ? NULL : "an error object with an expected outcome";
  if (w->err == NULL) return "no error object";
  if (distcache_error_status(w->err) != w->status) return "the error object has another status";
  if (row->uses & IS_UNSUPPORTED &&
      strstr(distcache_error_message(w->err), row->function) == NULL) {
    return "the error does not name what is unsupported";
  }
  if (w->status != DISTCACHE_INVALID_ARGUMENT || row->argument == NULL) return NULL;
  return strstr(distcache_error_message(w->err), row->argument) != NULL
             ? NULL
             : "the error does not name the argument";
}

const char *world_judge(struct world *w, const struct row *row, const struct answer *answer) {
  static char why[128];
  switch (answer->kind) {
    case STATUS_IS:
      if (w->status == answer->status) break;
      snprintf(why, sizeof(why), "%s, not %s", distcache_status_name(w->status),
               distcache_status_name(answer->status));
      return why;
    case VALID_HOLDS:
      if (!w->valid) return "not as with right arguments";
      return w->fault;
    case REFUSED_HOLDS:
      if (!w->refused) return "not refused";
      return w->fault;
  }
  if (w->fault != NULL) return w->fault;
  return row->uses & HAS_ERR ? judge_error(w, row) : NULL;
}

const char *world_clean(struct world *w) {
  world_forget(w);
  distcache_view_release(&w->view);
  distcache_config_release(w->config);
  distcache_keyspace_def_release(w->def);
  distcache_keyspace_def_release(w->def_of_users);
  distcache_error_release(w->error);
  if (w->state == ALL_OPEN || w->state == IS_CLOSING) {
    distcache_result_release(w->result);
    distcache_peers_release(w->peers);
    distcache_fetch_fail(w->fetch, 0, NULL);
    distcache_fetch_many_end(w->batch, 0, NULL);
    distcache_op_release(w->op);
  }
  if (w->state == ALL_OPEN) {
    distcache_keyspace_release(w->fresh_keyspace);
    distcache_close(w->fresh_cache, 0, NULL);
    distcache_release(w->fresh_cache);
    distcache_keyspace_remove(w->cache, "fresh", NULL);
  }
  return w->holds_event_thread ? NULL : world_finalized(w);
}

/* A loader that was run ends with its load, on another thread. */
const char *world_finalized(struct world *w) {
  WAIT_UNTIL(counted(&w->finalized) >= w->finalizers_due);
  if (counted(&w->finalized) == w->finalizers_due) return NULL;
  w->finalizers_due = counted(&w->finalized);
  return "a finaliser did not run exactly once";
}

const char *world_serves(struct world *w) {
  uint8_t value[HELD_BYTES + 1];
  size_t len = 0;
  if (distcache_ready(w->cache) != 1) return "the engine is not ready any more";
  if (distcache_get_into(w->keyspace, w->held, HELD_BYTES, NULL, value, sizeof(value), &len,
                         NULL) != DISTCACHE_OK ||
      len != sizeof(value) || memcmp(value, "held!", sizeof(value)) != 0) {
    return "the engine does not serve a get any more";
  }
  return counted(&w->completed) > w->accepted ? "more completions than operations" : NULL;
}
