/* A hit through a view or into a buffer allocates nothing.
 *
 * The sanitizers bring their own allocator and a hook into it; without them malloc is replaced.
 */
#include "fixture.h"

/* Each thread has its own: those of the library do not count, and share nothing with ours. */
__extension__ static __thread int counting;
__extension__ static __thread long allocations;

static void count_allocation(void) {
  if (counting) ++allocations;
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)

int __sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void *, size_t),
                                              void (*on_free)(const volatile void *));

static void on_malloc(const volatile void *block, size_t size) {
  (void)block, (void)size;
  count_allocation();
}
static void on_free(const volatile void *block) { (void)block; }

static void install(void) {
  assert_int_not_equal(__sanitizer_install_malloc_and_free_hooks(on_malloc, on_free), 0);
}

#else

void *__libc_malloc(size_t size);

void *malloc(size_t size) {
  count_allocation();
  return __libc_malloc(size);
}

static void install(void) {}

#endif

static void begin(void) {
  allocations = 0;
  counting = 1;
}

static long end(void) {
  counting = 0;
  return allocations;
}

static void hits_do_not_allocate(void **state) {
  struct source source = SOURCE_INIT;
  struct node node = open_node(&source);
  distcache_view_t view = DISTCACHE_VIEW_INIT;
  distcache_options_t options = DISTCACHE_OPTIONS_INIT;
  distcache_result_t *result;
  distcache_error_t *err;
  uint8_t buffer[8];
  size_t i, len;
  (void)state;
  install();
  assert_get(node.keyspace, "7", "7!");

  begin();
  for (i = 0; i < 100; ++i) {
    distcache_get_view(node.keyspace, BYTES("7"), &options, &view, &err);
    distcache_view_release(&view);
    distcache_get_into(node.keyspace, BYTES("7"), NULL, buffer, sizeof(buffer), &len, &err);
    distcache_peek_view(node.keyspace, BYTES("7"), &view, &err);
    distcache_view_release(&view);
    distcache_peek_into(node.keyspace, BYTES("7"), buffer, sizeof(buffer), &len, &err);
    distcache_peek_into(node.keyspace, BYTES("8"), buffer, sizeof(buffer), &len, &err);
  }
  assert_int_equal(end(), 0);
  assert_int_equal(source_loads(&source), 1);

  /* The counter counts. */
  begin();
  assert_ok(distcache_get(node.keyspace, BYTES("7"), NULL, &result, NULL));
  distcache_result_release(result);
  assert_true(end() > 0);
  close_node(&node);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(hits_do_not_allocate),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
