/* One node, one keyspace, one source: the first get loads, the second one hits. */
#include <distcache.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The data source stands for a query to a database. It answers every fetch exactly once. */
static void fetch_greeting(uintptr_t context, distcache_fetch_t *fetch) {
  char text[DISTCACHE_KEY_BYTES_MAX + 32];
  size_t len;
  const uint8_t *name = distcache_fetch_key(fetch, &len);
  len = (size_t)snprintf(text, sizeof(text), "%s, %.*s!", (const char *)context, (int)len, name);
  distcache_fetch_complete(fetch, (const uint8_t *)text, len, NULL);
}

static void check(distcache_status_t status, distcache_error_t **err) {
  if (status == DISTCACHE_OK) return;
  fprintf(stderr, "quickstart: %s\n", distcache_error_message(*err));
  exit(1);
}

static void greet(distcache_keyspace_t *greetings, const char *name) {
  distcache_result_t *result;
  distcache_error_t *err;
  check(distcache_get(greetings, (const uint8_t *)name, strlen(name), NULL, &result, &err), &err);
  const distcache_item_t *item = distcache_result_item(result, 0);
  printf("%.*s (%s)\n", (int)item->len, (const char *)item->data,
         item->origin == DISTCACHE_ORIGIN_SOURCE ? "from the source" : "from memory");
  distcache_result_release(result);
}

int main(void) {
  distcache_error_t *err;
  distcache_config_t *config;
  check(distcache_config_new(DISTCACHE_ABI, &config, &err), &err);
  distcache_config_set(config, "bind.port", "0", NULL); /* any free one; open tells of faults */
  distcache_config_set(config, "discovery.port", "0", NULL);
  distcache_t *cache;
  check(distcache_open(config, &cache, &err), &err);

  distcache_keyspace_def_t *def;
  check(distcache_keyspace_def_new("greetings", &def, &err), &err);
  distcache_keyspace_def_set(def, "bytes.max", "1MiB", NULL);
  distcache_keyspace_def_source(def, fetch_greeting, (uintptr_t) "Hello", NULL, NULL);
  distcache_keyspace_t *greetings;
  check(distcache_keyspace_add(cache, def, &greetings, &err), &err);

  greet(greetings, "world");
  greet(greetings, "world");
  distcache_keyspace_stats_t stats = {.struct_size = sizeof(stats)};
  distcache_keyspace_stats_get(greetings, &stats, NULL);
  printf("%d gets, %d load\n", (int)stats.gets, (int)stats.loads);

  distcache_close(cache, 0, NULL);
  distcache_keyspace_release(greetings); /* in any order */
  distcache_keyspace_def_release(def);
  distcache_config_release(config);
  distcache_release(cache);
  return 0;
}
