#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace demo {

// One end of a socket pair between the parent and a process: lines of text, "word the rest".
// One thread.
class Channel {
 public:
  explicit Channel(int descriptor) : descriptor_(descriptor) {}
  ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  // Both ends, closed on exec.
  static std::pair<int, int> make_ends();

  int descriptor() const { return descriptor_; }
  // Nothing happens where the other end is gone: its next receive() tells.
  void send(std::string_view line);

  enum class Heard { line, nothing, end };
  // Waits for a line up to timeout_ms (negative: for ever), or for a signal.
  Heard receive(int timeout_ms, std::string& line);

 private:
  int descriptor_;
  std::string received_;
};

}  // namespace demo
