#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <list>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/cluster/majority.h"

namespace distcache::core::majority {

inline constexpr Duration kLease = Duration::seconds(1);
inline constexpr Duration kAsk = kLease / 4;

// Some nodes that ask each other, on virtual time. A test says who sees which ring and who reaches
// whom.
class Nodes {
 public:
  explicit Nodes(const std::string& names) {
    for (const char name : names) start(name);
  }

  void start(char name) {
    stop(name);
    listed_.insert(name);
    nodes_.push_back(Node{name, ++processes_ << 8, Majority(id(name), kLease), {}});
  }
  void stop(char name) {
    std::erase_if(nodes_, [name](const Node& node) { return node.name == name; });
  }

  // In good order: whoever is left and reaches them knows of it.
  void leave(const std::string& who) {
    for (const char name : who) {
      stop(name);
      for (Node& other : nodes_) {
        if (!cuts_.contains({name, other.name})) other.gone.insert(name);
      }
    }
  }
  // Discovery does not list it any more, which all find out when they next look.
  void unlist(char name) { listed_.erase(name); }

  // All of `who` see a ring of exactly these.
  void see(const std::string& who, const std::string& ring) {
    for (const char name : who) {
      std::vector<Majority::Peer> peers;
      for (const char member : ring) peers.push_back({id(member), std::string(1, member)});
      std::vector<std::string> strangers;
      for (const char listed : listed_) {
        if (ring.find(listed) == std::string::npos) strangers.emplace_back(1, listed);
      }
      Node& seeing = node(name);
      for (const char member : ring) seeing.gone.erase(member);
      // A process of its own, of the same name: another ring.
      uint64_t id = 0;
      for (const char member : ring) id = mix64(id ^ mix64(node(member).process ^ member));
      seeing.majority.on_view(id, std::move(peers), strangers, now_);
      for (const char member : seeing.gone) seeing.majority.forget(Nodes::id(member));
      seeing.majority.set_strangers(std::move(strangers), now_);
    }
  }
  void cut(const std::string& one, const std::string& other) {
    for (const char a : one) {
      for (const char b : other) {
        cuts_.insert({a, b});
        cuts_.insert({b, a});
      }
    }
  }
  // What `from` says does not come to `to`.
  void cut_one_way(char from, char to) { cuts_.insert({from, to}); }
  void heal() { cuts_.clear(); }

  // Only this one answers that one.
  void tell(char from, char to) { of(to).on_word(id(from), of(from).word(now_), now_, now_); }

  void run(Duration time) {
    for (const Instant end = now_ + time; now_ < end; now_ = now_ + kAsk) ask_all();
  }
  bool confirmed(char name) { return node(name).majority.confirmed_until() > now_; }
  // Those of them that are confirmed.
  std::string confirmed(const std::string& names) {
    std::string all;
    for (const char name : names) all += confirmed(name) ? std::string(1, name) : "";
    return all;
  }
  std::string missing(char name) {
    std::string all;
    for (const std::string& one : node(name).majority.missing(now_)) all += one;
    return all;
  }
  Majority& of(char name) { return node(name).majority; }
  Instant now() const { return now_; }
  static MemberId id(char name) { return hash64(std::string(1, name)); }

 private:
  struct Node {
    char name;
    uint64_t process;
    Majority majority;
    std::set<char> gone;  // as far as it knows
  };

  Node& node(char name) {
    return *std::find_if(nodes_.begin(), nodes_.end(),
                         [name](const Node& node) { return node.name == name; });
  }
  void ask_all() {
    for (Node& asker : nodes_) {
      for (Node& asked : nodes_) {
        if (cuts_.contains({asker.name, asked.name}) || cuts_.contains({asked.name, asker.name})) {
          continue;
        }
        asker.majority.on_word(id(asked.name), asked.majority.word(now_), now_, now_);
      }
    }
  }

  Instant now_ = Instant::from_ns(1'000'000'000'000);
  std::list<Node> nodes_;
  std::set<std::pair<char, char>> cuts_;
  std::set<char> listed_;
  uint64_t processes_ = 0;
};

// A cluster that has agreed.
inline Nodes agreed(const std::string& names) {
  Nodes nodes(names);
  nodes.see(names, names);
  nodes.run(kLease);
  EXPECT_EQ(nodes.confirmed(names), names);
  return nodes;
}

}  // namespace distcache::core::majority
