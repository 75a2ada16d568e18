#include "api/process.h"

#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <new>

namespace distcache::api {
namespace {

using Word = std::atomic<uint64_t>;

// Copied by a fork, so the child counts on from where its parent was.
constinit std::atomic<uint64_t> last_stamp{0};

constinit std::atomic<Word*> stamp_of_process{nullptr};

// Stands in where the kernel does not wipe pages (before Linux 4.14, some sandboxes): glibc's hook
// of fork() does it, which children made by a bare clone() escape.
constinit Word unwiped{0};

// A page that reads as zeros in a child. Never unmapped.
Word* make_word() noexcept {
  const auto size = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  void* page = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page != MAP_FAILED) {
    if (madvise(page, size, MADV_WIPEONFORK) == 0) return new (page) Word(0);
    munmap(page, size);
  }
  pthread_atfork(nullptr, nullptr, [] { unwiped.store(0, std::memory_order_relaxed); });
  return &unwiped;
}

Word& word() noexcept {
  Word* known = stamp_of_process.load(std::memory_order_acquire);
  if (known != nullptr) return *known;
  // Two threads may come here at once: the page of the second one is left unused.
  Word* made = make_word();
  if (stamp_of_process.compare_exchange_strong(known, made, std::memory_order_acq_rel)) {
    return *made;
  }
  return *known;
}

}  // namespace

uint64_t process_stamp() noexcept {
  Word& at = word();
  // Relaxed: the value is the same for the whole life of a process once it is set, and it guards no
  // other memory; a child has one thread, which sees its own page.
  uint64_t stamp = at.load(std::memory_order_relaxed);
  if (stamp != 0) return stamp;
  const uint64_t fresh = last_stamp.fetch_add(1, std::memory_order_relaxed) + 1;
  return at.compare_exchange_strong(stamp, fresh, std::memory_order_relaxed) ? fresh : stamp;
}

}  // namespace distcache::api
