#pragma once

#include <stdexcept>
#include <string>

namespace demo {

// What ends the demo early: one sentence for the person who runs it. Caught by main only.
struct Failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Ctrl-C, or a polite request to end. Thrown instead of ending at once, so that what was started is
// stopped and removed on the way out.
struct Interrupted {};

}  // namespace demo
