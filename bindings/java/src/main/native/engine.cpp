// Configurations, engines, keyspaces, peers.
#include "glue.h"

#include "io_distcache_Native.h"

namespace glue {
namespace {

// Raises unless `status` is OK.
bool good(JNIEnv* env, distcache_status_t status, distcache_error_t* error) {
  if (status != DISTCACHE_OK) raise(env, status, error);
  return status == DISTCACHE_OK;
}

// byte[][] of texts, each ended by NUL, in pairs of name and value. A refused value is remembered
// by the library and reported by open, add or update together with all other faults.
template <typename Object, typename Set>
bool set_all(JNIEnv* env, Object* object, jobjectArray properties, Set set) {
  const jsize count = env->GetArrayLength(properties);
  for (jsize i = 0; i + 1 < count; i += 2) {
    auto name = static_cast<jbyteArray>(env->GetObjectArrayElement(properties, i));
    auto value = static_cast<jbyteArray>(env->GetObjectArrayElement(properties, i + 1));
    const Bytes name_copy(env, name);
    const Bytes value_copy(env, value);
    if (!name_copy.ok() || !value_copy.ok()) return false;
    set(object, name_copy.text(), value_copy.text(), nullptr);
    env->DeleteLocalRef(name);
    env->DeleteLocalRef(value);
  }
  return true;
}

distcache_keyspace_def_t* new_def(JNIEnv* env, jbyteArray name, jobjectArray properties,
                                  jobject source) {
  const Bytes text(env, name);
  if (!text.ok()) return nullptr;
  distcache_keyspace_def_t* def = nullptr;
  distcache_error_t* error = nullptr;
  distcache_status_t status = distcache_keyspace_def_new(text.text(), &def, &error);
  if (!good(env, status, error)) return nullptr;
  bool whole = set_all(env, def, properties, distcache_keyspace_def_set);
  if (whole && source != nullptr) {
    jobject context = env->NewGlobalRef(source);
    if (context == nullptr) {
      raise_no_memory(env);
      whole = false;
    } else {
      status = distcache_keyspace_def_source(
          def, fetch_in_java, reinterpret_cast<uintptr_t>(context), forget_in_java, &error);
      whole = good(env, status, error);
    }
  }
  if (whole) return def;
  distcache_keyspace_def_release(def);
  return nullptr;
}

jobjectArray new_list(JNIEnv* env, size_t count) {
  return env->NewObjectArray(static_cast<jsize>(count), java.bytes, nullptr);
}

bool add_to(JNIEnv* env, jobjectArray list, size_t index, jbyteArray bytes) {
  if (bytes == nullptr) return false;
  env->SetObjectArrayElement(list, static_cast<jsize>(index), bytes);
  env->DeleteLocalRef(bytes);
  return true;
}

}  // namespace
}  // namespace glue

using glue::Bytes;
using glue::from_java;
using glue::good;
using glue::to_java;

