#include "demo/report/table.h"

#include <algorithm>

#include "demo/report/format.h"

namespace demo {
namespace {

// Left end, line, crossing, right end.
struct Rule {
  const char *left, *line, *crossing, *right;
};
constexpr Rule kTop = {"┌", "─", "┬", "┐"};
constexpr Rule kMiddle = {"├", "─", "┼", "┤"};
constexpr Rule kBottom = {"└", "─", "┴", "┘"};
constexpr Rule kAscii = {"+", "-", "+", "+"};

class Renderer {
 public:
  Renderer(const Style& style, std::vector<size_t> widths)
      : style_(style), widths_(std::move(widths)) {}

  std::string rule(const Rule& boxes) const {
    const Rule& rule = style_.unicode ? boxes : kAscii;
    std::string line = rule.left;
    for (size_t i = 0; i < widths_.size(); ++i) {
      if (i > 0) line += rule.crossing;
      for (size_t column = 0; column < widths_[i] + 2; ++column) line += rule.line;
    }
    return style_.faint(line + rule.right) + "\n";
  }

  std::string row(const std::vector<std::string>& cells, bool title) const {
    const std::string bar = style_.faint(style_.unicode ? "│" : "|");
    std::string line = bar;
    for (size_t i = 0; i < widths_.size(); ++i) {
      const std::string text = i < cells.size() ? style_.text(cells[i]) : "";
      const std::string space(widths_[i] - width_of(text), ' ');
      const std::string shown = title || i == 0 ? style_.bold(text) : text;
      line += " " + (i == 0 ? shown + space : space + shown) + " " + bar;
    }
    return line + "\n";
  }

 private:
  const Style& style_;
  std::vector<size_t> widths_;
};

}  // namespace

std::string Table::render(const Style& style) const {
  std::vector<size_t> widths;
  for (const std::string& title : titles_) widths.push_back(width_of(style.text(title)));
  for (const std::vector<std::string>& cells : rows_) {
    for (size_t i = 0; i < cells.size(); ++i) {
      widths[i] = std::max(widths[i], width_of(style.text(cells[i])));
    }
  }
  const Renderer renderer(style, std::move(widths));
  std::string text = renderer.rule(kTop) + renderer.row(titles_, true) + renderer.rule(kMiddle);
  for (const std::vector<std::string>& cells : rows_) {
    text += cells.empty() ? renderer.rule(kMiddle) : renderer.row(cells, false);
  }
  return text + renderer.rule(kBottom);
}

}  // namespace demo
