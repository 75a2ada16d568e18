#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <utility>

namespace stress {

// Whether something passed, and its figures.
using Outcome = std::pair<bool, std::string>;

// Runs something in a process of its own, which dies with this one. To be made before any thread
// starts, and to be waited for.
class Beside {
 public:
  explicit Beside(const std::function<Outcome()>& run);
  ~Beside();
  Beside(const Beside&) = delete;
  Beside& operator=(const Beside&) = delete;

  Outcome wait();

 private:
  pid_t process_ = -1;
  int figures_ = -1;  // a pipe
};

}  // namespace stress
