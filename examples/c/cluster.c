/* Three members share one cache: whoever asks first causes the load, all others get its value.
 *
 *   cluster [PORT]     members listen at PORT ... PORT + 5 of this machine (default 23320)
 *
 * The members live in one process here, so that one window shows all of them; each would be the
 * same in a process or on a machine of its own. Every source answers with the name of its member,
 * so that the value tells which one was asked.
 */
#include <distcache.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MEMBERS = 3, KEYS = 12 };

struct member {
  char name[8];
  int loads; /* guarded by `lock` */
  distcache_t *cache;
  distcache_keyspace_t *pages;
};

static struct member members[MEMBERS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void check(distcache_status_t status, distcache_error_t **err) {
  if (status == DISTCACHE_OK) return;
  fprintf(stderr, "cluster: %s\n", distcache_error_message(*err));
  exit(1);
}

/* SOURCE thread of the member that owns the key. */
static void fetch_page(uintptr_t context, distcache_fetch_t *fetch) {
  struct member *member = (struct member *)context;
  pthread_mutex_lock(&lock);
  ++member->loads;
  pthread_mutex_unlock(&lock);
  distcache_fetch_complete(fetch, (const uint8_t *)member->name, strlen(member->name), NULL);
}

/* The keyspace is part of the configuration, so that the member joins with it. */
static void open_member(struct member *member, int number, int port) {
  distcache_config_t *config;
  distcache_keyspace_def_t *def;
  distcache_error_t *err;
  char text[96];
  snprintf(member->name, sizeof(member->name), "node-%c", 'a' + number);

  check(distcache_config_new(DISTCACHE_ABI, &config, &err), &err);
  distcache_config_set(config, "node.name", member->name, NULL);
  snprintf(text, sizeof(text), "%d", port + 2 * number);
  distcache_config_set(config, "bind.port", text, NULL);
  snprintf(text, sizeof(text), "%d", port + 2 * number + 1);
  distcache_config_set(config, "discovery.port", text, NULL);
  distcache_config_set(config, "discovery.provider", "static", NULL);
  snprintf(text, sizeof(text), "127.0.0.1:%d,127.0.0.1:%d,127.0.0.1:%d", port + 1, port + 3,
           port + 5);
  distcache_config_set(config, "discovery.peers", text, NULL);
  /* The others are still to come: do not wait for them here, but be ready only with all three. */
  distcache_config_set(config, "bootstrap.timeout.ms", "1", NULL);
  distcache_config_set(config, "quorum.min", "3", NULL);

  check(distcache_keyspace_def_new("pages", &def, &err), &err);
  distcache_keyspace_def_set(def, "bytes.max", "16MiB", NULL);
  distcache_keyspace_def_source(def, fetch_page, (uintptr_t)member, NULL, NULL);
  check(distcache_config_keyspace(config, def, &err), &err);
  distcache_keyspace_def_release(def);

  check(distcache_open(config, &member->cache, &err), &err);
  distcache_config_release(config);
  check(distcache_keyspace_lookup(member->cache, "pages", &member->pages, &err), &err);
}

/* All members ask for all keys. Whoever loaded a key is what all of them read. */
static void read_everything(int print) {
  int turn, i;
  for (turn = 0; turn < KEYS; ++turn) {
    char key[32], loader[MEMBERS][16];
    snprintf(key, sizeof(key), "page-%02d", turn + 1);
    for (i = 0; i < MEMBERS; ++i) {
      const struct member *member = &members[(turn + i) % MEMBERS];
      distcache_error_t *err;
      size_t len;
      check(distcache_get_into(member->pages, (const uint8_t *)key, strlen(key), NULL,
                               (uint8_t *)loader[i], sizeof(loader[i]) - 1, &len, &err),
            &err);
      loader[i][len] = '\0';
    }
    if (print) printf("%s  loaded by %s\n", key, loader[0]);
    if (strcmp(loader[0], loader[1]) != 0 || strcmp(loader[0], loader[2]) != 0) {
      printf("%s  but others have another value: %s, %s\n", key, loader[1], loader[2]);
      exit(1);
    }
  }
}

static int total_loads(void) {
  int loads = 0, i;
  pthread_mutex_lock(&lock);
  for (i = 0; i < MEMBERS; ++i) loads += members[i].loads;
  pthread_mutex_unlock(&lock);
  return loads;
}

int main(int argc, char **argv) {
  const int port = argc > 1 ? atoi(argv[1]) : 23320;
  const uint8_t key[] = "page-01";
  distcache_error_t *err;
  int i;

  for (i = 0; i < MEMBERS; ++i) open_member(&members[i], i, port);
  for (i = 0; i < MEMBERS; ++i) check(distcache_wait_ready(members[i].cache, 10000, &err), &err);

  read_everything(1);
  printf("3 members asked %d times each: %d loads\n", KEYS, total_loads());

  /* A delete at any member reaches the owner, so the next get of anybody loads again. */
  check(distcache_delete(members[1].pages, key, 7, NULL, &err), &err);
  read_everything(0);
  printf("after one delete: %d loads\n", total_loads());

  for (i = 0; i < MEMBERS; ++i) {
    distcache_keyspace_release(members[i].pages);
    check(distcache_close(members[i].cache, 0, &err), &err);
    distcache_release(members[i].cache);
  }
  return 0;
}
