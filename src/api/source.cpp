#include "api/source.h"

#include "core/mutations.h"

#include <exception>
#include <string>

namespace distcache::api {
namespace {

void refuse(engine::Fetch& fetch, Status status, const char* why) {
  core::LoadAnswer answer;
  answer.status = status;
  answer.retriable = status_retriable(status);
  answer.message = why;
  fetch.answer(std::move(answer));
}

void refuse_gone(engine::Fetch& fetch) {
  refuse(fetch, Status::no_keyspace, "the keyspace was removed, its source is gone");
}

void refuse_full(engine::Fetch& fetch) {
  refuse(fetch, Status::overloaded, "too many loads wait for the answer of a source");
}

std::string thrown_by_source() {
  try {
    throw;
  } catch (const std::exception& thrown) {
    return std::string("the source threw: ") + thrown.what();
  } catch (...) {
    return "the source threw";
  }
}

}  // namespace

CallbackSource::CallbackSource(SourceCallbacks callbacks, uint64_t value_bytes_max,
                               SourceCountersPtr counters)
    : callbacks_(std::move(callbacks)),
      value_bytes_max_(value_bytes_max),
      counters_(std::move(counters)) {}

SourceCallbacks CallbackSource::callbacks() const {
  MutexLock lock(mutex_);
  return callbacks_;
}

void CallbackSource::end() {
  SourceCallbacks gone;  // and gone they are when no lock is held
  MutexLock lock(mutex_);
  if (!core::mutated(core::Mutation::kept_source)) std::swap(gone, callbacks_);
}

void CallbackSource::fetch(engine::FetchPtr fetch) {
  const SourceCallbacks callbacks = this->callbacks();
  if (!callbacks) return refuse_gone(*fetch);
  if (!callbacks.one) {
    std::vector<engine::FetchPtr> alone;
    alone.push_back(std::move(fetch));
    fetch_many(std::move(alone));
    return;
  }
  auto open = std::make_unique<OpenFetch>();
  open->fetch = fetch;
  open->value_bytes_max = value_bytes_max_;
  distcache_fetch_t* handle = fetches.add(std::move(open), counters_->note());
  if (handle == nullptr) return refuse_full(*fetch);
  try {
    (*callbacks.one)(handle);
  } catch (...) {
    if (core::mutated(core::Mutation::thrown_through)) throw;
    distcache_fetch_fail(handle, 0, thrown_by_source().c_str());
  }
}

void CallbackSource::fetch_many(std::vector<engine::FetchPtr> group) {
  const SourceCallbacks callbacks = this->callbacks();
  if (!callbacks.many) {
    for (const engine::FetchPtr& fetch : group) this->fetch(fetch);
    return;
  }
  auto open = std::make_unique<OpenBatch>();
  for (const engine::FetchPtr& fetch : group) {
    open->keys += fetch->key();
    open->key_lens.push_back(static_cast<uint32_t>(fetch->key().size()));
  }
  open->value_bytes_max = value_bytes_max_;
  open->counters = counters_;
  {
    MutexLock lock(open->mutex);
    open->tags.resize(group.size());
  }
  open->fetches = group;
  distcache_fetch_many_t* handle = batches.add(std::move(open), counters_->note());
  if (handle == nullptr) {
    for (const engine::FetchPtr& fetch : group) refuse_full(*fetch);
    return;
  }
  try {
    (*callbacks.many)(handle);
  } catch (...) {
    distcache_fetch_many_end(handle, 0, thrown_by_source().c_str());
  }
}

std::shared_ptr<engine::Source> make_source(SourceCallbacks callbacks,
                                            const core::KeyspaceConfig& config,
                                            const CallbackSource* old) {
  if (!callbacks) return nullptr;
  return std::make_shared<CallbackSource>(
      std::move(callbacks), config.value_bytes_max,
      old ? old->counters() : std::make_shared<const SourceCounters>());
}

std::shared_ptr<engine::Source> make_loader(distcache_fetch_fn fetch, uintptr_t context,
                                            Finalizer finalizer, const engine::Keyspace& keyspace) {
  SourceCallbacks callbacks;
  callbacks.one =
      std::make_shared<const Callback<distcache_fetch_fn>>(fetch, context, std::move(finalizer));
  const auto source = source_of(keyspace);
  return std::make_shared<CallbackSource>(
      std::move(callbacks), keyspace.config().value_bytes_max,
      source ? source->counters() : std::make_shared<const SourceCounters>());
}

std::shared_ptr<CallbackSource> source_of(const engine::Keyspace& keyspace) {
  return std::dynamic_pointer_cast<CallbackSource>(keyspace.source());
}

void end_source(const engine::Keyspace& keyspace) {
  if (const auto source = source_of(keyspace)) source->end();
}

}  // namespace distcache::api
