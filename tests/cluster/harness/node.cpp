#include "harness/node.h"

#include <unistd.h>

#include "common/ledger.h"

namespace cluster {

Node::Node(std::string name, size_t process, const std::string& program, int ledger)
    : name_(std::move(name)),
      process_(process),
      child_({program, name_, std::to_string(process), std::to_string(getpid())}, ledger,
             Ledger::kDescriptor) {}

Ticket Node::start(const std::string& verb, Fields fields) {
  const int64_t id = ++last_id_;
  fields.set({"id", id});
  fields.set({"verb", verb});
  child_.write_line(fields.line());
  return {id, name_ + ": " + verb + " " + fields.text("key")};
}

Fields Node::wait(const Ticket& ticket, Milliseconds within) {
  const auto until = Clock::now() + within;
  while (!answers_.contains(ticket.id)) {
    std::optional<std::string> line;
    try {
      line = child_.read_line(until);
    } catch (const HarnessFailure& failure) {
      throw HarnessFailure(ticket.what + ": " + failure.what());
    }
    if (!line) throw HarnessFailure(ticket.what + ": no answer in time");
    Fields answer = Fields::parse(*line);
    answers_[answer.number("id")] = std::move(answer);
  }
  return std::move(answers_.extract(ticket.id).mapped());
}

bool Node::answered(const Ticket& ticket) {
  while (std::optional<std::string> line = child_.read_line(Clock::now())) {
    Fields answer = Fields::parse(*line);
    answers_[answer.number("id")] = std::move(answer);
  }
  return answers_.contains(ticket.id);
}

Fields Node::call(const std::string& verb, Fields fields) {
  return wait(start(verb, std::move(fields)));
}

Fields Node::must(const std::string& verb, Fields fields) {
  Fields answer = call(verb, fields);
  if (answer.text("status") != "OK") {
    throw HarnessFailure(name_ + ": " + verb + " {" + fields.line() + "}: {" + answer.line() + "}");
  }
  return answer;
}

Fields Node::open(Fields settings) {
  Fields answer = call("open", std::move(settings));
  address_ = answer.text("address");
  return answer;
}

Fields Node::get(const std::string& key, Fields more) {
  more.set({"key", key});
  return call("get", std::move(more));
}

std::string Node::value(const std::string& key) {
  const Fields answer = get(key);
  if (answer.text("status") == "OK") return answer.text("value");
  return answer.text("status") + ": " + answer.text("text");
}

Fields Node::put(const std::string& key, const std::string& value, Fields more) {
  more.set({"key", key});
  more.set({"value", value});
  return call("put", std::move(more));
}

Fields Node::remove(const std::string& key, Fields more) {
  more.set({"key", key});
  return call("delete", std::move(more));
}

void Node::ask_to_quit() {
  try {
    start("quit");
  } catch (const HarnessFailure&) {
    // It has ended already: quit() tells how.
  }
}

std::string Node::quit(Milliseconds within) {
  const std::optional<int> end = child_.wait(within);
  if (!end) return name_ + " does not end";
  return *end == 0 ? "" : name_ + " ended with " + describe_end(*end);
}

}  // namespace cluster
