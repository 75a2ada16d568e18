#include "api/fetch_handles.h"

namespace distcache::api {
namespace {

struct Counts {
  std::atomic<uint64_t> answers_ignored{0};
};
struct CountsHandle;

constinit Handles<Counts, CountsHandle> all_counts{0xD5};

CountsHandle* handle_of(uint64_t note) { return reinterpret_cast<CountsHandle*>(note); }

}  // namespace

constinit Handles<OpenFetch, distcache_fetch_t> fetches{0xD3};
constinit Handles<OpenBatch, distcache_fetch_many_t> batches{0xD4};

SourceCounters::SourceCounters()
    : note_(reinterpret_cast<uint64_t>(all_counts.add(std::make_unique<Counts>()))) {}

SourceCounters::~SourceCounters() { static_cast<void>(all_counts.close(handle_of(note_))); }

uint64_t SourceCounters::answers_ignored() const {
  const auto counts = all_counts.pin(handle_of(note_));
  return counts ? counts->answers_ignored.load(std::memory_order_relaxed) : 0;
}

void SourceCounters::count_ignored(uint64_t note) {
  const auto counts = all_counts.pin(handle_of(note));
  if (counts) counts->answers_ignored.fetch_add(1, std::memory_order_relaxed);
}

Status check_parent(Call& call, uint64_t parent_fetch, std::vector<core::Ancestor>& out) {
  const auto parent = fetches.pin(reinterpret_cast<const distcache_fetch_t*>(parent_fetch));
  if (parent) {
    out = parent->fetch->ancestors();
    return Status::ok;
  }
  // One that has been answered keeps nobody waiting: the call descends from nothing.
  if (parent.state() == HandleState::stale) return Status::ok;
  return call.refuse(parent.state(), "options: parent_fetch");
}

}  // namespace distcache::api
