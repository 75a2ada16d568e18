#include "node/recorder.h"

#include <random>
#include <thread>

#include "common/deadline.h"
#include "common/versioned.h"
#include "node/handles.h"

namespace cluster {
namespace {

// Some time up to that long, as a database takes it.
void take_up_to(uint32_t longest_us) {
  thread_local std::mt19937 random(std::random_device{}());
  if (longest_us == 0) return;
  std::this_thread::sleep_for(std::chrono::microseconds(random() % longest_us));
}

}  // namespace

Fields Recorder::start(const Fields& command) {
  truth_ = map_shared<Truth>(command.text("truth"));
  records_ = map_shared<Records>(command.text("records"));
  return {{"status", truth_ != nullptr && records_ != nullptr ? "OK" : "NO_MEMORY"}};
}

Record& Recorder::begin(Record::Act act, uint32_t key) {
  const uint64_t at = records_->count++;
  Record& record = at < Records::kMax ? records_->records[at] : spare_;
  record.act = act;
  record.key = key;
  record.begin_ns = ns_of(Clock::now());
  return record;
}

void Recorder::end(Record& record) { record.end_ns = ns_of(Clock::now()); }

void Recorder::note(Record::Act act, uint64_t version, uint32_t number, uint8_t status,
                    int64_t begin_ns, int64_t end_ns) {
  if (!is_on()) return;
  Record& record = begin(act, number);
  record.version = version;
  record.status = status;
  record.begin_ns = begin_ns;
  record.end_ns = end_ns;
}

std::optional<uint32_t> Recorder::number_of(const std::string& key) {
  char* end = nullptr;
  if (key.size() < 2 || key[0] != 'k') return std::nullopt;
  const unsigned long number = std::strtoul(key.c_str() + 1, &end, 10);
  if (*end != '\0' || number >= Truth::kKeys) return std::nullopt;
  return static_cast<uint32_t>(number);
}

void Recorder::serve(distcache_fetch_t* fetch, const std::string& key) {
  const std::optional<uint32_t> number = number_of(key);
  if (!number) return static_cast<void>(distcache_fetch_fail(fetch, 0, "no key of the truth"));
  Record& record = begin(Record::Act::load, *number);
  take_up_to(truth_->longest_load_us);
  record.version = truth_->versions[*number];
  take_up_to(truth_->longest_load_us);
  switch (truth_->behaviour.load()) {
    case Truth::never_answers:
      return;
    case Truth::fails:
      record.status = DISTCACHE_SOURCE_FAILED;
      distcache_fetch_fail(fetch, 1, "the source fails, as it was told");
      break;
    default:
      const std::string value = value_of({false, *number, record.version});
      distcache_fetch_complete(fetch, bytes_of(value), value.size(), nullptr);
  }
  end(record);
}

}  // namespace cluster
