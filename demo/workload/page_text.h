#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace demo {

// The bodies of pages whose URL and size are all that is known: text that follows from the URL, so
// that every process can tell the right bytes from wrong ones without having them.
//
// A body begins with its URL; the rest is cut in blocks, each a piece of one fixed text, from a
// place that depends on the URL and the number of the block. Comparing is then a few memcmp.
//
// Any thread.
class PageText {
 public:
  PageText();

  void append(std::string_view url, size_t size, std::string& out) const;
  bool matches(std::string_view url, size_t size, std::string_view body) const;

 private:
  using OnPiece = std::function<bool(std::string_view piece)>;  // false: stop
  void each_piece(std::string_view url, size_t size, const OnPiece& on_piece) const;

  std::string text_;
};

}  // namespace demo
