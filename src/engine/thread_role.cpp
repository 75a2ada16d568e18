#include "engine/thread_role.h"

#include <pthread.h>

#include <string>

#include "core/mutations.h"

namespace distcache::engine {
namespace {

thread_local ThreadRole role = ThreadRole::application;
thread_local const Fetch* fetch_in_progress = nullptr;

}  // namespace

ThreadRole thread_role() { return role; }
void set_thread_role(ThreadRole new_role) { role = new_role; }
bool may_wait() {
  return role == ThreadRole::application || role == ThreadRole::source ||
         core::mutated(core::Mutation::waiting_event_thread);
}
const Fetch* current_fetch() { return fetch_in_progress; }

FetchScope::FetchScope(const Fetch* fetch) : outer_(fetch_in_progress) {
  fetch_in_progress = fetch;
}
FetchScope::~FetchScope() { fetch_in_progress = outer_; }

void prepare_thread(const char* name, ThreadRole new_role) {
  pthread_setname_np(pthread_self(), (std::string("dc-") + name).substr(0, 15).c_str());
  set_thread_role(new_role);
}

}  // namespace distcache::engine
