#include "transport/wire/allocation_probe.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <new>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define DISTCACHE_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define DISTCACHE_SANITIZED 1
#endif
#endif

namespace distcache::testing {
namespace {

struct Tally {
  bool armed = false;
  uint64_t count = 0;
  size_t bytes = 0;
  size_t largest = 0;
  uint64_t fail_at = 0;
};
thread_local Tally tally;

// False: this is the one that has to fail.
bool record(size_t bytes) {
  if (!tally.armed) return true;
  ++tally.count;
  tally.bytes += bytes;
  tally.largest = std::max(tally.largest, bytes);
  return tally.fail_at == 0 || --tally.fail_at != 0;
}

}  // namespace
}  // namespace distcache::testing

#ifdef DISTCACHE_SANITIZED

extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void*,
                                                                           size_t),
                                                         void (*on_free)(const volatile void*));

namespace distcache::testing {
namespace {
const bool hooked = __sanitizer_install_malloc_and_free_hooks(
                        [](const volatile void*, size_t bytes) { record(bytes); },
                        [](const volatile void*) {}) != 0;
}  // namespace
}  // namespace distcache::testing

#else

// Not inlined: the compiler would pair the malloc inside with a delete outside, and warn.
[[gnu::noinline]] void* operator new(size_t bytes) {
  if (!distcache::testing::record(bytes)) throw std::bad_alloc();
  void* block = std::malloc(bytes == 0 ? 1 : bytes);
  if (block == nullptr) throw std::bad_alloc();
  return block;
}
[[gnu::noinline]] void operator delete(void* block) noexcept { std::free(block); }
[[gnu::noinline]] void operator delete(void* block, size_t) noexcept { std::free(block); }

#endif

namespace distcache::testing {

AllocationProbe::AllocationProbe() {
  tally = {};
  tally.armed = true;
}
AllocationProbe::~AllocationProbe() { tally = {}; }

bool AllocationProbe::can_fail() {
#ifdef DISTCACHE_SANITIZED
  return false;
#else
  return true;
#endif
}
void AllocationProbe::fail_at(uint64_t n) { tally.fail_at = n; }
uint64_t AllocationProbe::count() const { return tally.count; }
size_t AllocationProbe::bytes() const { return tally.bytes; }
size_t AllocationProbe::largest() const { return tally.largest; }

void* ProbedAllocator::allocate(size_t bytes) {
#ifndef DISTCACHE_SANITIZED  // else the malloc below is seen
  if (!record(bytes)) return nullptr;
#endif
  return system().allocate(bytes);
}
void ProbedAllocator::deallocate(void* block, size_t bytes) { system().deallocate(block, bytes); }

namespace {

TEST(AllocationProbe, SeesWhatIsAskedOfTheHeap) {
  ProbedAllocator allocator;
  Allocator::system();  // is made when it is first asked for
  AllocationProbe probe;
  void* one = ::operator new(1000);
  void* two = allocator.allocate(5000);
  const uint64_t count = probe.count();
  const size_t bytes = probe.bytes();
  const size_t largest = probe.largest();
  allocator.deallocate(two, 5000);
  ::operator delete(one);
  EXPECT_EQ(count, 2u);
  EXPECT_EQ(bytes, 6000u);
  EXPECT_EQ(largest, 5000u);
}

TEST(AllocationProbe, FailsTheOneItIsToldTo) {
  if (!AllocationProbe::can_fail()) GTEST_SKIP() << "not under a sanitizer";
  AllocationProbe probe;
  probe.fail_at(2);
  ::operator delete(::operator new(1));
  EXPECT_THROW(::operator delete(::operator new(1)), std::bad_alloc);
  EXPECT_NO_THROW(::operator delete(::operator new(1)));
}

}  // namespace
}  // namespace distcache::testing
