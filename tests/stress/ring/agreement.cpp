#include "ring/agreement.h"

#include <algorithm>
#include <thread>

namespace stress {

using cluster::Clock;
using cluster::Fields;
using cluster::Milliseconds;
using cluster::Node;
using cluster::Ticket;

namespace {

constexpr Milliseconds kPatience{300'000};
constexpr Milliseconds kLookEvery{20};

bool agree(const std::vector<Fields>& answers) {
  const Fields& first = answers.front();
  return std::all_of(answers.begin(), answers.end(), [&](const Fields& answer) {
    return answer.text("status") == "OK" && answer.text("told") == answer.text("ring") &&
           answer.text("ring") == first.text("ring") &&
           answer.text("alive") == first.text("alive") &&
           answer.list("alive").size() == answers.size() &&
           answer.number("owners") == static_cast<int64_t>(answers.size());
  });
}

}  // namespace

std::string name_of(size_t index) { return std::string(1, static_cast<char>('A' + index)); }

Fields settings_of(const Network& network, size_t hosts, size_t index) {
  std::string peers;
  for (size_t i = 0; i < hosts; ++i) peers += (i == 0 ? "" : ",") + network.address(i);
  return {{"node.name", name_of(index)},    {"bind.address", network.address(index)},
          {"log.level", "error"},           {"security.plaintext", "i-accept-plaintext"},
          {"discovery.provider", "static"}, {"discovery.peers", peers}};
}

int64_t await_agreement(const std::vector<Node*>& nodes) {
  const auto until = Clock::now() + kPatience;
  while (true) {
    std::vector<Ticket> tickets;
    std::vector<Fields> answers;
    for (Node* node : nodes) tickets.push_back(node->start("ring"));
    for (size_t i = 0; i < nodes.size(); ++i) answers.push_back(nodes[i]->wait(tickets[i]));
    if (agree(answers)) {
      int64_t at_ns = 0;
      for (const Fields& answer : answers) at_ns = std::max(at_ns, answer.number("changed"));
      return at_ns;
    }
    if (Clock::now() > until) {
      std::string seen = "no ring is agreed on:";
      for (const Fields& answer : answers) seen += " {" + answer.line() + '}';
      throw cluster::HarnessFailure(seen);
    }
    std::this_thread::sleep_for(kLookEvery);
  }
}

}  // namespace stress
