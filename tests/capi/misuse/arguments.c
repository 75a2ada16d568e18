/* Arguments: right ones, and wrong ones made for one call. */
#include "world.h"

#include <time.h>

/* ---- steps that must not fail ------------------------------------------------------------- */

void must(int holds, const char *condition, const char *file, int line) {
  if (holds) return;
  printf("%s:%d: the suite itself failed: %s\n", file, line, condition);
  fflush(stdout);
  abort();
}

void pause_ms(long ms) {
  struct timespec pause;
  pause.tv_sec = ms / 1000;
  pause.tv_nsec = ms % 1000 * 1000000;
  nanosleep(&pause, NULL);
}

/* ---- wrong arguments --------------------------------------------------------------------- */

/* A block of exactly this size that the row gives back: reading beyond it is found. */
static void *lend(struct world *w, const void *bytes, size_t size) {
  void *block = malloc(size);
  MUST(block != NULL && w->lent_count < sizeof(w->lent) / sizeof(w->lent[0]));
  memcpy(block, bytes, size);
  return w->lent[w->lent_count++] = block;
}

static distcache_options_t plain_options(void) {
  distcache_options_t options = DISTCACHE_OPTIONS_INIT;
  options.timeout_ms = 20000;
  return options;
}

const distcache_options_t *options_of(struct world *w, uint32_t size, uint32_t flags,
                                      int64_t timeout_ms, int64_t ttl_ms) {
  distcache_options_t options = plain_options();
  options.struct_size = size;
  options.flags = flags;
  options.timeout_ms = timeout_ms;
  options.ttl_ms = ttl_ms;
  return lend(w, &options, size < sizeof(options) && size >= 4 ? size : sizeof(options));
}

const distcache_options_t *options_of_newer(struct world *w, uint64_t field) {
  struct {
    distcache_options_t known;
    uint64_t field;
  } options;
  options.known = plain_options();
  options.known.struct_size = sizeof(options);
  options.field = field;
  return lend(w, &options, sizeof(options));
}

const distcache_options_t *options_of_parent(struct world *w, uint64_t parent) {
  distcache_options_t options = plain_options();
  options.parent_fetch = parent;
  return lend(w, &options, sizeof(options));
}

const distcache_options_t *options_of_trace(struct world *w, const char *parent, char state) {
  distcache_traced_options_t traced;
  memset(&traced, 0, sizeof(traced));
  traced.options = plain_options();
  traced.options.flags = DISTCACHE_OP_TRACED;
  memcpy(traced.trace.traceparent, parent, strlen(parent)); /* may end without NUL */
  memset(traced.trace.tracestate, state, sizeof(traced.trace.tracestate));
  return lend(w, &traced, sizeof(traced));
}

const distcache_answer_t *answer_of(struct world *w, uint32_t size, uint32_t flags,
                                    int64_t ttl_ms) {
  distcache_answer_t answer = DISTCACHE_ANSWER_INIT;
  answer.struct_size = size;
  answer.flags = flags;
  answer.ttl_ms = ttl_ms;
  return lend(w, &answer, size < sizeof(answer) && size >= 4 ? size : sizeof(answer));
}

static distcache_status_t discover_nobody(uintptr_t context, distcache_discovery_reply_t *reply) {
  (void)context, (void)reply;
  return DISTCACHE_OK;
}

const distcache_discovery_vtable_t *vtable_of(struct world *w, uint32_t size, uint32_t reserved,
                                              int discovers) {
  distcache_discovery_vtable_t vtable;
  memset(&vtable, 0, sizeof(vtable));
  vtable.struct_size = size;
  vtable.reserved = reserved;
  vtable.discover = discovers ? discover_nobody : NULL;
  return lend(w, &vtable, size < sizeof(vtable) && size >= 4 ? size : sizeof(vtable));
}

const uint32_t *lens_of(struct world *w, uint32_t first, uint32_t second) {
  uint32_t lens[2];
  lens[0] = first;
  lens[1] = second;
  return lend(w, lens, sizeof(lens));
}

const int64_t *ttls_of(struct world *w, int64_t first, int64_t second) {
  int64_t ttls[2];
  ttls[0] = first;
  ttls[1] = second;
  return lend(w, ttls, sizeof(ttls));
}

