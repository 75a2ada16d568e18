#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace demo {

// What the reader's screen can show.
struct Style {
  bool unicode = false;
  bool colour = false;
  bool moves = false;  // a line can be written over

  static Style of_stdout();

  std::string text(std::string_view utf8) const;  // what ASCII has no sign for is spelled out
  std::string bold(std::string_view text) const { return paint("1", text); }
  std::string faint(std::string_view text) const { return paint("2", text); }
  std::string good(std::string_view text) const { return paint("32", text); }
  std::string bad(std::string_view text) const { return paint("1;31", text); }

 private:
  std::string paint(const char* code, std::string_view text) const;
};

// How far something is: a bar that is written over, or a line at each quarter where there is no
// terminal.
class Progress {
 public:
  explicit Progress(const Style& style) : style_(style) {}
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void show(double share, const std::string& remark);
  // A sentence that stays, above the bar.
  void say(const std::string& sentence);
  void clear();

 private:
  const Style& style_;
  int quarters_ = 0;  // told so far
  int64_t drawn_ns_ = 0;
  bool visible_ = false;
};

}  // namespace demo
