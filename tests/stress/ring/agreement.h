#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/node.h"
#include "ring/network.h"

namespace stress {

// What a node "A", "B", ... on a host of that network is opened with, beside the defaults.
cluster::Fields settings_of(const Network& network, size_t hosts, size_t index);
std::string name_of(size_t index);

// Until these nodes agree on one ring of exactly themselves, and on which processes they are. The
// time of the last change; throws HarnessFailure after five minutes.
int64_t await_agreement(const std::vector<cluster::Node*>& nodes);

}  // namespace stress
