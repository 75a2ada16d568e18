#pragma once

#include <map>
#include <utility>

#include "core/types.h"
#include "history.h"
#include "plan.h"
#include "report.h"

namespace distcache::sim {

// I11: a put_if is done over the version that it names, and only over that. The versions are those
// that callers were told; what became of them is judged where members agree and nothing goes by
// itself.
class Conditions {
 public:
  Conditions(const Plan& plan, Report& report, History& history)
      : plan_(plan), report_(report), history_(history) {}

  // What a read answered.
  void seen(KeyId key, const core::Outcome& outcome);
  // A write is over, its status known.
  void done(const Write& write, const core::Outcome& outcome);

 private:
  // What made a version: when that began, and when it was over.
  struct Made {
    Moment began, ended;
    const Write* put;  // or a load
  };

  void one_is_done(const Write& write);
  void is_not_replaced(const Write& write, const Made& expected);
  void is_replaced(const Write& write, const core::Outcome& outcome);
  const Made* made(const Write& write) const;
  bool nothing_goes(KeyId key) const;

  const Plan& plan_;
  Report& report_;
  History& history_;
  std::map<std::pair<KeyId, core::Version>, Made> made_;
};

}  // namespace distcache::sim
