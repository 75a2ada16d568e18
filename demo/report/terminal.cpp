#include "demo/report/terminal.h"

#include <langinfo.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "demo/clock.h"
#include "demo/report/format.h"

namespace demo {
namespace {

constexpr size_t kBarColumns = 30;
constexpr int64_t kRedrawNs = 80'000'000;

// In place of the signs that we use.
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kSpelled = {
    {{"µ", "u"}, {"×", "x"}, {"✓", "ok"}, {"✗", "NO"}, {"·", "-"}, {"†", "x"}}};

}  // namespace

Style Style::of_stdout() {
  std::setlocale(LC_CTYPE, "");
  const char* term = std::getenv("TERM");
  const char* no_colour = std::getenv("NO_COLOR");
  const bool tty = isatty(STDOUT_FILENO) != 0;
  Style style;
  style.unicode = tty && std::string_view(nl_langinfo(CODESET)) == "UTF-8";
  style.moves = tty && term && std::string_view(term) != "dumb";
  style.colour = style.moves && !(no_colour && *no_colour);
  return style;
}

std::string Style::text(std::string_view utf8) const {
  std::string shown(utf8);
  if (unicode) return shown;
  for (const auto& [sign, spelled] : kSpelled) {
    for (size_t at = shown.find(sign); at != std::string::npos; at = shown.find(sign, at)) {
      shown.replace(at, sign.size(), spelled);
    }
  }
  return shown;
}

std::string Style::paint(const char* code, std::string_view text) const {
  if (!colour) return std::string(text);
  return "\033[" + std::string(code) + "m" + std::string(text) + "\033[0m";
}

void Progress::show(double share, const std::string& remark) {
  share = std::clamp(share, 0.0, 1.0);
  if (!style_.moves) {
    const int quarters = static_cast<int>(share * 4);
    if (quarters <= quarters_) return;
    quarters_ = quarters;
    std::printf("  %3d %%  %s\n", quarters * 25, style_.text(remark).c_str());
    return;
  }
  const int64_t now = now_ns();
  if (visible_ && share < 1 && now - drawn_ns_ < kRedrawNs) return;
  drawn_ns_ = now;
  visible_ = true;
  const auto full = static_cast<size_t>(share * kBarColumns);
  std::string bar;
  for (size_t i = 0; i < kBarColumns; ++i) {
    if (style_.unicode) {
      bar += i < full ? "█" : "░";
    } else {
      bar += i < full ? '#' : '.';
    }
  }
  std::printf("\r\033[K  %s %3d %%  %s", style_.good(bar).c_str(), static_cast<int>(100 * share),
              style_.text(remark).c_str());
  std::fflush(stdout);
}

void Progress::say(const std::string& sentence) {
  clear();
  std::printf("  %s\n", style_.text(sentence).c_str());
}

void Progress::clear() {
  if (visible_) std::printf("\r\033[K");
  visible_ = false;
}

}  // namespace demo
