#include "node/handles.h"

#include <vector>

#include "common/pattern.h"

namespace cluster {
namespace {

constexpr size_t kShownBytesMax = 512;  // longer values are told by length and fingerprint only

}  // namespace

Fields answer_of(distcache_status_t status, const distcache_error_t* error) {
  Fields answer{{"status", distcache_status_name(status)}};
  if (error == nullptr) return answer;
  answer.set({"text", distcache_error_message(error)});
  answer.set({"retriable", distcache_error_retriable(error)});
  std::vector<std::string> missed;
  while (const char* peer = distcache_error_peer(error, missed.size())) missed.emplace_back(peer);
  if (!missed.empty()) answer.set_list("missed", missed);
  return answer;
}

Fields answer_of(const distcache_item_t& item, const char* message) {
  Fields answer{{"status", distcache_status_name(item.status)},
                {"len", item.len},
                {"origin", item.origin},
                {"has_data", item.data != nullptr ? 1 : 0},
                {"text", message},
                {"retriable", (item.flags & DISTCACHE_ITEM_RETRIABLE) != 0 ? 1 : 0}};
  if (item.data == nullptr) return answer;
  const std::string_view bytes(reinterpret_cast<const char*>(item.data), item.len);
  answer.set({"fingerprint", fingerprint(bytes)});
  if (item.len <= kShownBytesMax) answer.set({"value", std::string(bytes)});
  return answer;
}

}  // namespace cluster
