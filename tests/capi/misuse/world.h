/* What the generated rows work with: engines, keyspaces and objects in every state, made anew or
 * kept in order between rows, and what a call left behind. Included first: it says which POSIX.
 */
#ifndef DISTCACHE_TESTS_CAPI_MISUSE_WORLD_H
#define DISTCACHE_TESTS_CAPI_MISUSE_WORLD_H

#define _POSIX_C_SOURCE 200809L

#include <distcache.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VALUE_BYTES_MAX (64 * 1024)
#define BUFFER_BYTES 64
#define HELD_BYTES 4 /* of the key that is always held, "held"; its value is "held!" */
#define OPTIONS_BYTES ((uint32_t)sizeof(distcache_options_t))
#define VTABLE_BYTES ((uint32_t)sizeof(distcache_discovery_vtable_t))
#define ANSWER_BYTES ((uint32_t)sizeof(distcache_answer_t))
#define TRACE "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
#define UNTOUCHED ((size_t)0xA5A5A5A5)
#define NUMBER_OF(handle) ((uint64_t)(uintptr_t)(handle))

struct world {
  enum { NOTHING_OPEN, ALL_OPEN, IN_CHILD, IS_CLOSING } state;

  /* engines: open, closed, released; one to be closed by the row */
  distcache_t *cache, *closed_cache, *released_cache, *fresh_cache;
  distcache_keyspace_t *keyspace, *closed_keyspace, *released_keyspace, *removed_keyspace;
  distcache_keyspace_t *fresh_keyspace;   /* to be released by the row */
  distcache_keyspace_t *kept, *kept_many; /* their sources hand their fetches over to the row */
  char removable[32];                     /* name of a keyspace to be removed by the row */

  distcache_fetch_t *fetch, *ended_fetch;
  distcache_fetch_many_t *batch, *ended_batch;
  distcache_op_t *op, *ended_op;

  /* objects of the row; NULL once it has released them */
  distcache_config_t *config;
  distcache_keyspace_def_t *def, *def_of_users;
  distcache_error_t *error; /* ABI_MISMATCH */
  distcache_result_t *result;
  distcache_peers_t *peers;
  distcache_view_t view;

  /* arguments; those whose bounds matter are blocks of exactly their size */
  uint8_t *memory; /* 64 bytes that are no object of the library */
  uint8_t *key, *held, *keys, *value;
  const uint32_t *lens_in, *unaligned_lens;
  const int64_t *ttls, *unaligned_ttls;
  const uint8_t *unaligned_key, *unaligned_keys, *unaligned_held;
  const distcache_options_t *options;
  const distcache_answer_t *answer;
  char *long_text, *long_name;
  size_t short_by_one;
  uintptr_t context;
  void *lent[8]; /* made for one call by the functions below */
  size_t lent_count;
  distcache_view_t *lent_view;

  /* what the call left */
  distcache_status_t status;
  int valid, refused; /* of what returns no status: which condition holds */
  distcache_error_t *err;
  distcache_result_t *out_result;
  distcache_keyspace_t *out_keyspace;
  distcache_t *out_cache;
  distcache_config_t *out_config;
  distcache_keyspace_def_t *out_def;
  distcache_peers_t *out_peers;
  distcache_queue_t *out_queue;
  distcache_op_t *out_op;
  size_t len, stride;
  const uint32_t *lens;
  distcache_trace_t trace;
  distcache_entry_version_t version;
  uint64_t cursor;
  uint8_t *buffer;
  distcache_keyspace_stats_t keyspace_stats;
  distcache_engine_stats_t engine_stats;

  int finalizers_due, finalized; /* contexts handed in, and ended */
  int holds_event_thread;        /* which ends the contexts of loaders: it cannot be waited for */
  int accepted, completed;       /* operations */
  const char *fault;             /* beside the status */
};

/* ---- rows -------------------------------------------------------------------------------- */

/* Where and when a row calls its function. */
enum place { ARGUMENTS, TWICE, SOURCE, EVENT, OBSERVER, FINALIZER, CHILD, BEFORE, CLOSING, PLACES };

struct answer {
  enum { STATUS_IS, VALID_HOLDS, REFUSED_HOLDS } kind;
  distcache_status_t status;
};

/* What a row needs that costs something to make, and what is known of its function. */
enum {
  USES_LOAD = 1,
  USES_BATCH = 2,
  USES_FRESH_CACHE = 4,
  USES_FRESH_KEYSPACE = 8,
  HAS_ERR = 16,
  IS_UNSUPPORTED = 32,
};

