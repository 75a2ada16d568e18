#include "node/recorded_calls.h"

#include <string>

#include "common/ledger.h"
#include "common/versioned.h"
#include "node/forms.h"

namespace cluster {
namespace {

using Act = Record::Act;

// Zero of absence, and hardly the same of two versions.
uint64_t fingerprint(const distcache_entry_version_t& version) {
  constexpr uint64_t kOdd = 0x9E3779B97F4A7C15;
  return ((version.epoch * kOdd ^ version.owner) * kOdd ^ version.counter) * kOdd;
}

bool writes(Act act) { return act == Act::put || act == Act::remove; }

distcache_options_t options_of(int64_t timeout_ms) {
  distcache_options_t options = DISTCACHE_OPTIONS_INIT;
  options.timeout_ms = timeout_ms;
  return options;
}

// What a get or a refresh found.
void note_value(const distcache_item_t& item, Record& record) {
  const auto value = read_value(text_of(item.data, item.len));
  if (!value || value->key != record.key) {
    record.flags |= Record::broken;
  } else if (record.act == Act::refresh) {
    if (value->from_put || value->version < record.version) record.flags |= Record::older;
  } else {
    record.version = value->version;
    if (value->from_put) record.flags |= Record::from_put;
    if (item.origin == DISTCACHE_ORIGIN_MIRROR) record.flags |= Record::mirror;
  }
}

// Whom it missed, PARTIAL has to name; and nothing else names anybody.
void note_named(bool named, Record& record) {
  if ((record.status == DISTCACHE_PARTIAL) != named) record.flags |= Record::unnamed;
}

}  // namespace

struct RecordedCalls::Call {
  Call(RecordedCalls& calls, Act act, const Keys& keys)
      : lateness(calls.watchdog_, calls.delay_),
        timeout_ms((writes(act) ? calls.writing_ : calls.reading_).timeout_ms) {
    auto& versions = calls.recorder_.truth().versions;
    for (const uint32_t key : keys) {
      Record& record = *records.emplace_back(&calls.recorder_.begin(act, key));
      if (writes(act)) record.version = ++versions[key];
      if (act == Act::refresh) record.version = versions[key];
      names.push_back(Ledger::key(key));
      if (act == Act::put) values.push_back(value_of({true, key, record.version}));
    }
  }

  const uint8_t* key() const { return bytes_of(names[0]); }
  size_t key_len() const { return names[0].size(); }
  const uint8_t* value() const { return bytes_of(values[0]); }
  size_t value_len() const { return values[0].size(); }
  Record& record() { return *records[0]; }

  // To be called as soon as it has returned. A call with many keys tells of each by its item.
  void end(const Completion& done, bool many) {
    const int64_t end_ns = ns_of(Clock::now());
    const auto late_ms = static_cast<int32_t>(lateness.late_ms(timeout_ms));
    for (size_t i = 0; i < records.size(); ++i) {
      Record& record = *records[i];
      const distcache_item_t* item = distcache_result_item(done.result.get(), i);
      record.late_ms = late_ms;
      record.status = static_cast<uint8_t>(many && item != nullptr ? item->status : done.status);
      if (!writes(record.act) && record.status == DISTCACHE_OK) note_value(*item, record);
      note_named(distcache_error_peer(done.error.get(), 0) != nullptr ||
                     distcache_result_peer(done.result.get(), i, 0) != nullptr,
                 record);
      record.end_ns = end_ns;  // from now on it counts
    }
  }

