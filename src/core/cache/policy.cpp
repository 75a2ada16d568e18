#include "core/cache/policy.h"

#include "core/cache/lru.h"
#include "core/cache/s3fifo.h"

namespace distcache::core {

std::unique_ptr<EvictionPolicy> make_policy(std::string_view name, Allocator& allocator) {
  if (name == "auto" || name == "s3fifo") return std::make_unique<S3Fifo>(allocator);
  if (name == "lru") return std::make_unique<Lru>(allocator);
  return nullptr;
}

}  // namespace distcache::core
