// A discovery of the program's own: the engine asks Java.
#include "glue.h"

#include <cstring>

#include "io_distcache_Native.h"

namespace glue {

void forget_in_java(uintptr_t context);

namespace {

enum Step : jint { kInitialize, kRegister, kDiscover, kDeregister, kClose };  // DiscoveryCall.java

distcache_status_t ask(uintptr_t context, distcache_discovery_reply_t* reply, Step step,
                       const char* text) {
  JNIEnv* env = attached();
  if (env == nullptr) {
    distcache_discovery_reply_message(reply, "the virtual machine takes no more threads");
    return DISTCACHE_NO_MEMORY;
  }
  jbyteArray address = text == nullptr ? nullptr : new_text(env, text);
  jint status = DISTCACHE_NO_MEMORY;
  if (!env->ExceptionCheck()) {
    status =
        env->CallStaticIntMethod(java.native, java.discover, reinterpret_cast<jobject>(context),
                                 to_java(reply), step, address);
  }
  // Java answers whatever the user's code throws; what is left is a lack of memory or stack there.
  if (env->ExceptionCheck()) {
    env->ExceptionClear();
    distcache_discovery_reply_message(reply, "out of memory or stack while it was called");
    status = DISTCACHE_NO_MEMORY;
  }
  if (address != nullptr) env->DeleteLocalRef(address);
  return status;
}

distcache_status_t initialize(uintptr_t context, distcache_discovery_reply_t* reply) {
  return ask(context, reply, kInitialize, nullptr);
}

distcache_status_t register_self(uintptr_t context, const char* address,
                                 distcache_discovery_reply_t* reply) {
  return ask(context, reply, kRegister, address);
}

distcache_status_t discover(uintptr_t context, distcache_discovery_reply_t* reply) {
  return ask(context, reply, kDiscover, nullptr);
}

distcache_status_t deregister(uintptr_t context, distcache_discovery_reply_t* reply) {
  return ask(context, reply, kDeregister, nullptr);
}

void close_it(uintptr_t context) { ask(context, nullptr, kClose, nullptr); }

}  // namespace
}  // namespace glue

using glue::Bytes;
using glue::from_java;

extern "C" {

JNIEXPORT void JNICALL Java_io_distcache_Native_configDiscovery(JNIEnv* env, jclass, jlong config,
                                                                jbyteArray id, jobject call) {
  const Bytes text(env, id);
  if (!text.ok()) return;
  distcache_discovery_vtable_t vtable = {};
  vtable.struct_size = sizeof vtable;
  vtable.id = text.text();
  vtable.initialize = glue::initialize;
  vtable.register_self = glue::register_self;
  vtable.discover = glue::discover;
  vtable.deregister = glue::deregister;
  vtable.close = glue::close_it;
  jobject context = env->NewGlobalRef(call);
  if (context == nullptr) return glue::raise_no_memory(env);
  distcache_error_t* error = nullptr;
  const distcache_status_t status = distcache_config_discovery(
      from_java<distcache_config_t>(config), &vtable, reinterpret_cast<uintptr_t>(context),
      glue::forget_in_java, &error);
  if (status != DISTCACHE_OK) glue::raise(env, status, error);
}

JNIEXPORT jboolean JNICALL Java_io_distcache_Native_discoveryAdd(JNIEnv* env, jclass, jlong reply,
                                                                 jbyteArray address) {
  const Bytes text(env, address);
  return text.ok() && distcache_discovery_reply_add(from_java<distcache_discovery_reply_t>(reply),
                                                    text.text()) == DISTCACHE_OK;
}

JNIEXPORT void JNICALL Java_io_distcache_Native_discoveryMessage(JNIEnv* env, jclass, jlong reply,
                                                                 jbyteArray message) {
  const Bytes text(env, message);
  if (!text.ok()) return;
  distcache_discovery_reply_message(from_java<distcache_discovery_reply_t>(reply), text.text());
}
}
