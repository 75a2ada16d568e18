#include "core/mutations.h"

// Linked into cluster_node_unfenced alone: takes the fence away before main() begins.
namespace distcache::core {
namespace {

[[maybe_unused]] const bool unfenced = (active_mutation = Mutation::no_fence, true);

}  // namespace
}  // namespace distcache::core
