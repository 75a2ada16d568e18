// Data sources: the engine calls Java, Java answers.
#include "glue.h"

#include <cstring>

#include "io_distcache_Native.h"

namespace glue {

void fetch_in_java(uintptr_t context, distcache_fetch_t* fetch) {
  JNIEnv* env = attached();
  if (env == nullptr) {
    distcache_fetch_fail(fetch, 1, "the virtual machine takes no more threads");
    return;
  }
  size_t len = 0;
  const uint8_t* bytes = distcache_fetch_key(fetch, &len);
  jbyteArray key = new_bytes(env, bytes, len);
  if (key != nullptr) {
    env->CallStaticVoidMethod(java.native, java.fetch, reinterpret_cast<jobject>(context),
                              to_java(fetch), key);
  }
  // Java answers whatever the user's code throws; what is left is a lack of memory or stack there.
  // A second answer does nothing.
  if (env->ExceptionCheck()) {
    env->ExceptionClear();
    distcache_fetch_fail(fetch, 1, "out of memory or stack while the data source was called");
  }
  if (key != nullptr) env->DeleteLocalRef(key);
}

void forget_in_java(uintptr_t context) {
  JNIEnv* env = attached();
  if (env != nullptr) env->DeleteGlobalRef(reinterpret_cast<jobject>(context));
}

}  // namespace glue

using glue::Bytes;
using glue::from_java;

extern "C" {

JNIEXPORT jlong JNICALL Java_io_distcache_Native_fetchRemaining(JNIEnv*, jclass, jlong fetch) {
  return distcache_fetch_remaining_ms(from_java<distcache_fetch_t>(fetch));
}

JNIEXPORT jboolean JNICALL Java_io_distcache_Native_fetchCancelled(JNIEnv*, jclass, jlong fetch) {
  return distcache_fetch_cancelled(from_java<distcache_fetch_t>(fetch)) != 0;
}

JNIEXPORT jlong JNICALL Java_io_distcache_Native_fetchSourceVersion(JNIEnv*, jclass, jlong fetch) {
  const auto version = distcache_fetch_source_version(from_java<distcache_fetch_t>(fetch));
  return static_cast<jlong>(version);
}

JNIEXPORT void JNICALL Java_io_distcache_Native_fetchComplete(JNIEnv* env, jclass, jlong handle,
                                                              jbyteArray value, jint flags,
                                                              jlong ttl, jlong source_version,
                                                              jbyteArray tags) {
  auto* fetch = from_java<distcache_fetch_t>(handle);
  const Bytes bytes(env, value);
  const Bytes packed(env, tags);  // each ended by NUL
  if (!bytes.ok() || !packed.ok()) return;
  const char* end = packed.text() + packed.size();
  for (const char* tag = packed.text(); tag < end; tag += strlen(tag) + 1) {
    // One that is refused makes complete fail the fetch, which is what the user is to see.
    distcache_fetch_tag(fetch, tag);
  }
  distcache_answer_t answer = DISTCACHE_ANSWER_INIT;
  answer.flags = static_cast<uint32_t>(flags);
  answer.ttl_ms = ttl;
  answer.source_version = static_cast<uint64_t>(source_version);
  distcache_fetch_complete(fetch, bytes.data(), bytes.size(), &answer);
}

JNIEXPORT void JNICALL Java_io_distcache_Native_fetchNotModified(JNIEnv*, jclass, jlong fetch,
                                                                 jint flags, jlong ttl,
                                                                 jlong source_version) {
  distcache_answer_t answer = DISTCACHE_ANSWER_INIT;
  answer.flags = static_cast<uint32_t>(flags);
  answer.ttl_ms = ttl;
  answer.source_version = static_cast<uint64_t>(source_version);
  distcache_fetch_not_modified(from_java<distcache_fetch_t>(fetch), &answer);
}

JNIEXPORT void JNICALL Java_io_distcache_Native_fetchNotFound(JNIEnv*, jclass, jlong fetch) {
  distcache_fetch_not_found(from_java<distcache_fetch_t>(fetch));
}

JNIEXPORT void JNICALL Java_io_distcache_Native_fetchFail(JNIEnv* env, jclass, jlong fetch,
                                                          jboolean retriable, jbyteArray message) {
  const Bytes text(env, message);
  if (text.ok()) distcache_fetch_fail(from_java<distcache_fetch_t>(fetch), retriable, text.text());
}
}
