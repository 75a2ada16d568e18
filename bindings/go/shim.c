#include "shim.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "_cgo_export.h"

/* ---- sources that end ----------------------------------------------------------------------
 *
 * A finaliser runs on whatever thread lets go last. Usually it tells Go at once. Inside a
 * dcgo_try_get, whose arguments may lie on a goroutine's stack, Go must not be called: the context
 * is put aside, and Go asks for it when the call has returned. */

struct source_box {
  uintptr_t context;
  atomic_int users; /* callbacks that are registered with it */
  struct source_box* next;
};

static _Thread_local int in_try_get;
static _Atomic(struct source_box*) dropped;

static void drop_source(uintptr_t context) {
  struct source_box* box = (struct source_box*)context;
  if (atomic_fetch_sub(&box->users, 1) > 1) return;
  if (in_try_get) {
    box->next = atomic_load(&dropped);
    while (!atomic_compare_exchange_weak(&dropped, &box->next, box)) {
    }
    return;
  }
  dcgoDropped(box->context);
  free(box);
}

uintptr_t dcgo_take_dropped(void) {
  /* Take all and put back the rest: what is taken out is never compared with again. */
  struct source_box* box = atomic_exchange(&dropped, NULL);
  if (box == NULL) return 0;
  struct source_box* rest = box->next;
  while (rest != NULL) {
    struct source_box* next = rest->next;
    rest->next = atomic_load(&dropped);
    while (!atomic_compare_exchange_weak(&dropped, &rest->next, rest)) {
    }
    rest = next;
  }
  const uintptr_t context = box->context;
  free(box);
  return context;
}

/* ---- reading memory ------------------------------------------------------------------------ */

static distcache_status_t try_view(distcache_keyspace_t* keyspace, const uint8_t* key,
                                   size_t key_len, uint32_t flags, int32_t peek,
                                   distcache_view_t* view) {
  distcache_options_t options = DISTCACHE_OPTIONS_INIT;
  options.flags = flags | DISTCACHE_OP_NO_WAIT;
  if (peek) return distcache_peek_view(keyspace, key, key_len, view, NULL);
  return distcache_get_view(keyspace, key, key_len, &options, view, NULL);
}

/* One key; returns the room that it took. */
static size_t look(uintptr_t keyspace, const uint8_t* key, size_t key_len, uint8_t* buffer,
                   size_t capacity, uint32_t flags, int32_t peek, dcgo_hit_t* hit) {
  distcache_view_t view = DISTCACHE_VIEW_INIT;
  hit->held = 0;
  hit->status = try_view((distcache_keyspace_t*)keyspace, key, key_len, flags, peek, &view);
  if (hit->status != DISTCACHE_OK) return 0;
  hit->version = view.item.version;
  hit->age_ms = view.item.age_ms;
  hit->ttl_remaining_ms = view.item.ttl_remaining_ms;
  hit->flags = view.item.flags;
  hit->origin = view.item.origin;
  hit->len = view.item.len;
  if (view.item.len > capacity) {
    hit->held = 1;
    hit->data = (uintptr_t)view.item.data;
    memcpy(hit->internal, view.internal, sizeof(hit->internal));
    return 0;
  }
  if (view.item.len > 0) memcpy(buffer, view.item.data, view.item.len);
  distcache_view_release(&view);
  return hit->len;
}

int32_t dcgo_try_get(uintptr_t keyspace, const uint8_t* key, size_t key_len, uint8_t* buffer,
                     size_t capacity, uint32_t flags, int32_t peek, dcgo_hit_t* hit) {
  in_try_get = 1;
  look(keyspace, key, key_len, buffer, capacity, flags, peek, hit);
  in_try_get = 0;
  return atomic_load_explicit(&dropped, memory_order_relaxed) != NULL;
}

int32_t dcgo_try_get_many(uintptr_t keyspace, const uint8_t* keys, const uint32_t* key_lens,
                          size_t count, uint8_t* buffer, size_t capacity, uint32_t flags,
                          dcgo_hit_t* hits) {
  size_t used = 0;
  in_try_get = 1;
  for (size_t i = 0; i < count; ++i) {
    used += look(keyspace, keys, key_lens[i], buffer + used, capacity - used, flags, 0, &hits[i]);
    keys += key_lens[i];
  }
  in_try_get = 0;
  return atomic_load_explicit(&dropped, memory_order_relaxed) != NULL;
}

void dcgo_release_hit(const dcgo_hit_t* hit) {
  distcache_view_t view = DISTCACHE_VIEW_INIT;
  memcpy(view.internal, hit->internal, sizeof(view.internal));
  distcache_view_release(&view);
}

/* ---- submitting ---------------------------------------------------------------------------- */

static distcache_options_t options_of(const dcgo_options_t* from) {
  distcache_options_t options = DISTCACHE_OPTIONS_INIT;
  options.flags = from->flags;
  options.timeout_ms = from->timeout_ms;
  options.ttl_ms = from->ttl_ms;
  options.parent_fetch = from->parent_fetch;
  return options;
}

