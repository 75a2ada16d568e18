#include "harness/cluster.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <exception>
#include <filesystem>

namespace cluster {

Cluster::Cluster(Setup setup) : setup_(std::move(setup)) {
  descriptor_ = memfd_create("ledger", MFD_CLOEXEC);
  if (descriptor_ < 0 || ftruncate(descriptor_, sizeof(Ledger)) != 0) {
    throw HarnessFailure("no shared memory");
  }
  ledger_ = Ledger::map(descriptor_);
}

Cluster::~Cluster() {
  if (std::uncaught_exceptions() == 0) {
    for (const std::string& failure : end()) ADD_FAILURE() << failure;
  }
  nodes_.clear();
  munmap(ledger_, sizeof(Ledger));
  close(descriptor_);
}

Node& Cluster::spawn(const std::string& name) {
  nodes_.emplace_back();
  gone_.push_back(true);
  return spawn_at(nodes_.size() - 1, name);
}

Node& Cluster::respawn(Node& gone) {
  const std::string name = gone.name();
  return spawn_at(gone.process(), name);
}

Node& Cluster::spawn_at(size_t process, const std::string& name) {
  const auto folder = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  const char* program = setup_.mutation.empty() ? "cluster_node" : "cluster_node_mutated";
  unsetenv("DISTCACHE_MUTATION");
  if (!setup_.mutation.empty()) setenv("DISTCACHE_MUTATION", setup_.mutation.c_str(), 1);
  nodes_[process] = std::make_unique<Node>(name, process, folder / program, descriptor_);
  gone_[process] = false;
  Node& node = *nodes_[process];
  if (!setup_.keyspace.values().empty()) node.must("keyspace", setup_.keyspace);
  return node;
}

Fields Cluster::open(Node& node, const std::vector<std::string>& seeds, Fields more) {
  std::string peers;
  for (const std::string& seed : seeds) peers += (peers.empty() ? "" : ",") + seed;
  Fields settings{{"node.name", node.name()},
                  {"bind.port", 0},
                  {"discovery.port", 0},
                  {"join.retry.interval.ms", 100},
                  {"discovery.provider", peers.empty() ? "standalone" : "static"},
                  {"discovery.peers", peers}};
  for (const auto& [name, value] : setup_.settings.values()) settings.set({name, value});
  for (const auto& [name, value] : more.values()) settings.set({name, value});
  return node.open(settings);
}

Node& Cluster::add(const std::string& name, std::vector<std::string> seeds) {
  if (seeds.empty() && !nodes_.empty()) seeds.push_back(nodes_.front()->address());
  Node& node = spawn(name);
  const Fields answer = open(node, seeds);
  if (answer.text("status") != "OK") throw HarnessFailure("open of " + name + ": " + answer.line());
  return node;
}

void Cluster::start(size_t count) {
  for (size_t i = 0; i < count; ++i) add(std::string(1, static_cast<char>('A' + i)));
  await_agreement(nodes(), count);
}

void Cluster::await_agreement(const std::vector<Node*>& nodes, size_t count,
                              const std::string& keyspace, size_t owners) {
  const auto until = Clock::now() + kUsualPatience;
  while (true) {
    std::vector<Ticket> tickets;
    for (Node* node : nodes) {
      tickets.push_back(node->start(
          "await_members",
          {{"count", count}, {"owners", owners ? owners : count}, {"keyspace", keyspace}}));
    }
    std::string seen;
    bool same = true;
    std::string view;
    for (size_t i = 0; i < nodes.size(); ++i) {
      const Fields answer = nodes[i]->wait(tickets[i]);
      seen += nodes[i]->name() + " {" + answer.line() + "} ";
      same = same && answer.text("status") == "OK" && (i == 0 || answer.text("view") == view);
      view = answer.text("view");
    }
    if (same) return;
    if (Clock::now() > until) throw HarnessFailure("the nodes do not agree: " + seen);
  }
}

std::vector<Node*> Cluster::nodes() {
  std::vector<Node*> all;
  for (size_t i = 0; i < nodes_.size(); ++i) {
    if (!gone_[i]) all.push_back(nodes_[i].get());
  }
  return all;
}

size_t Cluster::fresh_key_of(Node& owner, const std::string& keyspace) {
  while (true) {
    const size_t number = fresh_key();
    const Fields told =
        owner.must("explain", {{"key", Ledger::key(number)}, {"keyspace", keyspace}});
    if (told.text("owner") == owner.name()) return number;
  }
}

std::vector<std::string> Cluster::end() {
  const std::vector<Node*> running = nodes();
  for (Node* node : running) node->ask_to_quit();
  std::vector<std::string> failures;
  for (Node* node : running) {
    forget(*node);
    const std::string failure = node->quit();
    if (!failure.empty()) failures.push_back("node " + node->name() + ": " + failure);
  }
  return failures;
}

void Cluster::forget(Node& node) { gone_[node.process()] = true; }

void Cluster::kill(Node& node) {
  node.child().kill();
  forget(node);
}

}  // namespace cluster
