#include "report.h"

#include <cstdarg>
#include <cstdio>

namespace distcache::sim {
namespace {

constexpr size_t kViolationsMax = 20;  // kept per run

std::string format_list(const char* format, va_list list) {
  char line[1024];
  std::vsnprintf(line, sizeof line, format, list);
  return line;
}

}  // namespace

std::string text(const char* format, ...) {
  va_list list;
  va_start(list, format);
  std::string made = format_list(format, list);
  va_end(list);
  return made;
}

double ms(Instant at) { return static_cast<double>((at - kStart).as_us()) / 1000.0; }

void Report::violate(std::string_view invariant, const std::string& what) {
  mix(hash64(what));
  count("violation", invariant);
  if (violations_.size() < kViolationsMax) {
    violations_.push_back(text("%.*s at %.3f ms: %s", static_cast<int>(invariant.size()),
                               invariant.data(), ms(clock_.now()), what.c_str()));
  }
  tell("VIOLATION %s", what.c_str());
}

void Report::tell(const char* format, ...) {
  if (!tells_) return;
  va_list list;
  va_start(list, format);
  const std::string line = format_list(format, list);
  va_end(list);
  std::printf("%11.3f  %s\n", ms(clock_.now()), line.c_str());
}

}  // namespace distcache::sim