struct row {
  const char *name, *function;
  const char *argument; /* the one that is wrong, which a refusal names; NULL: none */
  enum place place;
  void (*call)(struct world *w); /* NULL: there is no such row */
  struct answer answer, second;  /* second: of the same call once more */
  unsigned uses;
};

extern const struct row rows[];
extern const size_t rows_count;
extern const char *const functions[];
extern const size_t functions_count;

/* A place for an answer before the call, and after: NULL unless the call succeeded. */
#define POISON(out) memset(&(out), 0xA5, sizeof(out))
#define CHECK_OUT(w, out)                                                 \
  do {                                                                    \
    void *poison_;                                                        \
    memset(&poison_, 0xA5, sizeof(poison_));                              \
    if ((void *)(out) == poison_) {                                       \
      (w)->fault = #out " was not set";                                   \
      (out) = NULL;                                                       \
    } else if (((out) == NULL) != ((w)->status != DISTCACHE_OK)) {        \
      (w)->fault = (out) == NULL ? #out " is NULL" : #out " is not NULL"; \
    }                                                                     \
  } while (0)

/* In conditions: what came out may be NULL. */
#define SAME(text, other) ((text) != NULL && strcmp(text, other) == 0)

/* ---- arguments that are wrong, for the length of one row ---------------------------------- */

const distcache_options_t *options_of(struct world *w, uint32_t size, uint32_t flags,
                                      int64_t timeout_ms, int64_t ttl_ms);
const distcache_options_t *options_of_newer(struct world *w, uint64_t field);
const distcache_options_t *options_of_parent(struct world *w, uint64_t parent);
const distcache_options_t *options_of_trace(struct world *w, const char *parent, char state);
const distcache_answer_t *answer_of(struct world *w, uint32_t size, uint32_t flags, int64_t ttl_ms);
const distcache_discovery_vtable_t *vtable_of(struct world *w, uint32_t size, uint32_t reserved,
                                              int discovers);
const uint32_t *lens_of(struct world *w, uint32_t first, uint32_t second);
const int64_t *ttls_of(struct world *w, int64_t first, int64_t second);
distcache_view_t *view_of_newer(struct world *w);
distcache_view_t *view_of(struct world *w, uint32_t size, uintptr_t internal);
distcache_view_t *full_view(struct world *w);

/* An object of the world that the call ends. */
void *take(void *object);
#define TAKE(object) take(&(object))

/* A struct of counters that says it has another size. */
#define sized(stats, size) \
  (memset((stats), 0, sizeof(*(stats))), (stats)->struct_size = (size), stats)

/* ---- callbacks --------------------------------------------------------------------------- */

/* Context: the world. */
void count_finalized(uintptr_t context);
void count_done(uintptr_t context, distcache_status_t status, distcache_result_t *result,
                distcache_error_t *error);
void fetch_nothing(uintptr_t context, distcache_fetch_t *fetch);
void fetch_value(uintptr_t context, distcache_fetch_t *fetch);
void fetch_many_nothing(uintptr_t context, distcache_fetch_many_t *batch);
void log_nothing(uintptr_t context, const distcache_log_record_t *record);
void event_nothing(uintptr_t context, const distcache_event_t *event);

/* ---- life -------------------------------------------------------------------------------- */

/* What needs no engine; handles are numbers that never were one. */
void world_begin(struct world *w);
/* Engines, keyspaces and handles in all states; the open one tells `event`. */
void world_open(struct world *w, distcache_event_fn event);
/* Before each row: what it uses up. */
void world_prepare(struct world *w, unsigned uses);
/* After each call: what is wrong with what it left, or NULL; and then nothing is left. */
const char *world_judge(struct world *w, const struct row *row, const struct answer *answer);
void world_forget(struct world *w);
/* After each row: what it used up goes, where it can be waited for; what is wrong, or NULL. */
const char *world_clean(struct world *w);
/* Every context handed in is ended, once: waits for it; what is wrong, or NULL. */
const char *world_finalized(struct world *w);
/* The engine still answers and nothing that is owed is missing: what is wrong, or NULL. */
const char *world_serves(struct world *w);
void world_close(struct world *w);
void world_end(struct world *w);

/* A step of the suite itself that must not fail. */
#define MUST(condition) must((condition), #condition, __FILE__, __LINE__)
void must(int holds, const char *condition, const char *file, int line);
void pause_ms(long ms);

/* Asked every millisecond. Long: other tests may have the machine to themselves for a while. */
#define WAIT_UNTIL(condition)                                    \
  do {                                                           \
    int left_ = 60000;                                           \
    while (!(condition) && --left_ > 0) pause_ms(1);             \
    must(left_ > 0, "in time: " #condition, __FILE__, __LINE__); \
  } while (0)

#endif
