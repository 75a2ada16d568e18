// What is done with keys: hits at once, everything else by an operation that completes in Java.
#include "glue.h"

#include "io_distcache_Native.h"

namespace glue {
namespace {

// What Java's Entry reads, in its order.
constexpr jsize kWidth = 7;

void describe(const distcache_item_t& item, jlong* out) {
  out[0] = item.status;
  out[1] = static_cast<jlong>(item.flags) | static_cast<jlong>(item.origin) << 32;
  out[2] = item.age_ms;
  out[3] = item.ttl_remaining_ms;
  out[4] = static_cast<jlong>(item.version.epoch);
  out[5] = static_cast<jlong>(item.version.owner);
  out[6] = static_cast<jlong>(item.version.counter);
}

distcache_options_t options_of(jint flags, jlong timeout, jlong ttl, jlong parent) {
  distcache_options_t options = DISTCACHE_OPTIONS_INIT;
  options.flags = static_cast<uint32_t>(flags);
  options.timeout_ms = timeout;
  options.ttl_ms = ttl;
  options.parent_fetch = static_cast<uint64_t>(parent);
  return options;
}

// EVENT thread. Java takes result and error over, unless it cannot be called.
void done_in_java(uintptr_t context, distcache_status_t status, distcache_result_t* result,
                  distcache_error_t* error) {
  JNIEnv* env = attached();
  if (env == nullptr) {  // nobody is left who could wait
    distcache_result_release(result);
    distcache_error_release(error);
    return;
  }
  auto operation = reinterpret_cast<jobject>(context);
  env->CallStaticVoidMethod(java.native, java.completed, operation, static_cast<jint>(status),
                            to_java(result), to_java(error));
  if (env->ExceptionCheck()) env->ExceptionClear();
  env->DeleteGlobalRef(operation);
}

// Submits with a global reference to the operation as context: `call` gets what all calls have in
// common. Answers the handle, or 0 with an exception pending.
template <typename Call>
jlong submit(JNIEnv* env, jobject operation, Call&& call) {
  jobject context = env->NewGlobalRef(operation);
  if (context == nullptr) {
    raise_no_memory(env);
    return 0;
  }
  distcache_op_t* op = nullptr;
  distcache_error_t* error = nullptr;
  const distcache_status_t status =
      call(done_in_java, reinterpret_cast<uintptr_t>(context), &op, &error);
  if (status == DISTCACHE_OK) return to_java(op);
  env->DeleteGlobalRef(context);
  raise(env, status, error);
  return 0;
}

// A hit as a byte[]; null otherwise, with the status in meta[0], or an exception pending.
jbyteArray answer_view(JNIEnv* env, distcache_status_t status, distcache_view_t& view,
                       distcache_error_t* error, jlongArray meta) {
  if (status == DISTCACHE_OK) {
    jlong numbers[kWidth];
    describe(view.item, numbers);
    jbyteArray value = new_bytes(env, view.item.data, view.item.len);
    distcache_view_release(&view);
    if (value != nullptr) env->SetLongArrayRegion(meta, 0, kWidth, numbers);
    return value;
  }
  if (error != nullptr) {
    raise(env, status, error);
  } else {
    const jlong number = status;
    env->SetLongArrayRegion(meta, 0, 1, &number);
  }
  return nullptr;
}

}  // namespace
}  // namespace glue

using glue::Bytes;
using glue::from_java;
using glue::Lengths;
using glue::Times;
using glue::to_java;