/* EVENT thread. Go is called once, with everything that it will read. */
static void on_done(uintptr_t context, distcache_status_t status, distcache_result_t* result,
                    distcache_error_t* error) {
  size_t count = 0, stride = 0;
  const distcache_item_t* items = distcache_result_items(result, &count, &stride);
  dcgoDone(context, status, (uintptr_t)result, (uintptr_t)error, (uintptr_t)items, count, stride);
}

/* The frame of all submitting calls: the function and its arguments up to the options. */
#define SUBMIT(function, ...)                                                           \
  const distcache_options_t chosen = options_of(options);                               \
  distcache_op_t* op = NULL;                                                            \
  distcache_error_t* err = NULL;                                                        \
  const distcache_status_t status =                                                     \
      function((distcache_keyspace_t*)keyspace, __VA_ARGS__, &chosen, on_done, context, \
               cancellable ? &op : NULL, &err);                                         \
  out->op = (uintptr_t)op;                                                              \
  out->error = (uintptr_t)err;                                                          \
  return status

int32_t dcgo_get(uintptr_t keyspace, const uint8_t* key, size_t key_len,
                 const dcgo_options_t* options, uintptr_t context, int32_t cancellable,
                 dcgo_submitted_t* out) {
  SUBMIT(distcache_get_async, key, key_len);
}

int32_t dcgo_get_many(uintptr_t keyspace, const uint8_t* keys, const uint32_t* key_lens,
                      size_t count, const dcgo_options_t* options, uintptr_t context,
                      int32_t cancellable, dcgo_submitted_t* out) {
  SUBMIT(distcache_get_many_async, keys, key_lens, count);
}

int32_t dcgo_put(uintptr_t keyspace, const uint8_t* key, size_t key_len, const uint8_t* value,
                 size_t value_len, const dcgo_options_t* options, uintptr_t context,
                 int32_t cancellable, dcgo_submitted_t* out) {
  SUBMIT(distcache_put_async, key, key_len, value, value_len);
}

int32_t dcgo_put_many(uintptr_t keyspace, const uint8_t* keys, const uint32_t* key_lens,
                      const uint8_t* values, const uint32_t* value_lens, const int64_t* ttls_ms,
                      size_t count, const dcgo_options_t* options, uintptr_t context,
                      int32_t cancellable, dcgo_submitted_t* out) {
  SUBMIT(distcache_put_many_async, keys, key_lens, values, value_lens, ttls_ms, count);
}

int32_t dcgo_put_if(uintptr_t keyspace, const uint8_t* key, size_t key_len, const uint8_t* value,
                    size_t value_len, const distcache_entry_version_t* expected,
                    const dcgo_options_t* options, uintptr_t context, int32_t cancellable,
                    dcgo_submitted_t* out) {
  SUBMIT(distcache_put_if_async, key, key_len, value, value_len, expected);
}

int32_t dcgo_refresh(uintptr_t keyspace, const uint8_t* key, size_t key_len,
                     const dcgo_options_t* options, uintptr_t context, int32_t cancellable,
                     dcgo_submitted_t* out) {
  SUBMIT(distcache_refresh_async, key, key_len);
}

int32_t dcgo_delete(uintptr_t keyspace, const uint8_t* key, size_t key_len,
                    const dcgo_options_t* options, uintptr_t context, int32_t cancellable,
                    dcgo_submitted_t* out) {
  SUBMIT(distcache_delete_async, key, key_len);
}

int32_t dcgo_delete_many(uintptr_t keyspace, const uint8_t* keys, const uint32_t* key_lens,
                         size_t count, const dcgo_options_t* options, uintptr_t context,
                         int32_t cancellable, dcgo_submitted_t* out) {
  SUBMIT(distcache_delete_many_async, keys, key_lens, count);
}

/* ---- loads --------------------------------------------------------------------------------- */

/* SOURCE thread. Go copies the key and starts a goroutine: nothing of ours waits for its answer. */
static void on_fetch(uintptr_t context, distcache_fetch_t* fetch) {
  size_t len = 0;
  const uint8_t* key = distcache_fetch_key(fetch, &len);
  dcgoFetch(((struct source_box*)context)->context, (uintptr_t)fetch, (uintptr_t)key, len,
            distcache_fetch_remaining_ms(fetch));
}

static void on_fetch_many(uintptr_t context, distcache_fetch_many_t* batch) {
  const uint32_t* lens = NULL;
  size_t count = 0;
  const uint8_t* keys = distcache_fetch_many_keys(batch, &lens, &count);
  dcgoFetchMany(((struct source_box*)context)->context, (uintptr_t)batch, (uintptr_t)keys,
                (uintptr_t)lens, count, distcache_fetch_many_remaining_ms(batch));
}

/* NULL where memory is out: the source has ended then. */
static struct source_box* boxed(uintptr_t context, int users) {
  struct source_box* box = malloc(sizeof(*box));
  if (box == NULL) {
    dcgoDropped(context);
    return NULL;
  }
  box->context = context;
  box->next = NULL;
  atomic_init(&box->users, users);
  return box;
}

