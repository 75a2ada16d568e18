#pragma once

#include <distcache.h>

#include <vector>

#include "node/lateness.h"
#include "node/recorder.h"

namespace cluster {

// Calls about keys of the truth, with a record of each key: what was read or written, what came of
// it, and how late it was. Belongs to one thread.
class RecordedCalls {
 public:
  enum class Form { waits, completes_later };
  using Version = distcache_entry_version_t;
  using Keys = std::vector<uint32_t>;  // no one twice

  RecordedCalls(Recorder& recorder, Watchdog& watchdog, distcache_keyspace_t* keyspace,
                int64_t timeout_ms, int64_t write_timeout_ms);

  Version get(uint32_t key, Form form);
  void get_many(const Keys& keys, Form form);
  void refresh(uint32_t key, Form form);
  // Each write after a change of the truth.
  void put(uint32_t key, Form form);
  void put_if(uint32_t key, const Version& expected, Form form);
  void put_many(const Keys& keys, Form form);
  void remove(uint32_t key, Form form);
  void remove_many(const Keys& keys, Form form);

 private:
  // A call under way: a record of each of its keys.
  struct Call;

  Recorder& recorder_;
  Watchdog& watchdog_;
  distcache_keyspace_t* const keyspace_;
  const distcache_options_t reading_, writing_;
  const RunDelay delay_;
};

}  // namespace cluster