extern "C" {

JNIEXPORT jbyteArray JNICALL Java_io_distcache_Native_held(JNIEnv* env, jclass, jlong keyspace,
                                                           jbyteArray key, jint flags,
                                                           jlong timeout, jlong ttl, jlong parent,
                                                           jlongArray meta) {
  const Bytes bytes(env, key);
  if (!bytes.ok()) return nullptr;
  const distcache_options_t options =
      glue::options_of(flags | DISTCACHE_OP_NO_WAIT, timeout, ttl, parent);
  distcache_view_t view = DISTCACHE_VIEW_INIT;
  distcache_error_t* error = nullptr;
  const distcache_status_t status =
      distcache_get_view(from_java<distcache_keyspace_t>(keyspace), bytes.data(), bytes.size(),
                         &options, &view, &error);
  return glue::answer_view(env, status, view, error, meta);
}

JNIEXPORT jbyteArray JNICALL Java_io_distcache_Native_peek(JNIEnv* env, jclass, jlong keyspace,
                                                           jbyteArray key, jlongArray meta) {
  const Bytes bytes(env, key);
  if (!bytes.ok()) return nullptr;
  distcache_view_t view = DISTCACHE_VIEW_INIT;
  distcache_error_t* error = nullptr;
  const distcache_status_t status = distcache_peek_view(from_java<distcache_keyspace_t>(keyspace),
                                                        bytes.data(), bytes.size(), &view, &error);
  return glue::answer_view(env, status, view, error, meta);
}

JNIEXPORT jlong JNICALL Java_io_distcache_Native_get(JNIEnv* env, jclass, jlong keyspace,
                                                     jbyteArray key, jint flags, jlong timeout,
                                                     jlong ttl, jlong parent, jobject operation) {
  const Bytes bytes(env, key);
  if (!bytes.ok()) return 0;
  const distcache_options_t options = glue::options_of(flags, timeout, ttl, parent);
  return glue::submit(env, operation, [&](auto... rest) {
    return distcache_get_async(from_java<distcache_keyspace_t>(keyspace), bytes.data(),
                               bytes.size(), &options, rest...);
  });
}

JNIEXPORT jlong JNICALL Java_io_distcache_Native_put(JNIEnv* env, jclass, jlong keyspace,
                                                     jbyteArray key, jbyteArray value, jint flags,
                                                     jlong timeout, jlong ttl, jlong parent,
                                                     jobject operation) {
  const Bytes bytes(env, key);
  const Bytes stored(env, value);
  if (!bytes.ok() || !stored.ok()) return 0;
  const distcache_options_t options = glue::options_of(flags, timeout, ttl, parent);
  return glue::submit(env, operation, [&](auto... rest) {
    return distcache_put_async(from_java<distcache_keyspace_t>(keyspace), bytes.data(),
                               bytes.size(), stored.data(), stored.size(), &options, rest...);
  });
}

// The library ends the reference to the loader, also if it refuses the call.
JNIEXPORT jlong JNICALL Java_io_distcache_Native_getWith(JNIEnv* env, jclass, jlong keyspace,
                                                         jbyteArray key, jobject loader, jint flags,
                                                         jlong timeout, jlong ttl, jlong parent,
                                                         jobject operation) {
  const Bytes bytes(env, key);
  if (!bytes.ok()) return 0;
  const distcache_options_t options = glue::options_of(flags, timeout, ttl, parent);
  return glue::submit(env, operation, [&](auto... rest) -> distcache_status_t {
    jobject source = env->NewGlobalRef(loader);
    if (source == nullptr) return DISTCACHE_NO_MEMORY;
    return distcache_get_with_async(from_java<distcache_keyspace_t>(keyspace), bytes.data(),
                                    bytes.size(), glue::fetch_in_java,
                                    reinterpret_cast<uintptr_t>(source), glue::forget_in_java,
                                    &options, rest...);
  });
}

JNIEXPORT jlong JNICALL Java_io_distcache_Native_refresh(JNIEnv* env, jclass, jlong keyspace,
                                                         jbyteArray key, jint flags, jlong timeout,
                                                         jlong ttl, jlong parent,
                                                         jobject operation) {
  const Bytes bytes(env, key);
  if (!bytes.ok()) return 0;
  const distcache_options_t options = glue::options_of(flags, timeout, ttl, parent);
  return glue::submit(env, operation, [&](auto... rest) {
    return distcache_refresh_async(from_java<distcache_keyspace_t>(keyspace), bytes.data(),
                                   bytes.size(), &options, rest...);
  });
}

JNIEXPORT jlong JNICALL Java_io_distcache_Native_putIf(JNIEnv* env, jclass, jlong keyspace,
                                                       jbyteArray key, jbyteArray value,
                                                       jlong epoch, jlong owner, jlong counter,
                                                       jint flags, jlong timeout, jlong ttl,
                                                       jlong parent, jobject operation) {
  const Bytes bytes(env, key);
  const Bytes stored(env, value);
  if (!bytes.ok() || !stored.ok()) return 0;
  const distcache_options_t options = glue::options_of(flags, timeout, ttl, parent);
  const distcache_entry_version_t expected = {static_cast<uint64_t>(epoch),
                                              static_cast<uint64_t>(owner),
                                              static_cast<uint64_t>(counter)};
  return glue::submit(env, operation, [&](auto... rest) {
    return distcache_put_if_async(from_java<distcache_keyspace_t>(keyspace), bytes.data(),
                                  bytes.size(), stored.data(), stored.size(), &expected, &options,
                                  rest...);
  });
}

JNIEXPORT jlong JNICALL Java_io_distcache_Native_delete(JNIEnv* env, jclass, jlong keyspace,
                                                        jbyteArray key, jint flags, jlong timeout,
                                                        jlong ttl, jlong parent,
                                                        jobject operation) {
  const Bytes bytes(env, key);
  if (!bytes.ok()) return 0;
  const distcache_options_t options = glue::options_of(flags, timeout, ttl, parent);
  return glue::submit(env, operation, [&](auto... rest) {
    return distcache_delete_async(from_java<distcache_keyspace_t>(keyspace), bytes.data(),
                                  bytes.size(), &options, rest...);
  });
}

JNIEXPORT jlong JNICALL Java_io_distcache_Native_getMany(JNIEnv* env, jclass, jlong keyspace,
                                                         jbyteArray keys, jintArray lengths,
                                                         jint flags, jlong timeout, jlong ttl,
                                                         jlong parent, jobject operation) {
  const Bytes bytes(env, keys);
  const Lengths lens(env, lengths);
  if (!bytes.ok() || !lens.ok()) return 0;
  const distcache_options_t options = glue::options_of(flags, timeout, ttl, parent);
  return glue::submit(env, operation, [&](auto... rest) {
    return distcache_get_many_async(from_java<distcache_keyspace_t>(keyspace), bytes.data(),
                                    lens.data(), lens.size(), &options, rest...);
  });
}

JNIEXPORT jlong JNICALL Java_io_distcache_Native_putMany(JNIEnv* env, jclass, jlong keyspace,
                                                         jbyteArray keys, jintArray lengths,
                                                         jbyteArray values, jintArray value_lengths,
                                                         jlongArray ttls, jint flags, jlong timeout,
                                                         jlong ttl, jlong parent,
                                                         jobject operation) {
  const Bytes bytes(env, keys);
  const Lengths lens(env, lengths);
  const Bytes stored(env, values);
  const Lengths stored_lens(env, value_lengths);
  const Times times(env, ttls);
  if (!bytes.ok() || !lens.ok() || !stored.ok() || !stored_lens.ok() || !times.ok()) return 0;
  const distcache_options_t options = glue::options_of(flags, timeout, ttl, parent);
  return glue::submit(env, operation, [&](auto... rest) {
    return distcache_put_many_async(from_java<distcache_keyspace_t>(keyspace), bytes.data(),
                                    lens.data(), stored.data(), stored_lens.data(), times.data(),
                                    lens.size(), &options, rest...);
  });
}

JNIEXPORT jlong JNICALL Java_io_distcache_Native_deleteMany(JNIEnv* env, jclass, jlong keyspace,
                                                            jbyteArray keys, jintArray lengths,
                                                            jint flags, jlong timeout, jlong ttl,
                                                            jlong parent, jobject operation) {
  const Bytes bytes(env, keys);
  const Lengths lens(env, lengths);
  if (!bytes.ok() || !lens.ok()) return 0;
  const distcache_options_t options = glue::options_of(flags, timeout, ttl, parent);
  return glue::submit(env, operation, [&](auto... rest) {
    return distcache_delete_many_async(from_java<distcache_keyspace_t>(keyspace), bytes.data(),
                                       lens.data(), lens.size(), &options, rest...);
  });
}

JNIEXPORT void JNICALL Java_io_distcache_Native_opCancel(JNIEnv*, jclass, jlong op) {
  distcache_op_cancel(from_java<distcache_op_t>(op));
}

JNIEXPORT void JNICALL Java_io_distcache_Native_opRelease(JNIEnv*, jclass, jlong op) {
  distcache_op_release(from_java<distcache_op_t>(op));
}

// The exception for a failed operation; ends `error`.
JNIEXPORT jthrowable JNICALL Java_io_distcache_Native_failed(JNIEnv* env, jclass, jint status,
                                                             jlong error) {
  return glue::failure(env, status, from_java<distcache_error_t>(error));
}

JNIEXPORT void JNICALL Java_io_distcache_Native_errorRelease(JNIEnv*, jclass, jlong error) {
  distcache_error_release(from_java<distcache_error_t>(error));
}

JNIEXPORT jint JNICALL Java_io_distcache_Native_resultCount(JNIEnv*, jclass, jlong result) {
  size_t count = 0;
  distcache_result_items(from_java<distcache_result_t>(result), &count, nullptr);
  return static_cast<jint>(count);
}

// The values of all items, null where there is none, and what `meta` has room for about them.
JNIEXPORT jobjectArray JNICALL Java_io_distcache_Native_resultItems(JNIEnv* env, jclass,
                                                                    jlong handle, jlongArray meta) {
  size_t count = 0;
  size_t stride = 0;
  const auto* result = from_java<distcache_result_t>(handle);
  auto* at = reinterpret_cast<const char*>(distcache_result_items(result, &count, &stride));
  jobjectArray values = env->NewObjectArray(static_cast<jsize>(count), glue::java.bytes, nullptr);
  if (values == nullptr) return nullptr;
  for (size_t i = 0; i < count; ++i, at += stride) {
    const auto* item = reinterpret_cast<const distcache_item_t*>(at);
    jlong numbers[glue::kWidth];
    glue::describe(*item, numbers);
    const auto index = static_cast<jsize>(i);
    env->SetLongArrayRegion(meta, index * glue::kWidth, glue::kWidth, numbers);
    if (item->data == nullptr) continue;
    jbyteArray value = glue::new_bytes(env, item->data, item->len);
    if (value == nullptr) return nullptr;
    env->SetObjectArrayElement(values, index, value);
    env->DeleteLocalRef(value);
  }
  return values;
}

JNIEXPORT jbyteArray JNICALL Java_io_distcache_Native_resultMessage(JNIEnv* env, jclass,
                                                                    jlong result, jint index) {
  return glue::new_text(env, distcache_result_message(from_java<distcache_result_t>(result),
                                                      static_cast<size_t>(index)));
}

JNIEXPORT jbyteArray JNICALL Java_io_distcache_Native_resultPeer(JNIEnv* env, jclass, jlong result,
                                                                 jint index, jint nth) {
  const char* peer = distcache_result_peer(from_java<distcache_result_t>(result),
                                           static_cast<size_t>(index), static_cast<size_t>(nth));
  return peer == nullptr ? nullptr : glue::new_text(env, peer);
}

JNIEXPORT void JNICALL Java_io_distcache_Native_resultRelease(JNIEnv*, jclass, jlong result) {
  distcache_result_release(from_java<distcache_result_t>(result));
}
}
