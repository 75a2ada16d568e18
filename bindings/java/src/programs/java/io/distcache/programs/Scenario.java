package io.distcache.programs;

import io.distcache.DistcacheException;
import io.distcache.Entry;
import io.distcache.Keyspace;
import io.distcache.Status;
import io.distcache.Version;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** One scenario: its engines, and its steps in their order. */
final class Scenario implements AutoCloseable {
  private static final long PAUSE_MS = 2;

  private final Map<String, Object> description;
  private final PrintStream out;
  private final Map<String, Node> nodes = new LinkedHashMap<>();
  private final Map<String, Call> calls = new HashMap<>();
  private final Map<String, RuleSource> loaders = new HashMap<>(); // of get_with, by call
  private final SortedMap<String, Version> versions = new TreeMap<>();

  Scenario(Map<String, Object> description, PrintStream out) {
    Json.expectMembers(description, Set.of("name", "about", "engines", "keyspaces", "steps"));
    this.description = description;
    this.out = out;
  }

  void play() {
    out.print("# " + description.get("name") + "\n");
    openEngines();
    int number = 0;
    for (Object each : Json.list(description.get("steps"))) {
      Map<String, Object> step = Json.object(each);
      number++;
      try {
        out.print(number + " " + step.get("op") + " " + outcome(step) + "\n");
      } catch (RuntimeException failure) {
        throw new IllegalStateException("step " + number + ", " + step.get("op"), failure);
      }
    }
    out.print("\n");
  }

  private void openEngines() {
    Map<String, Object> engines = Json.object(description.get("engines"));
    if (engines.isEmpty()) {
      engines = Map.of("a", Map.of());
    }
    List<String> addresses = new ArrayList<>();
    for (Map.Entry<String, Object> engine : engines.entrySet()) {
      openEngine(engine.getKey(), Json.object(engine.getValue()), engines.size(), addresses);
    }
    if (engines.size() > 1) {
      nodes.values().forEach(Node::awaitReady);
    }
  }

  private void openEngine(
      String name, Map<String, Object> about, int count, List<String> addresses) {
    while (true) {
      Node node = new Node(name);
      Map<String, String> properties = Node.commonProperties(name);
      String address = "127.0.0.1:" + (count > 1 ? freePort() : 0);
      if (count > 1) {
        properties.put("discovery.port", address.substring(address.indexOf(':') + 1));
        properties.put("discovery.provider", "static");
        List<String> peers = new ArrayList<>(addresses);
        peers.add(address);
        properties.put("discovery.peers", String.join(",", peers));
        properties.put("quorum.min", Integer.toString(count));
        properties.put("bootstrap.timeout.ms", "1");
      }
      try {
        node.open(properties, about, Json.object(description.get("keyspaces")));
      } catch (DistcacheException failure) {
        if (failure.status() == Status.ADDRESS_IN_USE && count > 1) {
          continue;
        }
        throw failure;
      }
      addresses.add(address);
      nodes.put(name, node);
      return;
    }
  }

  private static int freePort() {
    try (ServerSocket any = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return any.getLocalPort();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private String outcome(Map<String, Object> step) {
    String op = (String) step.get("op");
    if (op.matches("peek|refresh|get_with|put_if|(get|put|delete)(_many)?")) {
      return operation(step);
    }
    switch (op) {
      case "wait":
        return calls.get(step.get("call")).outcome();
      case "cancel":
        calls.get(step.get("call")).cancel();
        return "asked";
      case "gone":
        return untilGone(step);
      case "loading":
      case "release":
      case "cancelled":
      case "loads":
        return sourceStep(step, op);
      case "list":
        return node(step).list();
      case "release_engine":
        node(step).close();
        return "done";
      default:
        return engineStep(step, op);
    }
  }

  private String operation(Map<String, Object> step) {
    RuleSource loader = null;
    if (step.containsKey("loader")) {
      loader = new RuleSource(node(step).name, List.of(step.get("loader")));
      loaders.put((String) step.get("call"), loader);
    }
    Call call = new Call(step, keyspace(step), versions, loader);
    if (step.containsKey("call")) {
      call.begin();
      calls.put((String) step.get("call"), call);
      return "begun";
    }
    if (!Json.flag(step.get("async"))) {
      return call.run();
    }
    call.begin();
    return call.outcome();
  }

  private String sourceStep(Map<String, Object> step, String op) {
    Json.expectMembers(step, Set.of("op", "engine", "keyspace", "key", "call"));
    RuleSource source =
        step.containsKey("call")
            ? loaders.get(step.get("call"))
            : node(step).source(keyspaceName(step));
    byte[] key = step.containsKey("key") ? Bytes.of(step.get("key")) : null;
    switch (op) {
      case "loads":
        return Long.toString(source.loads(key));
      case "release":
        source.release(key);
        return "done";
      case "loading":
        source.awaitHeld(key);
        return "yes";
      default:
        source.awaitCancelled(key);
        return "yes";
    }
  }

  private String engineStep(Map<String, Object> step, String op) {
    try {
      switch (op) {
        case "open" -> {
          try (Node extra = new Node("extra")) {
            Map<String, Object> keyspaces = Json.object(step.get("keyspaces"));
            extra.open(Node.commonProperties("extra"), step, keyspaces);
          }
        }
        case "add" -> node(step).add(step);
        case "update" -> node(step).update(step);
        case "remove" -> node(step).remove((String) step.get("name"));
        case "close" ->
            node(step).close(Duration.ofMillis(Json.number(step.get("timeout_ms"))));
        default -> throw new IllegalArgumentException("no step is called so");
      }
      return "OK";
    } catch (DistcacheException failure) {
      return Call.failure(failure, step);
    }
  }

  private String untilGone(Map<String, Object> step) {
    byte[] key = Bytes.of(step.get("key"));
    long end = System.nanoTime() + Conformance.PATIENCE.toNanos();
    while (System.nanoTime() < end) {
      Entry entry = keyspace(step).peek(key);
      if (!entry.isPresent()) {
        return entry.status().name();
      }
      try {
        Thread.sleep(PAUSE_MS);
      } catch (InterruptedException interrupt) {
        throw new IllegalStateException(interrupt);
      }
    }
    throw new IllegalStateException("the key stays");
  }

  private Node node(Map<String, Object> step) {
    Object name = step.get("engine");
    Node node = name == null ? nodes.values().iterator().next() : nodes.get(name);
    if (node == null) {
      throw new IllegalArgumentException("no engine is called " + name);
    }
    return node;
  }

  private String keyspaceName(Map<String, Object> step) {
    Object name = step.get("keyspace");
    return name != null
        ? (String) name
        : Json.object(description.get("keyspaces")).keySet().iterator().next();
  }

  private Keyspace keyspace(Map<String, Object> step) {
    return node(step).keyspace(keyspaceName(step));
  }

  @Override
  public void close() {
    nodes.values().forEach(Node::releaseSources);
    loaders.values().forEach(RuleSource::releaseAll);
    nodes.values().forEach(Node::close);
  }
}