  std::vector<Record*> records;
  std::vector<std::string> names, values;
  const Lateness lateness;
  const int64_t timeout_ms;
};

RecordedCalls::RecordedCalls(Recorder& recorder, Watchdog& watchdog, distcache_keyspace_t* keyspace,
                             int64_t timeout_ms, int64_t write_timeout_ms)
    : recorder_(recorder),
      watchdog_(watchdog),
      keyspace_(keyspace),
      reading_(options_of(timeout_ms)),
      writing_(options_of(write_timeout_ms)) {}

RecordedCalls::Version RecordedCalls::get(uint32_t key, Form form) {
  Call call(*this, Act::get, {key});
  Completion done;
  if (form == Form::waits) {
    done.status = distcache_get(keyspace_, call.key(), call.key_len(), &reading_, Out(done.result),
                                Out(done.error));
  } else {
    done = complete([&](auto fn, auto context, auto&& err) {
      return distcache_get_async(keyspace_, call.key(), call.key_len(), &reading_, fn, context,
                                 nullptr, err);
    });
  }
  call.end(done, false);
  const distcache_item_t* item = distcache_result_item(done.result.get(), 0);
  return done.status == DISTCACHE_OK ? item->version : Version{};
}

void RecordedCalls::get_many(const Keys& keys, Form form) {
  Call call(*this, Act::get, keys);
  const Packed names(call.names);
  Completion done;
  if (form == Form::waits) {
    done.status = distcache_get_many(keyspace_, bytes_of(names.bytes), names.lens.data(),
                                     keys.size(), &reading_, Out(done.result), Out(done.error));
  } else {
    done = complete([&](auto fn, auto context, auto&& err) {
      return distcache_get_many_async(keyspace_, bytes_of(names.bytes), names.lens.data(),
                                      keys.size(), &reading_, fn, context, nullptr, err);
    });
  }
  call.end(done, true);
}

void RecordedCalls::refresh(uint32_t key, Form form) {
  Call call(*this, Act::refresh, {key});
  Completion done;
  if (form == Form::waits) {
    done.status = distcache_refresh(keyspace_, call.key(), call.key_len(), &reading_,
                                    Out(done.result), Out(done.error));
  } else {
    done = complete([&](auto fn, auto context, auto&& err) {
      return distcache_refresh_async(keyspace_, call.key(), call.key_len(), &reading_, fn, context,
                                     nullptr, err);
    });
  }
  call.end(done, false);
}

void RecordedCalls::put(uint32_t key, Form form) {
  Call call(*this, Act::put, {key});
  Completion done;
  if (form == Form::waits) {
    done.status = distcache_put(keyspace_, call.key(), call.key_len(), call.value(),
                                call.value_len(), &writing_, Out(done.error));
  } else {
    done = complete([&](auto fn, auto context, auto&& err) {
      return distcache_put_async(keyspace_, call.key(), call.key_len(), call.value(),
                                 call.value_len(), &writing_, fn, context, nullptr, err);
    });
  }
  call.end(done, false);
}

void RecordedCalls::put_if(uint32_t key, const Version& expected, Form form) {
  Call call(*this, Act::put, {key});
  call.records[0]->expected = fingerprint(expected);
  Completion done;
  if (form == Form::waits) {
    done.status =
        distcache_put_if(keyspace_, call.key(), call.key_len(), call.value(), call.value_len(),
                         &expected, &writing_, nullptr, Out(done.error));
  } else {
    done = complete([&](auto fn, auto context, auto&& err) {
      return distcache_put_if_async(keyspace_, call.key(), call.key_len(), call.value(),
                                    call.value_len(), &expected, &writing_, fn, context, nullptr,
                                    err);
    });
  }
  call.end(done, false);
}

void RecordedCalls::put_many(const Keys& keys, Form form) {
  Call call(*this, Act::put, keys);
  const Packed names(call.names), values(call.values);
  Completion done;
  if (form == Form::waits) {
    done.status = distcache_put_many(keyspace_, bytes_of(names.bytes), names.lens.data(),
                                     bytes_of(values.bytes), values.lens.data(), nullptr,
                                     keys.size(), &writing_, Out(done.result), Out(done.error));
  } else {
    done = complete([&](auto fn, auto context, auto&& err) {
      return distcache_put_many_async(keyspace_, bytes_of(names.bytes), names.lens.data(),
                                      bytes_of(values.bytes), values.lens.data(), nullptr,
                                      keys.size(), &writing_, fn, context, nullptr, err);
    });
  }
  call.end(done, true);
}

void RecordedCalls::remove(uint32_t key, Form form) {
  Call call(*this, Act::remove, {key});
  Completion done;
  if (form == Form::waits) {
    done.status =
        distcache_delete(keyspace_, call.key(), call.key_len(), &writing_, Out(done.error));
  } else {
    done = complete([&](auto fn, auto context, auto&& err) {
      return distcache_delete_async(keyspace_, call.key(), call.key_len(), &writing_, fn, context,
                                    nullptr, err);
    });
  }
  call.end(done, false);
}

void RecordedCalls::remove_many(const Keys& keys, Form form) {
  Call call(*this, Act::remove, keys);
  const Packed names(call.names);
  Completion done;
  if (form == Form::waits) {
    done.status = distcache_delete_many(keyspace_, bytes_of(names.bytes), names.lens.data(),
                                        keys.size(), &writing_, Out(done.result), Out(done.error));
  } else {
    done = complete([&](auto fn, auto context, auto&& err) {
      return distcache_delete_many_async(keyspace_, bytes_of(names.bytes), names.lens.data(),
                                         keys.size(), &writing_, fn, context, nullptr, err);
    });
  }
  call.end(done, true);
}

}  // namespace cluster
