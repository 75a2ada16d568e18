// Loading, threads and errors.
#include "glue.h"

#include <cstring>

#include <pthread.h>

#include "io_distcache_Native.h"

namespace glue {

Java java;

namespace {

// Set in threads that the glue attached; its destructor detaches them when they end.
pthread_key_t detach_at_end;

void detach(void*) { java.vm->DetachCurrentThread(); }

jclass global_class(JNIEnv* env, const char* name) {
  jclass local = env->FindClass(name);
  if (local == nullptr) return nullptr;
  auto global = static_cast<jclass>(env->NewGlobalRef(local));
  env->DeleteLocalRef(local);
  return global;
}

bool look_up(JNIEnv* env) {
  java.native = global_class(env, "io/distcache/Native");
  java.bytes = global_class(env, "[B");
  if (java.native == nullptr || java.bytes == nullptr) return false;
  java.failure =
      env->GetStaticMethodID(java.native, "failure", "(IZ[B[B)Lio/distcache/DistcacheException;");
  if (java.failure == nullptr) return false;
  java.fetch = env->GetStaticMethodID(java.native, "fetch", "(Lio/distcache/DataSourceCall;J[B)V");
  if (java.fetch == nullptr) return false;
  java.discover =
      env->GetStaticMethodID(java.native, "discover", "(Lio/distcache/DiscoveryCall;JI[B)I");
  if (java.discover == nullptr) return false;
  java.completed =
      env->GetStaticMethodID(java.native, "completed", "(Lio/distcache/Operation;IJJ)V");
  return java.completed != nullptr;
}

// The names of the peers that have not confirmed a write, each ended by NUL; null if there are
// none.
jbyteArray peers_of(JNIEnv* env, const distcache_error_t* error) {
  size_t size = 0;
  const char* name;
  for (size_t i = 0; (name = distcache_error_peer(error, i)) != nullptr; ++i) {
    size += strlen(name) + 1;
  }
  if (size == 0) return nullptr;
  jbyteArray packed = env->NewByteArray(static_cast<jsize>(size));
  if (packed == nullptr) return nullptr;
  jsize at = 0;
  for (size_t i = 0; (name = distcache_error_peer(error, i)) != nullptr; ++i) {
    const auto len = static_cast<jsize>(strlen(name) + 1);
    env->SetByteArrayRegion(packed, at, len, reinterpret_cast<const jbyte*>(name));
    at += len;
  }
  return packed;
}

}  // namespace

JNIEnv* attached() {
  void* env = nullptr;
  if (java.vm->GetEnv(&env, JNI_VERSION_10) == JNI_OK) return static_cast<JNIEnv*>(env);
  char name[16] = "dc";
  pthread_getname_np(pthread_self(), name, sizeof(name));
  JavaVMAttachArgs arguments = {JNI_VERSION_10, name, nullptr};
  if (java.vm->AttachCurrentThreadAsDaemon(&env, &arguments) != JNI_OK) return nullptr;
  pthread_setspecific(detach_at_end, &java);
  return static_cast<JNIEnv*>(env);
}

jthrowable failure(JNIEnv* env, distcache_status_t status, distcache_error_t* error) {
  jbyteArray message = new_text(env, distcache_error_message(error));
  jbyteArray peers = env->ExceptionCheck() ? nullptr : peers_of(env, error);
  const jboolean retriable = error == nullptr ? distcache_status_retriable(status) != 0
                                              : distcache_error_retriable(error) != 0;
  distcache_error_release(error);
  if (env->ExceptionCheck()) return nullptr;
  jobject made =
      env->CallStaticObjectMethod(java.native, java.failure, status, retriable, message, peers);
  if (env->ExceptionCheck()) return nullptr;
  env->DeleteLocalRef(message);
  if (peers != nullptr) env->DeleteLocalRef(peers);
  return static_cast<jthrowable>(made);
}

void raise(JNIEnv* env, distcache_status_t status, distcache_error_t* error) {
  jthrowable made = failure(env, status, error);
  if (made != nullptr) env->Throw(made);
}

void raise_no_memory(JNIEnv* env) {
  jclass type = env->FindClass("java/lang/OutOfMemoryError");
  if (type != nullptr) env->ThrowNew(type, "native memory of a call to distcache");
}

jbyteArray new_bytes(JNIEnv* env, const void* data, size_t len) {
  if (len > INT32_MAX) {
    raise_no_memory(env);
    return nullptr;
  }
  jbyteArray array = env->NewByteArray(static_cast<jsize>(len));
  if (array != nullptr && len > 0) {
    env->SetByteArrayRegion(array, 0, static_cast<jsize>(len), static_cast<const jbyte*>(data));
  }
  return array;
}

jbyteArray new_text(JNIEnv* env, const char* text) { return new_bytes(env, text, strlen(text)); }

Bytes::Bytes(JNIEnv* env, jbyteArray array) {
  if (array == nullptr) return;
  const jsize len = env->GetArrayLength(array);
  size_ = static_cast<size_t>(len);
  if (size_ > sizeof(small_)) data_ = static_cast<uint8_t*>(malloc(size_));
  if (data_ == nullptr) {
    raise_no_memory(env);
    return;
  }
  env->GetByteArrayRegion(array, 0, len, reinterpret_cast<jbyte*>(data_));
}

}  // namespace glue

extern "C" JNIEXPORT jint JNICALL JNI_OnLoad(JavaVM* vm, void*) {
  glue::java.vm = vm;
  void* env = nullptr;
  if (vm->GetEnv(&env, JNI_VERSION_10) != JNI_OK) return JNI_ERR;
  if (pthread_key_create(&glue::detach_at_end, glue::detach) != 0) return JNI_ERR;
  return glue::look_up(static_cast<JNIEnv*>(env)) ? JNI_VERSION_10 : JNI_ERR;
}

extern "C" {

JNIEXPORT jint JNICALL Java_io_distcache_Native_abi(JNIEnv*, jclass) {
  return static_cast<jint>(distcache_abi());
}

JNIEXPORT jint JNICALL Java_io_distcache_Native_abiCompiled(JNIEnv*, jclass) {
  return DISTCACHE_ABI;
}

JNIEXPORT jbyteArray JNICALL Java_io_distcache_Native_version(JNIEnv* env, jclass) {
  return glue::new_text(env, distcache_version_string());
}

JNIEXPORT jbyteArray JNICALL Java_io_distcache_Native_propertiesJson(JNIEnv* env, jclass) {
  return glue::new_text(env, distcache_properties_json());
}

JNIEXPORT jbyteArray JNICALL Java_io_distcache_Native_statusName(JNIEnv* env, jclass, jint status) {
  return glue::new_text(env, distcache_status_name(status));
}

JNIEXPORT jboolean JNICALL Java_io_distcache_Native_statusRetriable(JNIEnv*, jclass, jint status) {
  return distcache_status_retriable(status) != 0;
}
}
