#include "demo/cluster/board.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "demo/failure.h"

namespace demo {

void ProcessFigures::record_load(int64_t started_ns, uint32_t key) {
  const uint64_t at = loads.fetch_add(1, std::memory_order_relaxed);
  if (at < kLoadsMax) load_log[at] = {started_ns, key};
}

void ProcessFigures::record_fault(std::string_view sentence) {
  uint32_t none = 0;
  if (!fault_state.compare_exchange_strong(none, 1)) return;
  const size_t length = std::min(sentence.size(), fault.size() - 1);  // the rest stays zero
  std::copy_n(sentence.data(), length, fault.data());
  fault_state.store(2);
}

std::string ProcessFigures::first_fault() const {
  return fault_state.load() == 2 ? fault.data() : "";
}

std::span<const Load> ProcessFigures::recorded_loads() const {
  return std::span(load_log).first(std::min<uint64_t>(loads.load(), kLoadsMax));
}

SharedBoard::SharedBoard() : descriptor_(memfd_create("distcache-demo", MFD_CLOEXEC)) {
  // Sparse: what nobody writes takes no memory.
  if (descriptor_ < 0 || ftruncate(descriptor_, sizeof(Board)) != 0) {
    throw Failure(std::string("no shared memory: ") + std::strerror(errno));
  }
  map();
}

SharedBoard::SharedBoard(int descriptor) : descriptor_(descriptor) { map(); }

SharedBoard::~SharedBoard() {
  munmap(board_, sizeof(Board));
  close(descriptor_);
}

void SharedBoard::map() {
  void* memory = mmap(nullptr, sizeof(Board), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor_, 0);
  if (memory == MAP_FAILED) throw Failure(std::string("mmap: ") + std::strerror(errno));
  // Zero bytes are what a new Board would hold; making one here would touch every page of it.
  board_ = static_cast<Board*>(memory);
}

}  // namespace demo
