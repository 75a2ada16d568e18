#pragma once

#include <cstddef>

namespace stress {

// The slope of a line through points by least squares.
class Slope {
 public:
  void add(double x, double y) {
    ++count_;
    x_ += x;
    y_ += y;
    xx_ += x * x;
    xy_ += x * y;
  }
  size_t count() const { return count_; }
  double value() const {
    const auto n = static_cast<double>(count_);
    const double spread = n * xx_ - x_ * x_;
    return spread <= 0 ? 0 : (n * xy_ - x_ * y_) / spread;
  }

 private:
  size_t count_ = 0;
  double x_ = 0, y_ = 0, xx_ = 0, xy_ = 0;
};

}  // namespace stress
