// What the files of the JNI glue share. Nothing here throws a C++ exception; where memory is out, a
// Java OutOfMemoryError is pending afterwards.
#pragma once

#include <cstdint>
#include <cstdlib>

#include <distcache.h>
#include <jni.h>

namespace glue {

// Java calls that the glue makes, looked up once with the class loader of the binding.
struct Java {
  JavaVM* vm;
  jclass native;        // io.distcache.Native
  jclass bytes;         // byte[]
  jmethodID failure;    // DistcacheException failure(int, boolean, byte[], byte[])
  jmethodID fetch;      // void fetch(DataSourceCall, long, byte[])
  jmethodID discover;   // int discover(DiscoveryCall, long, int, byte[])
  jmethodID completed;  // void completed(Operation, int, long, long)
};
extern Java java;

// The environment of this thread, which is attached as a daemon if it was not, until it ends.
// Null when the virtual machine takes no more threads: it is shutting down, or out of memory.
JNIEnv* attached();

// A source, whose context is a global reference to its DataSourceCall, and its end.
void fetch_in_java(uintptr_t context, distcache_fetch_t* fetch);
void forget_in_java(uintptr_t context);

// What `failure` of Native makes of an error, which is released. Null with an exception pending.
jthrowable failure(JNIEnv* env, distcache_status_t status, distcache_error_t* error);

// Leaves the failure as the pending exception.
void raise(JNIEnv* env, distcache_status_t status, distcache_error_t* error);

void raise_no_memory(JNIEnv* env);

// Null with an exception pending where memory is out.
jbyteArray new_bytes(JNIEnv* env, const void* data, size_t len);
jbyteArray new_text(JNIEnv* env, const char* text);

template <typename Pointer>
jlong to_java(Pointer* pointer) {
  return static_cast<jlong>(reinterpret_cast<uintptr_t>(pointer));
}

template <typename Type>
Type* from_java(jlong number) {
  return reinterpret_cast<Type*>(static_cast<uintptr_t>(number));
}

// A copy of a Java byte[], on the stack up to the size of a key. Copies, since a pinned array would
// hold the garbage collector up for as long as the engine works on it. Null is an empty one.
class Bytes {
 public:
  Bytes(JNIEnv* env, jbyteArray array);
  ~Bytes() {
    if (data_ != small_) free(data_);
  }
  Bytes(const Bytes&) = delete;
  Bytes& operator=(const Bytes&) = delete;

  bool ok() const { return data_ != nullptr; }  // else an exception is pending
  const uint8_t* data() const { return data_; }
  const char* text() const { return reinterpret_cast<const char*>(data_); }
  size_t size() const { return size_; }

 private:
  uint8_t* data_ = small_;
  size_t size_ = 0;
  uint8_t small_[DISTCACHE_KEY_BYTES_MAX];
};

// The same for numbers, on the heap; null stays null.
template <typename Number, typename Array>
class Numbers {
 public:
  Numbers(JNIEnv* env, Array array) {
    if (array == nullptr) return;
    const jsize count = env->GetArrayLength(array);
    data_ = static_cast<Number*>(malloc(sizeof(Number) * static_cast<size_t>(count) + 1));
    if (data_ == nullptr) {
      raise_no_memory(env);
      ok_ = false;
      return;
    }
    size_ = static_cast<size_t>(count);
    if constexpr (sizeof(Number) == sizeof(jint)) {
      env->GetIntArrayRegion(array, 0, count, reinterpret_cast<jint*>(data_));
    } else {
      env->GetLongArrayRegion(array, 0, count, reinterpret_cast<jlong*>(data_));
    }
  }
  ~Numbers() { free(data_); }
  Numbers(const Numbers&) = delete;
  Numbers& operator=(const Numbers&) = delete;

  bool ok() const { return ok_; }
  const Number* data() const { return data_; }
  size_t size() const { return size_; }

 private:
  Number* data_ = nullptr;
  size_t size_ = 0;
  bool ok_ = true;
};
using Lengths = Numbers<uint32_t, jintArray>;
using Times = Numbers<int64_t, jlongArray>;

}  // namespace glue
