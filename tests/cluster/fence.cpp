#include "fence.h"

namespace cluster {
namespace {

// One key whose load is stopped at the owner, and what is done around it.
class Scene {
 public:
  Scene(Cluster& cluster, const Cast& cast)
      : cast_(cast), key_(Ledger::key(cluster.fresh_key_of(*cast.owner, cast.keyspace))) {
    content("old");
  }

  void content(const std::string& text) {
    for (Node* node : cast_.all) {
      node->must("content", {{"text", text}, {"keyspace", cast_.keyspace}});
    }
  }

  void gate(const std::string& action, const std::string& stage, int load = 0) {
    cast_.owner->must("gate", with_key({{"do", action}, {"stage", stage}, {"load", load}}));
  }
  // Until so many loads stand before the gate.
  void await_loads(const std::string& stage, size_t count) {
    const Fields answer = cast_.owner->call(
        "await_gate",
        with_key({{"stage", stage}, {"count", count}, {"within", cast_.patience.count()}}));
    if (answer.text("status") != "OK") fail(std::to_string(count) + " loads did not begin");
  }

  Ticket begin_get(Node& node) {
    return node.start("get", with_key({{"timeout", cast_.patience.count()}}));
  }
  void remove(Node& node) { write(node, "delete", ""); }
  void put(Node& node, const std::string& value) { write(node, "put", value); }

  // A reader that began before the write may have either value, but must be answered.
  void expect_answered(Node& node, const Ticket& ticket) {
    const Fields answer = node.wait(ticket);
    if (answer.text("status") != "OK") fail("the first reader: " + answer.line());
  }
  // A reader that began after it must not have what a load from before it brought.
  void expect_new(Node& node, const Ticket& ticket, const std::string& when) {
    const Fields answer = node.wait(ticket);
    const std::string value = answer.text("value");
    if (answer.text("status") != "OK") return fail(when + ": " + answer.line());
    if (!value.ends_with("/1") && value.find("/old/") == std::string::npos) return;
    fail(when + " " + node.name() + " got '" + value + "'");
  }
  void expect_new_everywhere(const std::string& when) {
    for (Node* node : cast_.all) expect_new(*node, begin_get(*node), when);
  }
  void expect_everywhere(const std::string& wanted, const std::string& when) {
    for (Node* node : cast_.all) {
      const Fields answer = node->wait(begin_get(*node));
      if (answer.text("value") != wanted) fail(when + " " + node->name() + ": " + answer.line());
    }
  }

  // What an old load brought must not be in anybody's memory.
  void expect_not_kept() {
    for (Node* node : cast_.all) {
      const Fields answer = node->call("peek", with_key({}));
      if (answer.text("status") != "NOT_CACHED")
        fail("kept at " + node->name() + ": " + answer.line());
    }
  }

  // The first finding, after the key was let go.
  std::string verdict() {
    gate("open", "read");
    gate("open", "answer");
    return finding_;
  }

 private:
  Fields with_key(Fields fields) const {
    fields.set({"key", key_});
    fields.set({"keyspace", cast_.keyspace});
    return fields;
  }
  void write(Node& node, const std::string& verb, const std::string& value) {
    const Fields answer = node.call(verb, with_key({{"value", value}}));
    if (answer.text("status") != "OK") fail(verb + ": " + answer.line());
  }
  void fail(const std::string& finding) {
    if (!finding_.empty()) return;
    finding_ = "key " + key_ + ", owner " + cast_.owner->name() + ", reader " +
               cast_.reader->name() + ", deleter " + cast_.deleter->name() + ": " + finding;
  }

