#include "demo/workload/page_text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>

namespace demo {
namespace {

constexpr size_t kTextBytes = 64 * 1024;  // stays in a processor's cache while it is compared
constexpr size_t kBlockBytes = 4 * 1024;

constexpr std::array<std::string_view, 40> kWords = {
    "the",    "launch", "of",      "shuttle", "and",     "orbit",  "mission", "to",
    "crew",   "a",      "payload", "in",      "station", "engine", "pad",     "was",
    "moon",   "from",   "rocket",  "apollo",  "on",      "module", "flight",  "by",
    "space",  "is",     "booster", "at",      "weather", "tank",   "landing", "for",
    "runway", "with",   "window",  "count",   "down",    "center", "science", "kennedy"};

// splitmix64: a step of a well mixed sequence of numbers.
uint64_t next(uint64_t& state) {
  uint64_t z = state += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

uint64_t fnv1a(std::string_view bytes) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

}  // namespace

PageText::PageText() {
  uint64_t state = 1995;
  text_.reserve(kTextBytes + 16);
  for (size_t word = 1; text_.size() < kTextBytes; ++word) {
    text_ += kWords[next(state) % kWords.size()];
    text_ += word % 12 == 0 ? '\n' : ' ';
  }
  text_.resize(kTextBytes);
}

void PageText::each_piece(std::string_view url, size_t size, const OnPiece& on_piece) const {
  const std::string_view head = url.substr(0, std::min(url.size(), size));
  if (!on_piece(head)) return;
  uint64_t state = fnv1a(url);
  for (size_t at = head.size(); at < size;) {
    const size_t length = std::min(kBlockBytes, size - at);
    const size_t from = next(state) % (text_.size() - kBlockBytes);
    if (!on_piece(std::string_view(text_).substr(from, length))) return;
    at += length;
  }
}

void PageText::append(std::string_view url, size_t size, std::string& out) const {
  each_piece(url, size, [&out](std::string_view piece) {
    out += piece;
    return true;
  });
}

bool PageText::matches(std::string_view url, size_t size, std::string_view body) const {
  if (body.size() != size) return false;
  bool same = true;
  size_t at = 0;
  each_piece(url, size, [&](std::string_view piece) {
    same = body.substr(at, piece.size()) == piece;
    at += piece.size();
    return same;
  });
  return same;
}

}  // namespace demo
