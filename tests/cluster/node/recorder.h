#pragma once

#include <distcache.h>

#include <optional>
#include <string>

#include "common/fields.h"
#include "common/history.h"

namespace cluster {

// Writes down what this process does and sees, once it has been told where; loads come from the
// truth then. Any thread.
class Recorder {
 public:
  // Fields: truth, records (paths of shared memory).
  Fields start(const Fields& command);
  bool is_on() const { return records_ != nullptr; }
  Truth& truth() { return *truth_; }

  // What begins now. The record is the caller's to fill; it counts once it has an end.
  Record& begin(Record::Act act, uint32_t key);
  static void end(Record& record);
  // What has happened already.
  void note(Record::Act act, uint64_t version, uint32_t number, uint8_t status, int64_t begin_ns,
            int64_t end_ns);

  // Answers a fetch of one of the truth's keys.
  void serve(distcache_fetch_t* fetch, const std::string& key);
  // The number of "k<number>"; nothing for other keys.
  static std::optional<uint32_t> number_of(const std::string& key);

 private:
  Truth* truth_ = nullptr;
  Records* records_ = nullptr;
  Record spare_;  // for what does not fit: the count tells
};

}  // namespace cluster
