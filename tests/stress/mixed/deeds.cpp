#include "mixed/deeds.h"

#include <distcache.h>

#include <algorithm>

namespace stress {

using cluster::Record;
using cluster::Records;
using Act = Record::Act;

Deeds::Deeds(const Story& story) {
  for (size_t life = 0; life < story.lives.size(); ++life) {
    const Records& records = **story.lives[life].records;
    const uint64_t count = records.count.load();
    complete = complete && count <= Records::kMax;
    for (uint64_t i = 0; i < std::min(count, Records::kMax); ++i) {
      const Record& record = records.records[i];
      if (record.begin_ns == 0) continue;
      begin_ns = std::min(begin_ns, record.begin_ns);
      const Seen seen{&record, life};
      OfKey& of = keys[record.act <= Act::load ? record.key : UINT32_MAX];
      if (record.act == Act::get && record.end_ns != 0) of.reads.push_back(seen);
      if (record.act == Act::load) of.loads.push_back(seen);
      if (record.act == Act::refresh) of.refreshes.push_back(seen);
      const bool writes = record.act == Act::put || record.act == Act::remove;
      if (writes && record.version != 0) of.writes.emplace(record.version, seen);
    }
  }
}

bool may_be_applied(const Record& write) {
  return write.end_ns == 0 || write.status == DISTCACHE_OK || write.status == DISTCACHE_PARTIAL ||
         write.status == DISTCACHE_UNKNOWN ||
         (write.act == Act::refresh && write.status == DISTCACHE_TIMED_OUT);
}

}  // namespace stress
