#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "api/call.h"
#include "base/buffer.h"
#include "core/types.h"
#include "distcache/result.h"

namespace distcache::api {

// What an operation did, for the fields of an item that have a meaning.
enum class Kind : uint8_t { read, write };

// The fields of one outcome; `data` points into the outcome's own Buffer.
distcache_item_t item_of(const core::Outcome& outcome, Kind kind) noexcept;

// An item with what it borrows from. Items are handed out with the size of this as their stride.
struct Row {
  distcache_item_t item{};
  Buffer value;
  std::string message;
  std::vector<std::string> peers;
};

// The result of one outcome, or of several in the order of the request. Throws bad_alloc.
distcache_result_t* result_of(core::Outcome outcome, Kind kind);
distcache_result_t* result_of(std::vector<core::Outcome> outcomes, Kind kind);

// One item for each text, whose data has a NUL behind it.
distcache_result_t* result_of_texts(const std::vector<std::string>& texts);

}  // namespace distcache::api

// Immutable once made; shared by those who retain it.
struct distcache_result {
  explicit distcache_result(size_t count) : rows(count) {}

  std::atomic<uint32_t> owners{1};
  std::vector<distcache::api::Row> rows;
};
