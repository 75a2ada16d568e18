#pragma once

#include <cstddef>

namespace life {

// This program's pthread_create, which can be told to fail. For all libraries in the process.
class ThreadLimit {
 public:
  // No more than `more` threads beside those that run now.
  static void at(size_t more);
  // The `number`th creation from now on fails, from 1, and no other. libzmq aborts the process when
  // one of its own fails, which the library can only make unlikely: those are not counted.
  static void fail_once(size_t number);
  static void none();
  static bool has_failed();  // fail_once() came to its number
};

}  // namespace life
