// What a store says it costs, against what the heap says.
#include <gtest/gtest.h>
#include <malloc.h>

#include <string>
#include <vector>

#include "core/cache/store.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define DISTCACHE_TEST_FOREIGN_HEAP
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define DISTCACHE_TEST_FOREIGN_HEAP
#endif

namespace distcache::core {
namespace {

size_t heap_in_use() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

TEST(StoreMemory, CountedBytesAreTheHeapsGrowth) {
#ifdef DISTCACHE_TEST_FOREIGN_HEAP
  GTEST_SKIP() << "a sanitizer's heap: mallinfo2 knows nothing of it";
#endif
  for (const size_t value_size : {size_t{0}, size_t{100}, size_t{1024}}) {
    const size_t before = heap_in_use();
    Store store({}, Allocator::system());
    const Instant now = Instant::from_ns(1);
    for (int i = 0; i < 200'000; ++i) {
      // Keys of 10 to 60 bytes.
      const std::string name = std::to_string(1'000'000'000 + i) + std::string(i % 51, 'k');
      NewEntry fresh;
      fresh.value = Buffer::uninitialized(value_size);
      fresh.expires_at = now + Duration::seconds(1 + i);
      ASSERT_EQ(store.put(Key::of(name), std::move(fresh), now).status, PutStatus::stored);
    }
    const auto grown = static_cast<double>(heap_in_use() - before);
    const auto counted = static_cast<double>(store.bytes());
    EXPECT_NEAR(counted / grown, 1.0, 0.1) << value_size;
    RecordProperty("overhead_" + std::to_string(value_size),
                   std::to_string(counted / 200'000 - 35 - static_cast<double>(value_size)));
  }
}

}  // namespace
}  // namespace distcache::core
