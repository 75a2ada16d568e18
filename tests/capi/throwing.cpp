// Callbacks that throw. The header says that none may; a C++ program does it all the same, and the
// exception then ends with the callback: its fetch fails, its completion counts, the process lives.
#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>

extern "C" {
#include "fixture.h"
}

namespace {

struct Thrower {
  std::atomic<int> loads{0}, finalized{0}, called{0};
  std::atomic<bool> calm{false};
};

Thrower &thrower_of(uintptr_t context) { return *reinterpret_cast<Thrower *>(context); }
uintptr_t context_of(Thrower &thrower) { return reinterpret_cast<uintptr_t>(&thrower); }

void finalize_and_throw(uintptr_t context) {
  ++thrower_of(context).finalized;
  throw std::runtime_error("a finaliser");
}

// By the first letter of the key: what is thrown, before or after the answer.
void fetch_and_throw(uintptr_t context, distcache_fetch_t *fetch) {
  Thrower &thrower = thrower_of(context);
  ++thrower.loads;
  size_t len = 0;
  const char first = static_cast<char>(*distcache_fetch_key(fetch, &len));
  if (thrower.calm || first == 'a') distcache_fetch_complete(fetch, BYTES("calm"), nullptr);
  if (thrower.calm) return;
  if (first == 'i') throw 42;
  if (first == 'm') throw std::bad_alloc();
  if (first == 'l') throw std::runtime_error(std::string(100'000, 'x'));
  if (first == 'u') throw std::runtime_error("\xFF\xC0 no text");
  throw std::runtime_error("the database is on fire");
}

// Answers the first key, and throws before the others.
void fetch_many_and_throw(uintptr_t context, distcache_fetch_many_t *batch) {
  ++thrower_of(context).loads;
  distcache_fetch_many_complete(batch, 0, BYTES("calm"), nullptr);
  throw std::runtime_error("in the middle");
}

distcache_keyspace_t *add_thrower(distcache_t *cache, Thrower &thrower) {
  distcache_keyspace_def_t *def = new_def("users", nullptr);
  assert_ok(distcache_keyspace_def_set(def, "read.timeout.ms", "10m", nullptr));
  assert_ok(distcache_keyspace_def_source(def, fetch_and_throw, context_of(thrower),
                                          finalize_and_throw, nullptr));
  return add_def(cache, def);
}

void close_all(distcache_t *cache, distcache_keyspace_t *keyspace) {
  distcache_keyspace_release(keyspace);
  assert_ok(distcache_close(cache, 0, nullptr));
  distcache_release(cache);
}

void a_source_that_throws_fails_its_load(void ** /*state*/) {
  static const struct {
    const char *key, *says;
  } table[] = {{"f", "the database is on fire"},
               {"i", "the source threw"},
               {"m", "the source threw"},
               {"l", "xxxx"},
               {"u", " no text"}};
  Thrower thrower;
  distcache_t *cache = open_alone();
  distcache_keyspace_t *keyspace = add_thrower(cache, thrower);
  for (const auto &row : table) {
    distcache_result_t *result = nullptr;
    distcache_error_t *err = nullptr;
    thrower.calm = false;
    assert_status(DISTCACHE_SOURCE_FAILED,
                  distcache_get(keyspace, BYTES(row.key), nullptr, &result, &err));
    assert_null(result);
    assert_int_equal(distcache_error_retriable(err), 0);
    assert_error(err, DISTCACHE_SOURCE_FAILED, row.says);
    thrower.calm = true;
    assert_get(keyspace, row.key, "calm");
  }
  close_all(cache, keyspace);
  assert_int_equal(thrower.finalized, 1);
}

void what_is_thrown_after_the_answer_changes_nothing(void ** /*state*/) {
  Thrower thrower;
  distcache_t *cache = open_alone();
  distcache_keyspace_t *keyspace = add_thrower(cache, thrower);
  assert_get(keyspace, "a", "calm");
  assert_get(keyspace, "a", "calm");
  assert_int_equal(thrower.loads, 1);
  close_all(cache, keyspace);
  assert_int_equal(thrower.finalized, 1);
}

void a_bulk_source_that_throws_fails_what_is_left(void ** /*state*/) {
  static const uint32_t lens[] = {1, 1, 1};
  Thrower thrower;
  distcache_t *cache = open_alone();
  distcache_keyspace_def_t *def = new_def("users", nullptr);
  distcache_result_t *result = nullptr;
  assert_ok(distcache_keyspace_def_source_many(def, fetch_many_and_throw, context_of(thrower),
                                               finalize_and_throw, nullptr));
  distcache_keyspace_t *keyspace = add_def(cache, def);
  assert_ok(distcache_get_many(keyspace, reinterpret_cast<const uint8_t *>("123"), lens, 3, nullptr,
                               &result, nullptr));
  int failed = 0;
  for (size_t i = 0; i < 3; ++i) {
    if (distcache_result_item(result, i)->status != DISTCACHE_SOURCE_FAILED) continue;
    ++failed;
    assert_non_null(strstr(distcache_result_message(result, i), "in the middle"));
  }
  // They may have been handed over together or in parts, of which each has its first one answered.
  assert_int_equal(failed, 3 - thrower.loads);
  distcache_result_release(result);
  close_all(cache, keyspace);
  assert_int_equal(thrower.finalized, 1);
}

void done_and_throw(uintptr_t context, distcache_status_t /*status*/, distcache_result_t *result,
                    distcache_error_t *error) {
  distcache_result_release(result);
  distcache_error_release(error);
  ++thrower_of(context).called;
  throw std::runtime_error("a completion");
}

void completions_that_throw_are_called_all_the_same(void ** /*state*/) {
  Thrower thrower;
  distcache_t *cache = open_alone();
  distcache_keyspace_t *keyspace = add_thrower(cache, thrower);
  for (int i = 0; i < 100; ++i) {
    assert_ok(distcache_get_async(keyspace, BYTES(i % 2 == 0 ? "a" : "f"), nullptr, done_and_throw,
                                  context_of(thrower), nullptr, nullptr));
  }
  wait_until(thrower.called == 100);
  close_all(cache, keyspace);
  assert_int_equal(thrower.called, 100);
}

void log_and_throw(uintptr_t context, const distcache_log_record_t * /*record*/) {
  ++thrower_of(context).called;
  throw 42;
}
void event_and_throw(uintptr_t context, const distcache_event_t * /*event*/) {
  ++thrower_of(context).called;
  throw std::runtime_error("an event");
}

void observers_that_throw_are_called_again(void ** /*state*/) {
  Thrower thrower;
  distcache_config_t *config = new_config();
  assert_ok(distcache_config_set(config, "log.level", "debug", nullptr));
  assert_ok(distcache_config_on_log(config, log_and_throw, context_of(thrower), finalize_and_throw,
                                    nullptr));
  assert_ok(distcache_config_on_event(config, event_and_throw, context_of(thrower),
                                      finalize_and_throw, nullptr));
  distcache_t *cache = open_config(config);
  distcache_peers_t *peers = nullptr;
  assert_ok(distcache_peers_get(cache, &peers, nullptr));
  const std::string address =
      "127.0.0.1:" + std::to_string(distcache_peers_items(peers, nullptr, nullptr)->discovery_port);
  distcache_peers_release(peers);
  config = new_config();
  assert_ok(distcache_config_set(config, "discovery.provider", "static", nullptr));
  assert_ok(distcache_config_set(config, "discovery.peers", address.c_str(), nullptr));
  distcache_t *second = open_config(config);
  wait_until(thrower.called >= 2);  // the log's line and the event of one arrival
  const int before = thrower.called;
  assert_ok(distcache_close(second, 0, nullptr));
  distcache_release(second);
  wait_until(thrower.called > before);
  assert_ok(distcache_close(cache, 0, nullptr));
  distcache_release(cache);
  assert_int_equal(thrower.finalized, 2);
}

void finalisers_that_throw_run_once(void ** /*state*/) {
  Thrower thrower;
  distcache_keyspace_def_t *def = new_def("users", nullptr);
  distcache_config_t *config = new_config();
  distcache_error_t *err = nullptr;
  for (int i = 0; i < 2; ++i) {  // the second replaces the first
    assert_ok(distcache_keyspace_def_source(def, fetch_and_throw, context_of(thrower),
                                            finalize_and_throw, nullptr));
    assert_int_equal(thrower.finalized, i);
  }
  distcache_keyspace_def_release(def);
  assert_int_equal(thrower.finalized, 2);
  assert_status(DISTCACHE_INVALID_ARGUMENT,
                distcache_keyspace_def_source(nullptr, fetch_and_throw, context_of(thrower),
                                              finalize_and_throw, &err));
  assert_error(err, DISTCACHE_INVALID_ARGUMENT, "def");
  assert_int_equal(thrower.finalized, 3);
  assert_status(DISTCACHE_UNSUPPORTED,
                distcache_config_hash(config, "mine", nullptr, context_of(thrower),
                                      finalize_and_throw, nullptr));
  assert_int_equal(thrower.finalized, 4);
  distcache_config_release(config);
  assert_int_equal(thrower.finalized, 4);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_source_that_throws_fails_its_load),
      cmocka_unit_test(what_is_thrown_after_the_answer_changes_nothing),
      cmocka_unit_test(a_bulk_source_that_throws_fails_what_is_left),
      cmocka_unit_test(completions_that_throw_are_called_all_the_same),
      cmocka_unit_test(observers_that_throw_are_called_again),
      cmocka_unit_test(finalisers_that_throw_run_once),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
