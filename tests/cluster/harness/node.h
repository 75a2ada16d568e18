#pragma once

#include <map>
#include <memory>
#include <string>

#include "common/fields.h"
#include "harness/child.h"

namespace cluster {

constexpr Milliseconds kUsualPatience{60'000};

// An answer that is still to come.
struct Ticket {
  int64_t id = 0;
  std::string what;
};

// A cluster_node and what one can ask of it. A call that gets no answer in time, or whose node
// dies, throws HarnessFailure. Belongs to one thread.
class Node {
 public:
  Node(std::string name, size_t process, const std::string& program, int ledger);

  const std::string& name() const { return name_; }
  size_t process() const { return process_; }              // its row in the ledger
  const std::string& address() const { return address_; }  // once it is open
  Child& child() { return child_; }

  // Sends a command and does not wait for its answer.
  Ticket start(const std::string& verb, Fields fields = {});
  Fields wait(const Ticket& ticket, Milliseconds within = kUsualPatience);
  bool answered(const Ticket& ticket);  // its answer is here already
  Fields call(const std::string& verb, Fields fields = {});
  // The same, where any status but OK makes the test impossible to go on with.
  Fields must(const std::string& verb, Fields fields = {});

  Fields open(Fields settings);
  // The short forms of what most tests do, for keyspace "main".
  Fields get(const std::string& key, Fields more = {});
  std::string value(const std::string& key);  // of a get, or its status and text
  Fields put(const std::string& key, const std::string& value, Fields more = {});
  Fields remove(const std::string& key, Fields more = {});

  // Asks it to end, and later: "" if it has ended in good order, or what went wrong.
  void ask_to_quit();
  std::string quit(Milliseconds within = kUsualPatience);

 private:
  std::string name_;
  size_t process_;
  std::string address_;
  Child child_;
  int64_t last_id_ = 0;
  std::map<int64_t, Fields> answers_;
};

}  // namespace cluster