  const Cast& cast_;
  const std::string key_;
  std::string finding_;
};

std::string delete_before_the_source_reads(Cluster& cluster, const Cast& cast) {
  Scene scene(cluster, cast);
  scene.gate("close", "read");
  const Ticket first = scene.begin_get(*cast.reader);
  scene.await_loads("read", 1);
  scene.content("new");
  scene.remove(*cast.deleter);
  const Ticket second = scene.begin_get(*cast.reader);
  scene.await_loads("read", 2);  // it did not join the load from before the delete
  scene.gate("release", "read", 2);
  scene.expect_new(*cast.reader, second, "after the delete");
  scene.gate("open", "read");
  scene.expect_answered(*cast.reader, first);
  scene.expect_new_everywhere("afterwards");
  return scene.verdict();
}

std::string delete_after_the_source_read(Cluster& cluster, const Cast& cast) {
  Scene scene(cluster, cast);
  scene.gate("close", "answer");
  const Ticket first = scene.begin_get(*cast.reader);
  scene.await_loads("answer", 1);  // it has read "old" and not answered
  scene.content("new");
  scene.remove(*cast.deleter);
  scene.gate("open", "answer");
  scene.expect_answered(*cast.reader, first);
  scene.expect_new_everywhere("after the delete and the answer");
  return scene.verdict();
}

std::string delete_between_two_readers(Cluster& cluster, const Cast& cast) {
  Scene scene(cluster, cast);
  scene.gate("close", "answer");
  const Ticket first = scene.begin_get(*cast.reader);
  scene.await_loads("answer", 1);
  scene.content("new");
  scene.remove(*cast.deleter);
  const Ticket second = scene.begin_get(*cast.owner);
  scene.await_loads("answer", 2);
  scene.gate("release", "answer", 2);  // the new load ends first
  scene.expect_new(*cast.owner, second, "while the old load is stopped");
  scene.gate("open", "answer");
  scene.expect_answered(*cast.reader, first);
  scene.expect_new_everywhere("after the old load ended");
  return scene.verdict();
}

std::string put_then_delete(Cluster& cluster, const Cast& cast) {
  Scene scene(cluster, cast);
  scene.gate("close", "answer");
  const Ticket first = scene.begin_get(*cast.reader);
  scene.await_loads("answer", 1);
  scene.content("new");
  scene.put(*cast.deleter, "put");
  scene.expect_everywhere("put", "after the put");
  scene.remove(*cast.deleter);
  const Ticket second = scene.begin_get(*cast.reader);
  scene.await_loads("answer", 2);
  scene.gate("release", "answer", 2);
  scene.expect_new(*cast.reader, second, "after the delete");
  scene.gate("open", "answer");
  scene.expect_answered(*cast.reader, first);
  scene.expect_new_everywhere("afterwards");
  return scene.verdict();
}

std::string delete_then_put_by_another(Cluster& cluster, const Cast& cast) {
  Scene scene(cluster, cast);
  scene.gate("close", "answer");
  const Ticket first = scene.begin_get(*cast.reader);
  scene.await_loads("answer", 1);
  scene.content("new");
  scene.remove(*cast.deleter);
  scene.put(*cast.reader, "put");
  scene.gate("open", "answer");
  scene.expect_answered(*cast.reader, first);
  scene.expect_everywhere("put", "after the old load ended");
  return scene.verdict();
}

std::string reader_joins_after_the_delete(Cluster& cluster, const Cast& cast) {
  Scene scene(cluster, cast);
  scene.gate("close", "answer");
  const Ticket first = scene.begin_get(*cast.reader);
  scene.await_loads("answer", 1);
  scene.content("new");
  scene.remove(*cast.deleter);
  const Ticket second = scene.begin_get(*cast.reader);
  scene.await_loads("answer", 2);
  scene.gate("release", "answer", 1);  // the old load ends while the later reader still waits
  scene.expect_answered(*cast.reader, first);
  scene.expect_not_kept();
  scene.gate("open", "answer");
  scene.expect_new(*cast.reader, second, "joined after the delete,");
  scene.expect_new_everywhere("afterwards");
  return scene.verdict();
}

}  // namespace

const std::vector<Interleaving>& interleavings() {
  static const std::vector<Interleaving> all{
      {"DeleteBeforeTheSourceReads", delete_before_the_source_reads},
      {"DeleteAfterTheSourceRead", delete_after_the_source_read},
      {"DeleteBetweenTwoReaders", delete_between_two_readers},
      {"PutThenDelete", put_then_delete},
      {"DeleteThenPutByAnother", delete_then_put_by_another},
      {"ReaderJoinsAfterTheDelete", reader_joins_after_the_delete},
  };
  return all;
}

std::string run_with_every_cast(Cluster& cluster, const Interleaving& interleaving,
                                const std::string& keyspace, Milliseconds patience) {
  const std::vector<Node*> nodes = cluster.nodes();
  for (Node* owner : nodes) {
    for (Node* reader : nodes) {
      for (Node* deleter : nodes) {
        const Cast cast{owner, reader, deleter, nodes, keyspace, patience};
        if (std::string finding = interleaving.run(cluster, cast); !finding.empty()) {
          return finding;
        }
      }
    }
  }
  return {};
}

}  // namespace cluster
