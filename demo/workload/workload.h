#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "demo/options.h"
#include "demo/workload/page_text.h"

namespace demo {

// Who asks for which key, and when after the first request.
struct Request {
  uint32_t key = 0;  // index of the key
  uint32_t at_ms = 0;
};

// What lies in the database, and the requests that are replayed. Every process reads it for itself
// from the same files, and so knows what each key must answer.
//
// Immutable once made; any thread.
class Workload {
 public:
  // A day of a web server: lines "time_s url status bytes", split by tabs, the first one a title.
  // Takes what was answered with status 200; a page has the largest size it was answered with.
  static Workload from_trace(const std::string& file);
  // The newcomer's own: lines "key TAB value", and one key a line. Without a file of keys each key
  // is asked for once, in a shuffled order.
  static Workload from_own(const std::string& data_file, const std::string& keys_file);

  size_t keys() const { return keys_.size(); }
  std::string_view key(size_t index) const { return keys_[index].name; }
  std::optional<uint32_t> find(std::string_view key) const;
  // False for a key that is asked for and has no value.
  bool present(size_t index) const { return keys_[index].present; }

  void copy_value(size_t index, std::string& value) const;
  bool matches(size_t index, std::string_view value) const;

  const std::vector<Request>& requests() const { return requests_; }
  bool timed() const { return timed_; }
  uint64_t duration_ms() const { return duration_ms_; }

  size_t pages() const { return pages_; }  // keys that have a value
  uint64_t bytes() const { return bytes_; }
  uint64_t bytes_max() const { return bytes_max_; }  // of one value

 private:
  struct Key {
    std::string name;
    std::string value;  // empty in a trace: follows from the name
    size_t size = 0;
    bool present = false;
  };

  uint32_t add(std::string_view name);
  void spread_seconds();
  void finish();

  std::vector<Key> keys_;
  std::unordered_map<std::string, uint32_t> index_;
  std::vector<Request> requests_;
  PageText text_;
  bool timed_ = false;
  uint64_t duration_ms_ = 0;
  size_t pages_ = 0;
  uint64_t bytes_ = 0;
  uint64_t bytes_max_ = 0;
};

// What the options ask for; the trace's file is known from the build.
Workload read_workload(const Options& options);

}  // namespace demo
