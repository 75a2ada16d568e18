#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "core/types.h"
#include "value.h"

namespace distcache::sim {

// When something happened, and before or after what else at the same virtual instant.
struct Moment {
  Instant at = Instant::never();
  uint64_t order = UINT64_MAX;

  bool before(const Moment& other) const { return order < other.order; }
};

// What a user did to a key through a node, after changing it in the source.
struct Write {
  uint64_t id = 0;
  KeyId key;
  bool is_put = false;
  bool is_refresh = false;      // the source was not changed; it gives the value, or none
  bool is_conditional = false;  // a put_if
  core::Version expected;       // and its version; zero = absence
  uint32_t process = 0;
  Moment invoked, returned;
  Status status = Status::internal;  // once returned
  bool caller_died = false;          // it never learned the status
  bool seen = false;                 // somebody has read it
  bool lent = false;                 // PARTIAL: members may hold it until their leases end
  Duration ttl;                      // of a put: as long as it can be served, max() = for ever
  const char* what() const { return is_put ? "put" : is_refresh ? "refresh" : "remove"; }
  bool over() const { return returned.order != UINT64_MAX; }
  bool is_settled() const { return over() && !caller_died && status == Status::ok; }
  bool may_be_applied() const {
    return !over() || caller_died || status == Status::ok || status == Status::partial ||
           status == Status::unknown;
  }
};

// One call of the source.
struct Load {
  enum class Answer : uint8_t { none, value, not_found, failure };
  uint64_t id = 0;
  KeyId key;
  uint32_t process = 0;
  Moment began, answered;
  Instant asked;     // when its flight began: it may have waited for its turn since
  Instant deadline;  // on the clock of its process
  Answer answer = Answer::none;
  bool granted = false;  // by an owner, to a caller that can load the key
  Instant lease_until;   // then, at the latest, the owner grants it to the next one
  Duration ttl;          // of what it answered, as long as it can be served
  bool kept = true;      // false: the source asked not to store it
  bool process_died = false;
};

// What a source holds for a key: a versioned register that only user writes change.
struct Register {
  struct Content {
    uint64_t id = 0;
    bool absent = false;
    Moment since;
  };
  std::vector<Content> contents;  // the last one is current
};

// Everything that users and sources did in a run, by key.
class History {
 public:
  explicit History(const Clock& clock) : clock_(clock) {}

  struct OfKey {
    Register source;
    std::vector<Write*> writes;  // in the order of invocation
    std::vector<Load*> loads;    // in the order of their begin
  };

  Moment moment() { return {clock_.now(), next_order_++}; }
  OfKey& of(KeyId key) { return keys_[key]; }
  std::map<KeyId, OfKey>& keys() { return keys_; }

  Write& add_write(KeyId key) {
    Write& write = writes_.emplace_back();
    write.id = writes_.size();
    write.key = key;
    write.invoked = moment();
    of(key).writes.push_back(&write);
    return write;
  }
  Load& add_load(KeyId key) {
    Load& load = loads_.emplace_back();
    load.id = loads_.size();
    load.key = key;
    load.began = moment();
    of(key).loads.push_back(&load);
    return load;
  }
  // nullptr: there is none of this number.
  const Write* write(uint64_t id) const {
    return id - 1 < writes_.size() ? &writes_[id - 1] : nullptr;
  }
  const Load* load(uint64_t id) const { return id - 1 < loads_.size() ? &loads_[id - 1] : nullptr; }
  std::deque<Load>& loads() { return loads_; }

  // The content of a key changes in the source.
  const Register::Content& change(KeyId key, bool absent) {
    of(key).source.contents.push_back({++last_content_, absent, moment()});
    return of(key).source.contents.back();
  }

 private:
  const Clock& clock_;
  uint64_t next_order_ = 1;
  uint64_t last_content_ = 0;
  std::deque<Write> writes_;
  std::deque<Load> loads_;
  std::map<KeyId, OfKey> keys_;
};

}  // namespace distcache::sim
