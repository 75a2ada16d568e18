#include "api/result.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "api/text.h"

namespace distcache::api {
namespace {

int64_t age_ms(Duration age) { return std::max<int64_t>(age.as_ms(), 0); }

// A rest of a millisecond counts as one: 0 means expired.
int64_t ttl_remaining_ms(Duration ttl) {
  if (ttl == Duration::max()) return DISTCACHE_TTL_NONE;
  return ttl <= Duration() ? 0 : std::max<int64_t>(ttl.as_ms(), 1);
}

void fill(Row& row, core::Outcome outcome, Kind kind) {
  row.item = item_of(outcome, kind);
  row.value = std::move(outcome.value);
  const bool failed = !expected(outcome.status);
  if (failed && outcome.message.empty()) row.message = status_name(public_status(outcome.status));
  if (!outcome.message.empty()) row.message = clean_text(outcome.message);
  for (const std::string& peer : outcome.unconfirmed) row.peers.push_back(clean_text(peer));
}

}  // namespace

distcache_item_t item_of(const core::Outcome& outcome, Kind kind) noexcept {
  distcache_item_t item{};
  const Status status = public_status(outcome.status);
  item.status = static_cast<distcache_status_t>(status);
  if (status != Status::ok && outcome.retriable) item.flags |= DISTCACHE_ITEM_RETRIABLE;
  // Of the entry that is there, not of one that was made.
  const bool other = status == Status::version_mismatch;
  if (status != Status::ok && status != Status::partial && !other) return item;
  item.version = {outcome.version.epoch, outcome.version.owner, outcome.version.counter};
  if (kind == Kind::write || other) return item;
  item.data = reinterpret_cast<const uint8_t*>(outcome.value.data());
  item.len = outcome.value.size();
  item.age_ms = age_ms(outcome.age);
  item.ttl_remaining_ms = ttl_remaining_ms(outcome.ttl);
  item.origin = static_cast<int32_t>(outcome.origin);
  if (outcome.stale) item.flags |= DISTCACHE_ITEM_STALE;
  return item;
}

distcache_result_t* result_of(core::Outcome outcome, Kind kind) {
  auto result = std::make_unique<distcache_result_t>(1);
  fill(result->rows.front(), std::move(outcome), kind);
  return result.release();
}

distcache_result_t* result_of(std::vector<core::Outcome> outcomes, Kind kind) {
  auto result = std::make_unique<distcache_result_t>(outcomes.size());
  for (size_t i = 0; i < outcomes.size(); ++i) {
    fill(result->rows[i], std::move(outcomes[i]), kind);
  }
  return result.release();
}

distcache_result_t* result_of_texts(const std::vector<std::string>& texts) {
  auto result = std::make_unique<distcache_result_t>(texts.size());
  for (size_t i = 0; i < texts.size(); ++i) {
    Row& row = result->rows[i];
    row.value = Buffer::copy_of({texts[i].c_str(), texts[i].size() + 1});
    if (row.value.is_null()) throw std::bad_alloc();
    row.item.data = reinterpret_cast<const uint8_t*>(row.value.data());
    row.item.len = texts[i].size();
    row.item.ttl_remaining_ms = DISTCACHE_TTL_NONE;
  }
  return result.release();
}

}  // namespace distcache::api

using distcache::api::Row;

const distcache_item_t* distcache_result_items(const distcache_result_t* result, size_t* count,
                                               size_t* stride) {
  const size_t rows = result ? result->rows.size() : 0;
  if (count != nullptr) *count = rows;
  if (stride != nullptr) *stride = sizeof(Row);
  return rows == 0 ? nullptr : &result->rows.front().item;
}

const distcache_item_t* distcache_result_item(const distcache_result_t* result, size_t index) {
  return result && index < result->rows.size() ? &result->rows[index].item : nullptr;
}

const char* distcache_result_message(const distcache_result_t* result, size_t index) {
  return result && index < result->rows.size() ? result->rows[index].message.c_str() : "";
}

// No operation of this version has keys that the caller did not choose.
const uint8_t* distcache_result_key(const distcache_result_t*, size_t, size_t* len) {
  if (len != nullptr) *len = 0;
  return nullptr;
}

const char* distcache_result_peer(const distcache_result_t* result, size_t index, size_t nth) {
  if (result == nullptr || index >= result->rows.size()) return nullptr;
  const auto& peers = result->rows[index].peers;
  return nth < peers.size() ? peers[nth].c_str() : nullptr;
}

distcache_result_t* distcache_result_retain(distcache_result_t* result) {
  // Relaxed: who retains has the result already, and hands it on by means of his own.
  if (result != nullptr) result->owners.fetch_add(1, std::memory_order_relaxed);
  return result;
}

void distcache_result_release(distcache_result_t* result) {
  if (result == nullptr) return;
  // The last owner sees what all others did with it, before it goes.
  if (result->owners.fetch_sub(1, std::memory_order_acq_rel) == 1) delete result;
}