extern "C" {

JNIEXPORT jlong JNICALL Java_io_distcache_Native_configNew(JNIEnv* env, jclass,
                                                           jobjectArray properties) {
  distcache_config_t* config = nullptr;
  distcache_error_t* error = nullptr;
  const distcache_status_t status = distcache_config_new(DISTCACHE_ABI, &config, &error);
  if (!good(env, status, error)) return 0;
  if (glue::set_all(env, config, properties, distcache_config_set)) return to_java(config);
  distcache_config_release(config);
  return 0;
}

JNIEXPORT void JNICALL Java_io_distcache_Native_configKeyspace(JNIEnv* env, jclass, jlong config,
                                                               jbyteArray name,
                                                               jobjectArray properties,
                                                               jobject source) {
  distcache_keyspace_def_t* def = glue::new_def(env, name, properties, source);
  if (def == nullptr) return;
  distcache_error_t* error = nullptr;
  const distcache_status_t status =
      distcache_config_keyspace(from_java<distcache_config_t>(config), def, &error);
  distcache_keyspace_def_release(def);
  good(env, status, error);
}

JNIEXPORT void JNICALL Java_io_distcache_Native_configRelease(JNIEnv*, jclass, jlong config) {
  distcache_config_release(from_java<distcache_config_t>(config));
}

JNIEXPORT jlong JNICALL Java_io_distcache_Native_open(JNIEnv* env, jclass, jlong config) {
  distcache_t* cache = nullptr;
  distcache_error_t* error = nullptr;
  const auto status = distcache_open(from_java<distcache_config_t>(config), &cache, &error);
  good(env, status, error);
  return to_java(cache);
}

JNIEXPORT jboolean JNICALL Java_io_distcache_Native_ready(JNIEnv*, jclass, jlong cache) {
  return distcache_ready(from_java<distcache_t>(cache)) != 0;
}

JNIEXPORT void JNICALL Java_io_distcache_Native_waitReady(JNIEnv* env, jclass, jlong cache,
                                                          jlong timeout) {
  distcache_error_t* error = nullptr;
  const auto status = distcache_wait_ready(from_java<distcache_t>(cache), timeout, &error);
  good(env, status, error);
}

JNIEXPORT void JNICALL Java_io_distcache_Native_close(JNIEnv* env, jclass, jlong cache,
                                                      jlong timeout) {
  distcache_error_t* error = nullptr;
  const auto status = distcache_close(from_java<distcache_t>(cache), timeout, &error);
  good(env, status, error);
}

JNIEXPORT void JNICALL Java_io_distcache_Native_release(JNIEnv*, jclass, jlong cache) {
  distcache_release(from_java<distcache_t>(cache));
}

JNIEXPORT jlong JNICALL Java_io_distcache_Native_keyspaceAdd(JNIEnv* env, jclass, jlong cache,
                                                             jbyteArray name,
                                                             jobjectArray properties,
                                                             jobject source) {
  distcache_keyspace_def_t* def = glue::new_def(env, name, properties, source);
  if (def == nullptr) return 0;
  distcache_keyspace_t* keyspace = nullptr;
  distcache_error_t* error = nullptr;
  const distcache_status_t status =
      distcache_keyspace_add(from_java<distcache_t>(cache), def, &keyspace, &error);
  distcache_keyspace_def_release(def);
  good(env, status, error);
  return to_java(keyspace);
}

JNIEXPORT void JNICALL Java_io_distcache_Native_keyspaceUpdate(JNIEnv* env, jclass, jlong cache,
                                                               jbyteArray name,
                                                               jobjectArray properties,
                                                               jobject source) {
  distcache_keyspace_def_t* def = glue::new_def(env, name, properties, source);
  if (def == nullptr) return;
  distcache_error_t* error = nullptr;
  const distcache_status_t status =
      distcache_keyspace_update(from_java<distcache_t>(cache), def, &error);
  distcache_keyspace_def_release(def);
  good(env, status, error);
}

JNIEXPORT void JNICALL Java_io_distcache_Native_keyspaceRemove(JNIEnv* env, jclass, jlong cache,
                                                               jbyteArray name) {
  const Bytes text(env, name);
  if (!text.ok()) return;
  distcache_error_t* error = nullptr;
  const auto status = distcache_keyspace_remove(from_java<distcache_t>(cache), text.text(), &error);
  good(env, status, error);
}

JNIEXPORT jlong JNICALL Java_io_distcache_Native_keyspaceLookup(JNIEnv* env, jclass, jlong cache,
                                                                jbyteArray name) {
  const Bytes text(env, name);
  if (!text.ok()) return 0;
  distcache_keyspace_t* keyspace = nullptr;
  distcache_error_t* error = nullptr;
  const auto status =
      distcache_keyspace_lookup(from_java<distcache_t>(cache), text.text(), &keyspace, &error);
  good(env, status, error);
  return to_java(keyspace);
}

JNIEXPORT void JNICALL Java_io_distcache_Native_keyspaceRelease(JNIEnv*, jclass, jlong keyspace) {
  distcache_keyspace_release(from_java<distcache_keyspace_t>(keyspace));
}

// The names of all keyspaces.
JNIEXPORT jobjectArray JNICALL Java_io_distcache_Native_keyspaceList(JNIEnv* env, jclass,
                                                                     jlong cache) {
  distcache_result_t* result = nullptr;
  distcache_error_t* error = nullptr;
  const auto status = distcache_keyspace_list(from_java<distcache_t>(cache), &result, &error);
  if (!good(env, status, error)) return nullptr;
  size_t count = 0;
  distcache_result_items(result, &count, nullptr);
  jobjectArray list = glue::new_list(env, count);
  for (size_t i = 0; list != nullptr && i < count; ++i) {
    const distcache_item_t* item = distcache_result_item(result, i);
    if (!glue::add_to(env, list, i, glue::new_bytes(env, item->data, item->len))) break;
  }
  distcache_result_release(result);
  return list;
}

// Names and hosts alternating; `numbers` receives id, incarnation, data port, discovery port,
// weight, state and flags of each, as many as fit.
JNIEXPORT jobjectArray JNICALL Java_io_distcache_Native_peers(JNIEnv* env, jclass, jlong cache,
                                                              jlongArray numbers) {
  distcache_peers_t* peers = nullptr;
  distcache_error_t* error = nullptr;
  const auto status = distcache_peers_get(from_java<distcache_t>(cache), &peers, &error);
  if (!good(env, status, error)) return nullptr;
  size_t count = 0;
  size_t stride = 0;
  auto* at = reinterpret_cast<const char*>(distcache_peers_items(peers, &count, &stride));
  const auto room = static_cast<size_t>(env->GetArrayLength(numbers)) / 7;
  jobjectArray list = glue::new_list(env, count * 2);
  for (size_t i = 0; list != nullptr && i < count; ++i, at += stride) {
    const auto* peer = reinterpret_cast<const distcache_peer_t*>(at);
    if (!glue::add_to(env, list, 2 * i, glue::new_text(env, peer->name))) break;
    if (!glue::add_to(env, list, 2 * i + 1, glue::new_text(env, peer->host))) break;
    const jlong values[7] = {
        static_cast<jlong>(peer->id),        static_cast<jlong>(peer->incarnation),
        static_cast<jlong>(peer->data_port), static_cast<jlong>(peer->discovery_port),
        static_cast<jlong>(peer->weight),    peer->state,
        static_cast<jlong>(peer->flags)};
    if (i < room) env->SetLongArrayRegion(numbers, static_cast<jsize>(i * 7), 7, values);
  }
  distcache_peers_release(peers);
  return list;
}

// Counters in the order of their struct, from `gets` on; 0 for those this library does not have.
JNIEXPORT void JNICALL Java_io_distcache_Native_keyspaceStats(JNIEnv* env, jclass, jlong keyspace,
                                                              jlongArray out) {
  distcache_keyspace_stats_t stats = {};
  stats.struct_size = sizeof(stats);
  distcache_error_t* error = nullptr;
  const auto status =
      distcache_keyspace_stats_get(from_java<distcache_keyspace_t>(keyspace), &stats, &error);
  if (!good(env, status, error)) return;
  constexpr auto kCount = static_cast<jsize>((sizeof(stats) - 8) / sizeof(uint64_t));
  static_assert(offsetof(distcache_keyspace_stats_t, gets) == 8);
  env->SetLongArrayRegion(out, 0, kCount, reinterpret_cast<const jlong*>(&stats.gets));
}
}