distcache_view_t *view_of(struct world *w, uint32_t size, uintptr_t internal) {
  distcache_view_t view = DISTCACHE_VIEW_INIT;
  view.struct_size = size;
  view.internal[0] = internal;
  return lend(w, &view, sizeof(view));
}

distcache_view_t *view_of_newer(struct world *w) {
  struct {
    distcache_view_t known;
    uint64_t field;
  } view;
  memset(&view, 0, sizeof(view));
  view.known.struct_size = sizeof(view);
  return w->lent_view = lend(w, &view, sizeof(view));
}

distcache_view_t *full_view(struct world *w) {
  distcache_peek_view(w->keyspace, w->held, HELD_BYTES, &w->view, NULL);
  return &w->view;
}

void *take(void *object) {
  void *taken;
  memcpy(&taken, object, sizeof(taken));
  memset(object, 0, sizeof(taken));
  return taken;
}

/* ---- before anything is open ------------------------------------------------------------- */

static uint8_t *block_of(const char *text) {
  uint8_t *block = malloc(strlen(text));
  MUST(block != NULL);
  return memcpy(block, text, strlen(text));
}

/* A generation that no slot will reach. */
#define NEVER(type, tag) ((type *)(uintptr_t)((uint64_t)(tag) << 56 | (uint64_t)0x7FFFFFFF << 24))

void world_begin(struct world *w) {
  static const uint32_t ones[2] = {1, 1};
  static const int64_t ttls[2] = {0, 1000};
  static const distcache_answer_t plain_answer = DISTCACHE_ANSWER_INIT;
  static distcache_options_t options;
  memset(w, 0, sizeof(*w));
  w->cache = w->closed_cache = w->released_cache = w->fresh_cache = NEVER(distcache_t, 0xD1);
  w->keyspace = w->fresh_keyspace = w->closed_keyspace = NEVER(distcache_keyspace_t, 0xD2);
  w->released_keyspace = w->removed_keyspace = w->keyspace;
  w->fetch = w->ended_fetch = NEVER(distcache_fetch_t, 0xD3);
  w->batch = w->ended_batch = NEVER(distcache_fetch_many_t, 0xD4);
  w->op = w->ended_op = NEVER(distcache_op_t, 0xD6);
  w->memory = calloc(1, 64);
  w->buffer = malloc(BUFFER_BYTES);
  MUST(w->memory != NULL && w->buffer != NULL);
  w->key = block_of("7");
  w->value = block_of("v");
  w->held = block_of("held");
  w->keys = block_of("78");
  memcpy(w->memory + 1, "78", 2);
  memcpy(w->memory + 9, "held", 4);
  memcpy(w->memory + 17, ones, sizeof(ones));
  w->unaligned_key = w->unaligned_keys = w->memory + 1;
  w->unaligned_held = w->memory + 9;
  w->unaligned_lens = (const uint32_t *)(const void *)(w->memory + 17);
  memcpy(w->memory + 33, ttls, sizeof(ttls));
  w->unaligned_ttls = (const int64_t *)(const void *)(w->memory + 33);
  w->ttls = ttls;
  w->lens_in = memcpy(malloc(sizeof(ones)), ones, sizeof(ones));
  options = plain_options();
  w->options = &options;
  w->answer = &plain_answer;
  w->short_by_one = 1;
  w->long_text = malloc(1 << 20);
  w->long_name = malloc(DISTCACHE_NAME_BYTES_MAX + 2);
  MUST(w->long_text != NULL && w->long_name != NULL);
  memset(w->long_text, 'x', (1 << 20) - 1);
  w->long_text[(1 << 20) - 1] = '\0';
  memset(w->long_name, 'x', DISTCACHE_NAME_BYTES_MAX + 1);
  w->long_name[DISTCACHE_NAME_BYTES_MAX + 1] = '\0';
  snprintf(w->removable, sizeof(w->removable), "removable");
  w->context = (uintptr_t)w;
}

void world_end(struct world *w) {
  free(w->memory);
  free(w->buffer);
  free(w->key);
  free(w->value);
  free(w->held);
  free(w->keys);
  free((void *)(uintptr_t)w->lens_in);
  free(w->long_text);
  free(w->long_name);
}
