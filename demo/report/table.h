#pragma once

#include <string>
#include <vector>

#include "demo/report/terminal.h"

namespace demo {

// A table with lines around it: the first column to the left, all others to the right.
class Table {
 public:
  explicit Table(std::vector<std::string> titles) : titles_(std::move(titles)) {}

  // As many cells as titles, in UTF-8; what is missing is empty.
  void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  void rule() { rows_.emplace_back(); }

  std::string render(const Style& style) const;

 private:
  std::vector<std::string> titles_;
  std::vector<std::vector<std::string>> rows_;  // an empty one is a rule
};

}  // namespace demo
