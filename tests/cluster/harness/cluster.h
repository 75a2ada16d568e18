#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/ledger.h"
#include "harness/node.h"

namespace cluster {

// Some nodes on loopback, each in a process of its own, and the ledger that they share. At the end
// those that still run have to end in good order, which is where a sanitizer speaks; after a
// HarnessFailure they are killed instead. Belongs to one thread.
class Cluster {
 public:
  struct Setup {
    Fields settings;                               // of every engine
    Fields keyspace{{"set.bytes.max", "256MiB"}};  // "main", there when a node joins
    std::string mutation;                          // a fault to put in; "" is the library
  };

  Cluster() : Cluster(Setup{}) {}
  explicit Cluster(Setup setup);
  ~Cluster();
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  // Starts a process; it has no engine yet.
  Node& spawn(const std::string& name);
  // The same in the place, and under the name, of one that has ended, which goes.
  Node& respawn(Node& gone);
  // Starts a node that knows `seeds` (none: the first node that was added), and opens it.
  Node& add(const std::string& name, std::vector<std::string> seeds = {});
  // The same for an existing process; the status of its open is the caller's business.
  Fields open(Node& node, const std::vector<std::string>& seeds, Fields more = {});
  // Nodes "A", "B", ... that have found each other and agree on the view.
  void start(size_t count);
  // Until each of `nodes` is linked with `count` members and all have the same view of "main", of
  // so many owners (0: as many as members).
  void await_agreement(const std::vector<Node*>& nodes, size_t count,
                       const std::string& keyspace = "main", size_t owners = 0);

  Node& operator[](size_t index) { return *nodes_[index]; }
  size_t size() const { return nodes_.size(); }
  std::vector<Node*> nodes();
  Ledger& ledger() { return *ledger_; }

  // The number of a key, "k<number>", that nobody was given before.
  size_t fresh_key() { return next_key_++; }
  // The same, of which `owner` is the owner as `owner` sees it.
  size_t fresh_key_of(Node& owner, const std::string& keyspace = "main");

  // Ends all that run, at once: a sentence for each that does not do so in good order.
  std::vector<std::string> end();
  void kill(Node& node);    // SIGKILL: from now on it is not expected to end in good order
  void forget(Node& node);  // it has ended, as the test wanted

 private:
  Node& spawn_at(size_t process, const std::string& name);

  Setup setup_;
  int descriptor_ = -1;
  Ledger* ledger_ = nullptr;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::vector<bool> gone_;
  size_t next_key_ = 40'000;
};

}  // namespace cluster
