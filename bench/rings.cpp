#include "rings.h"

#include <algorithm>

#include "base/hash.h"
#include "core/cluster/ring.h"

// The other schemes are written from the papers, as plainly as they allow.
namespace bench {
namespace {

using distcache::mix64;
using distcache::core::Ring;
using distcache::core::RingMember;

uint32_t one(uint64_t) { return 1; }
uint32_t one_to_three(uint64_t id) { return 1 + static_cast<uint32_t>(id % 3); }

template <uint32_t (*weight_of)(uint64_t)>
class Rendezvous final : public Scheme {
 public:
  explicit Rendezvous(const std::vector<uint64_t>& ids) : ring_(members(ids)) {}
  uint64_t owner(uint64_t key_hash) const override { return ring_.owner(key_hash); }
  size_t bytes() const override {
    return ring_.size() * (sizeof(RingMember) + 2 * sizeof(uint64_t) + sizeof(size_t));
  }

 private:
  static std::vector<RingMember> members(const std::vector<uint64_t>& ids) {
    std::vector<RingMember> all;
    for (const uint64_t id : ids) all.push_back({id, weight_of(id)});
    return all;
  }

  Ring ring_;
};

// Karger et al., "Consistent Hashing and Random Trees", STOC 1997: each member has `points` places
// on a circle, and a key belongs to the next one. libketama has 160 of them.
class Circle final : public Scheme {
 public:
  Circle(const std::vector<uint64_t>& ids, unsigned points) {
    for (const uint64_t id : ids) {
      for (unsigned i = 0; i < points; ++i) circle_.push_back({mix64(mix64(id) + i), id});
    }
    std::sort(circle_.begin(), circle_.end(),
              [](const Point& a, const Point& b) { return a.place < b.place; });
  }
  uint64_t owner(uint64_t key_hash) const override {
    const auto next =
        std::lower_bound(circle_.begin(), circle_.end(), mix64(key_hash),
                         [](const Point& point, uint64_t place) { return point.place < place; });
    return next == circle_.end() ? circle_.front().owner : next->owner;
  }
  size_t bytes() const override { return circle_.size() * sizeof(Point); }

 private:
  struct Point {
    uint64_t place, owner;
  };
  std::vector<Point> circle_;
};

// Lamping and Veach, "A Fast, Minimal Memory, Consistent Hash Algorithm", 2014. It numbers the
// members: who leaves from the middle shifts all behind.
class Jump final : public Scheme {
 public:
  explicit Jump(std::vector<uint64_t> ids) : ids_(std::move(ids)) {}
  uint64_t owner(uint64_t key_hash) const override {
    int64_t bucket = -1, next = 0;
    while (next < static_cast<int64_t>(ids_.size())) {
      bucket = next;
      key_hash = key_hash * 2862933555777941757ULL + 1;
      next = static_cast<int64_t>(
          static_cast<double>(bucket + 1) *
          (static_cast<double>(int64_t{1} << 31) / static_cast<double>((key_hash >> 33) + 1)));
    }
    return ids_[static_cast<size_t>(bucket)];
  }
  size_t bytes() const override { return ids_.size() * sizeof(uint64_t); }

 private:
  std::vector<uint64_t> ids_;
};

// Eisenbud et al., "Maglev: A Fast and Reliable Software Network Load Balancer", NSDI 2016: members
// take turns to fill a table, each in an order of its own. Its size is prime and well over 100
// times their number; these are the two of the paper.
class Maglev final : public Scheme {
 public:
  explicit Maglev(const std::vector<uint64_t>& ids) : ids_(ids) {
    const uint64_t size = ids.size() <= 655 ? 65'537 : 655'373;
    constexpr uint32_t kFree = UINT32_MAX;
    table_.assign(size, kFree);
    std::vector<uint64_t> next(ids.size());
    for (uint64_t filled = 0; filled < size;) {
      for (uint32_t i = 0; i < ids.size() && filled < size; ++i) {
        const uint64_t offset = mix64(ids[i]) % size, skip = mix64(~ids[i]) % (size - 1) + 1;
        uint64_t slot = 0;
        do slot = (offset + skip * next[i]++) % size;
        while (table_[slot] != kFree);
        table_[slot] = i;
        ++filled;
      }
    }
  }
  uint64_t owner(uint64_t key_hash) const override {
    return ids_[table_[key_hash % table_.size()]];
  }
  size_t bytes() const override {
    return table_.size() * sizeof(uint32_t) + ids_.size() * sizeof(uint64_t);
  }

 private:
  std::vector<uint64_t> ids_;
  std::vector<uint32_t> table_;
};

template <typename Made, auto... kMore>
std::unique_ptr<Scheme> make(const std::vector<uint64_t>& ids) {
  return std::make_unique<Made>(ids, kMore...);
}

}  // namespace

const std::vector<SchemeKind>& schemes() {
  static const std::vector<SchemeKind> all = {
      {"rendezvous (ours)", one, make<Rendezvous<one>>},
      {"ours, weights 1 to 3", one_to_three, make<Rendezvous<one_to_three>>},
      {"ring of 160 points", one, make<Circle, 160U>},
      {"ring of 512 points", one, make<Circle, 512U>},
      {"jump", one, make<Jump>},
      {"maglev", one, make<Maglev>},
  };
  return all;
}

}  // namespace bench
