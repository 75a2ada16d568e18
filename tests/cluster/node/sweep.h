#pragma once

#include "node/engine.h"

namespace cluster {

// Every thread gets every one of the keys "k<first>" ... once, each in a random order of its own,
// all at the same time. Fields: keyspace, first, count, threads, seed, form (result, many, async),
// batch. The answer tells how many gets were made and failed, whether two threads saw different
// values of a key, the values' digest, and how many values came from which node's source.
Fields sweep(Engine& engine, const Fields& command);

}  // namespace cluster
