#include <cstdlib>
#include <map>
#include <string>

#include "core/mutations.h"

// Linked into cluster_node_mutated alone: puts a fault in before main() begins.
namespace distcache::core {
namespace {

Mutation wanted() {
  static const std::map<std::string, Mutation> names{{"no_fence", Mutation::no_fence},
                                                     {"late_join", Mutation::late_join},
                                                     {"store_foreign", Mutation::store_foreign}};
  const char* name = std::getenv("CLUSTER_NODE_MUTATION");
  return names.at(name ? name : "");  // a node that would test nothing does not start
}

[[maybe_unused]] const bool mutated_before_main = (active_mutation = wanted(), true);

}  // namespace
}  // namespace distcache::core
