/* What the Go binding says to the library. Handles cross as numbers: the garbage collector never
 * sees them, and no Go pointer is kept by C. Each call that Go code makes often is one crossing. */
#ifndef DISTCACHE_GO_SHIM_H
#define DISTCACHE_GO_SHIM_H

#include <distcache.h>

/* A call's options, as plain arguments in one place. */
typedef struct dcgo_options {
  int64_t timeout_ms;
  int64_t ttl_ms;
  uint64_t parent_fetch;
  uint32_t flags;
  uint32_t reserved;
} dcgo_options_t;

/* What was found in memory. A value that did not fit into the buffer is held at `data`, until
 * dcgo_release_hit. */
typedef struct dcgo_hit {
  distcache_entry_version_t version;
  int64_t age_ms;
  int64_t ttl_remaining_ms;
  uint32_t flags;
  int32_t origin;
  uint64_t len;
  uintptr_t data;
  uintptr_t internal[4]; /* of the view */
  int32_t status;
  int32_t held;
} dcgo_hit_t;

/* What a submitting call leaves behind: an operation that may be cancelled, or the error. */
typedef struct dcgo_submitted {
  uintptr_t op;
  uintptr_t error;
} dcgo_submitted_t;

/* A get, or a peek, that never waits and never calls Go; copies the value into the buffer if it has
 * room. Returns 1 if contexts wait for dcgo_take_dropped. */
int32_t dcgo_try_get(uintptr_t keyspace, const uint8_t* key, size_t key_len, uint8_t* buffer,
                     size_t capacity, uint32_t flags, int32_t peek, dcgo_hit_t* hit);

/* The same of many keys, whose values lie end to end in the buffer. */
int32_t dcgo_try_get_many(uintptr_t keyspace, const uint8_t* keys, const uint32_t* key_lens,
                          size_t count, uint8_t* buffer, size_t capacity, uint32_t flags,
                          dcgo_hit_t* hits);

void dcgo_release_hit(const dcgo_hit_t* hit);

/* The context of a source that ended inside a dcgo_try_get, or 0. */
uintptr_t dcgo_take_dropped(void);

int32_t dcgo_get(uintptr_t keyspace, const uint8_t* key, size_t key_len,
                 const dcgo_options_t* options, uintptr_t context, int32_t cancellable,
                 dcgo_submitted_t* out);
int32_t dcgo_get_many(uintptr_t keyspace, const uint8_t* keys, const uint32_t* key_lens,
                      size_t count, const dcgo_options_t* options, uintptr_t context,
                      int32_t cancellable, dcgo_submitted_t* out);
int32_t dcgo_put(uintptr_t keyspace, const uint8_t* key, size_t key_len, const uint8_t* value,
                 size_t value_len, const dcgo_options_t* options, uintptr_t context,
                 int32_t cancellable, dcgo_submitted_t* out);
int32_t dcgo_put_many(uintptr_t keyspace, const uint8_t* keys, const uint32_t* key_lens,
                      const uint8_t* values, const uint32_t* value_lens, const int64_t* ttls_ms,
                      size_t count, const dcgo_options_t* options, uintptr_t context,
                      int32_t cancellable, dcgo_submitted_t* out);
int32_t dcgo_put_if(uintptr_t keyspace, const uint8_t* key, size_t key_len, const uint8_t* value,
                    size_t value_len, const distcache_entry_version_t* expected,
                    const dcgo_options_t* options, uintptr_t context, int32_t cancellable,
                    dcgo_submitted_t* out);
int32_t dcgo_refresh(uintptr_t keyspace, const uint8_t* key, size_t key_len,
                     const dcgo_options_t* options, uintptr_t context, int32_t cancellable,
                     dcgo_submitted_t* out);
int32_t dcgo_delete(uintptr_t keyspace, const uint8_t* key, size_t key_len,
                    const dcgo_options_t* options, uintptr_t context, int32_t cancellable,
                    dcgo_submitted_t* out);
int32_t dcgo_delete_many(uintptr_t keyspace, const uint8_t* keys, const uint32_t* key_lens,
                         size_t count, const dcgo_options_t* options, uintptr_t context,
                         int32_t cancellable, dcgo_submitted_t* out);

/* ---- sources: `context` names an object of Go, which dcgo_source gives a box of its own ---- */

/* A source for this one call, ended also if the call is refused. */
int32_t dcgo_get_with(uintptr_t keyspace, const uint8_t* key, size_t key_len, uintptr_t loader,
                      const dcgo_options_t* options, uintptr_t context, int32_t cancellable,
                      dcgo_submitted_t* out);

int32_t dcgo_source(distcache_keyspace_def_t* def, uintptr_t context, int32_t one, int32_t many,
                    distcache_error_t** err);
int32_t dcgo_complete(uintptr_t fetch, const uint8_t* value, size_t value_len, uint32_t flags,
                      int64_t ttl_ms, uint64_t source_version);
int32_t dcgo_not_modified(uintptr_t fetch, uint32_t flags, int64_t ttl_ms, uint64_t source_version);
int32_t dcgo_many_not_modified(uintptr_t batch, size_t index, uint32_t flags, int64_t ttl_ms,
                               uint64_t source_version);
int32_t dcgo_many_complete(uintptr_t batch, size_t index, const uint8_t* value, size_t value_len,
                           uint32_t flags, int64_t ttl_ms, uint64_t source_version);

/* ---- discovery: `context` names a provider of Go, which answers each of these ---- */

enum { DCGO_INITIALIZE, DCGO_REGISTER, DCGO_DISCOVER, DCGO_DEREGISTER, DCGO_CLOSE };

int32_t dcgo_discovery(distcache_config_t* config, uintptr_t context, const char* id,
                       distcache_error_t** err);

/* Sets cancelled[i] to 1 for each fetch (or, with its lowest bit set in `many`, batch) that nobody
 * waits for any more. */
void dcgo_cancelled(const uintptr_t* fetches, const uint8_t* many, uint8_t* cancelled,
                    size_t count);

#endif
