#pragma once

#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "mixed/crew.h"
#include "ring/duty_cycle.h"

namespace stress {

// What goes wrong: one fault after the other, each drawn from the seed, each for a while, with a
// time between them in which all is well. Belongs to the main thread.
class Nemesis {
 public:
  // `only`: kinds of faults, with commas; "" is any.
  Nemesis(Crew& crew, uint64_t seed, std::string only);

  void strike();  // one fault, until all have been one ring again for a while
  const std::map<std::string, size_t>& counts() const { return counts_; }
  static std::vector<std::string> kinds();
  std::vector<std::string> impossible() const;  // here

 private:
  struct Kind;
  static const std::vector<Kind>& table();
  bool possible(const Kind& kind) const;
  size_t below(size_t limit) { return random_() % limit; }
  size_t anyone() { return below(Crew::kSize); }
  size_t other_than(size_t one) { return (one + 1 + below(Crew::kSize - 1)) % Crew::kSize; }
  void hold(size_t from_ms, size_t to_ms);

  void cut();
  void sever();
  void partition();
  void lose();
  void delay();
  void stop();
  void kill();
  void kill_with_clock_back();
  void leave();
  void change_clock();
  void slow();
  void fail_source();
  void hang_source();
  // Something is wrong with paths, or the source, while `during` lasts.
  template <typename During>
  void trouble(std::vector<Trouble> Story::*where, During during);
  void impair(const Impairment& how);

  Crew& crew_;
  std::mt19937_64 random_;
  const std::string only_;
  std::vector<size_t> deck_;  // kinds to come, shuffled: all come about as often
  std::map<std::string, size_t> counts_;
};

}  // namespace stress
