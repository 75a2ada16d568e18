#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace bench {

// A way to find the owner of a key, over members that are known by their ids.
class Scheme {
 public:
  virtual ~Scheme() = default;
  virtual uint64_t owner(uint64_t key_hash) const = 0;
  virtual size_t bytes() const = 0;  // that a lookup may touch
};

struct SchemeKind {
  const char* name;
  uint32_t (*weight_of)(uint64_t id);
  std::unique_ptr<Scheme> (*make)(const std::vector<uint64_t>& ids);
};

// Ours first, then what others use.
const std::vector<SchemeKind>& schemes();

}  // namespace bench