int32_t dcgo_get_with(uintptr_t keyspace, const uint8_t* key, size_t key_len, uintptr_t loader,
                      const dcgo_options_t* options, uintptr_t context, int32_t cancellable,
                      dcgo_submitted_t* out) {
  struct source_box* box = boxed(loader, 1);
  if (box == NULL) return DISTCACHE_NO_MEMORY;
  SUBMIT(distcache_get_with_async, key, key_len, on_fetch, (uintptr_t)box, drop_source);
}

int32_t dcgo_source(distcache_keyspace_def_t* def, uintptr_t context, int32_t one, int32_t many,
                    distcache_error_t** err) {
  struct source_box* box = boxed(context, one + many);
  distcache_status_t status = DISTCACHE_OK;
  if (box == NULL) return DISTCACHE_NO_MEMORY;
  if (one) {
    status = distcache_keyspace_def_source(def, on_fetch, (uintptr_t)box, drop_source, err);
  }
  if (many && status == DISTCACHE_OK) {
    return distcache_keyspace_def_source_many(def, on_fetch_many, (uintptr_t)box, drop_source, err);
  }
  if (many) drop_source((uintptr_t)box);
  return status;
}

static distcache_answer_t answer_of(uint32_t flags, int64_t ttl_ms, uint64_t source_version) {
  distcache_answer_t answer = DISTCACHE_ANSWER_INIT;
  answer.flags = flags;
  answer.ttl_ms = ttl_ms;
  answer.source_version = source_version;
  return answer;
}

int32_t dcgo_complete(uintptr_t fetch, const uint8_t* value, size_t value_len, uint32_t flags,
                      int64_t ttl_ms, uint64_t source_version) {
  const distcache_answer_t answer = answer_of(flags, ttl_ms, source_version);
  return distcache_fetch_complete((distcache_fetch_t*)fetch, value, value_len, &answer);
}

int32_t dcgo_not_modified(uintptr_t fetch, uint32_t flags, int64_t ttl_ms,
                          uint64_t source_version) {
  const distcache_answer_t answer = answer_of(flags, ttl_ms, source_version);
  return distcache_fetch_not_modified((distcache_fetch_t*)fetch, &answer);
}

int32_t dcgo_many_not_modified(uintptr_t batch, size_t index, uint32_t flags, int64_t ttl_ms,
                               uint64_t source_version) {
  const distcache_answer_t answer = answer_of(flags, ttl_ms, source_version);
  return distcache_fetch_many_not_modified((distcache_fetch_many_t*)batch, index, &answer);
}

int32_t dcgo_many_complete(uintptr_t batch, size_t index, const uint8_t* value, size_t value_len,
                           uint32_t flags, int64_t ttl_ms, uint64_t source_version) {
  const distcache_answer_t answer = answer_of(flags, ttl_ms, source_version);
  return distcache_fetch_many_complete((distcache_fetch_many_t*)batch, index, value, value_len,
                                       &answer);
}

void dcgo_cancelled(const uintptr_t* fetches, const uint8_t* many, uint8_t* cancelled,
                    size_t count) {
  for (size_t i = 0; i < count; ++i) {
    cancelled[i] =
        (uint8_t)(many[i] ? distcache_fetch_many_cancelled((distcache_fetch_many_t*)fetches[i])
                          : distcache_fetch_cancelled((distcache_fetch_t*)fetches[i]));
  }
}

/* ---- discovery ----------------------------------------------------------------------------- */

static distcache_status_t on_initialize(uintptr_t context, distcache_discovery_reply_t* reply) {
  return dcgoDiscovery(context, (uintptr_t)reply, DCGO_INITIALIZE, NULL);
}

static distcache_status_t on_register(uintptr_t context, const char* address,
                                      distcache_discovery_reply_t* reply) {
  return dcgoDiscovery(context, (uintptr_t)reply, DCGO_REGISTER, (char*)address);
}

static distcache_status_t on_discover(uintptr_t context, distcache_discovery_reply_t* reply) {
  return dcgoDiscovery(context, (uintptr_t)reply, DCGO_DISCOVER, NULL);
}

static distcache_status_t on_deregister(uintptr_t context, distcache_discovery_reply_t* reply) {
  return dcgoDiscovery(context, (uintptr_t)reply, DCGO_DEREGISTER, NULL);
}

static void on_close(uintptr_t context) { dcgoDiscovery(context, 0, DCGO_CLOSE, NULL); }

static void drop_provider(uintptr_t context) { dcgoProviderDropped(context); }

int32_t dcgo_discovery(distcache_config_t* config, uintptr_t context, const char* id,
                       distcache_error_t** err) {
  distcache_discovery_vtable_t vtable = {.struct_size = sizeof(vtable), .id = id};
  vtable.initialize = on_initialize;
  vtable.register_self = on_register;
  vtable.discover = on_discover;
  vtable.deregister = on_deregister;
  vtable.close = on_close;
  return distcache_config_discovery(config, &vtable, context, drop_provider, err);
}
