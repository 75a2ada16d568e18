package io.distcache.programs;

import io.distcache.Answer;
import io.distcache.CallOptions;
import io.distcache.DataSource;
import io.distcache.DistcacheException;
import io.distcache.Engine;
import io.distcache.Entry;
import io.distcache.Fetch;
import io.distcache.SourceException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;

/** A data source that does what the rules of a scenario say. */
final class RuleSource implements DataSource {
  private static final Set<String> MEMBERS =
      Set.of(
          "key", "times", "hold", "until_cancelled", "async", "answer", "value", "ttl_ms",
          "no_store", "tags", "source_version", "message", "retriable", "get", "keyspace");
  private static final long PAUSE_MS = 2;
  private static final Duration REMAINING_MAX = Duration.ofSeconds(60);

  private final String engineName;
  private final List<Map<String, Object>> rules = new ArrayList<>();
  private final long[] used;
  private final Map<Bytes.Key, Long> loads = new HashMap<>();
  private final Set<Bytes.Key> held = new HashSet<>();
  private final Set<Bytes.Key> released = new HashSet<>();
  private final Set<Bytes.Key> cancelled = new HashSet<>();
  private boolean allReleased;
  private volatile Engine engine;

  RuleSource(String engineName, List<Object> rules) {
    this.engineName = engineName;
    for (Object rule : rules) {
      Json.expectMembers(Json.object(rule), MEMBERS);
      this.rules.add(Json.object(rule));
    }
    used = new long[rules.size()];
  }

  void engineIs(Engine engine) {
    this.engine = engine;
  }

  @Override
  public Answer fetch(Fetch fetch) throws Exception {
    Bytes.Key key = new Bytes.Key(fetch.key());
    long load;
    Map<String, Object> rule;
    synchronized (this) {
      load = loads.merge(key, 1L, Long::sum);
      rule = nextRule(key);
    }
    if (!Json.flag(rule.get("async"))) {
      return answer(rule, fetch, key, load);
    }
    CompletableFuture<Answer> later = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                later.complete(answer(rule, fetch, key, load));
              } catch (Throwable failure) {
                later.completeExceptionally(failure);
              }
            });
    thread.setDaemon(true);
    thread.start();
    return Answer.later(later);
  }

  private Map<String, Object> nextRule(Bytes.Key key) {
    for (int i = 0; i < used.length; i++) {
      Map<String, Object> rule = rules.get(i);
      if (rule.containsKey("key") && !new Bytes.Key(Bytes.of(rule.get("key"))).equals(key)) {
        continue;
      }
      if (rule.containsKey("times") && used[i] >= Json.number(rule.get("times"))) {
        continue;
      }
      used[i]++;
      return rule;
    }
    return Map.of();
  }

  private Answer answer(Map<String, Object> rule, Fetch fetch, Bytes.Key key, long load)
      throws InterruptedException {
    waitUntilAllowed(rule, fetch, key);
    String kind = (String) rule.getOrDefault("answer", "value");
    String message = (String) rule.getOrDefault("message", "the source says so");
    switch (kind) {
      case "value":
        Object value = rule.get("value");
        return give(rule, Answer.of(Bytes.of(value == null ? engineName + ':' + load : value)));
      case "key":
        return give(rule, Answer.of(key.bytes()));
      case "keyspace":
        return give(rule, Answer.of(fetch.keyspace()));
      case "remaining":
        Duration left = fetch.remaining();
        boolean inTime = !left.isZero() && left.compareTo(REMAINING_MAX) <= 0;
        return give(rule, Answer.of(inTime ? "in time" : "out of time"));
      case "not_found":
        return Answer.notFound();
      case "fail":
        throw new SourceException(message, (Boolean) rule.get("retriable"));
      case "throw":
        throw new IllegalStateException(message);
      case "drop":
        throw new IllegalStateException("dropped");
      case "get":
        return giveOther(rule, fetch);
      default:
        throw new IllegalArgumentException("no answer is called '" + kind + "'");
    }
  }

  private static Answer give(Map<String, Object> rule, Answer value) {
    Answer answer = value.sourceVersion(Json.number(rule.get("source_version")));
    long ttl = Json.number(rule.get("ttl_ms"));
    answer = ttl == -1 ? answer.noExpiry() : answer.ttl(Duration.ofMillis(ttl));
    for (Object tag : Json.list(rule.get("tags"))) {
      answer = answer.tag((String) tag);
    }
    return Json.flag(rule.get("no_store")) ? answer.doNotStore() : answer;
  }

  private Answer giveOther(Map<String, Object> rule, Fetch fetch) {
    String keyspace = (String) rule.getOrDefault("keyspace", fetch.keyspace());
    String status;
    try {
      Entry entry =
          engine
              .keyspace(keyspace)
              .get(Bytes.of(rule.get("get")), CallOptions.DEFAULT.parent(fetch));
      if (entry.isPresent()) {
        return give(rule, Answer.of("got " + entry.text()));
      }
      status = entry.status().name();
    } catch (DistcacheException failure) {
      status = failure.status().name();
    }
    throw new SourceException(status, false);
  }

  private synchronized void waitUntilAllowed(Map<String, Object> rule, Fetch fetch, Bytes.Key key)
      throws InterruptedException {
    boolean hold = Json.flag(rule.get("hold"));
    boolean untilCancelled = Json.flag(rule.get("until_cancelled"));
    if (!hold && !untilCancelled) {
      return;
    }
    held.add(key);
    notifyAll();
    while (untilCancelled && !allReleased && !cancelled.contains(key)) {
      if (fetch.isCancelled()) {
        cancelled.add(key);
        notifyAll();
      } else {
        wait(PAUSE_MS);
      }
    }
    while (hold && !allReleased && !released.contains(key)) {
      wait();
    }
  }

  void awaitHeld(byte[] key) {
    await("no load of this key is held", () -> held.contains(new Bytes.Key(key)));
  }

  void awaitCancelled(byte[] key) {
    await("no load of this key was cancelled", () -> cancelled.contains(new Bytes.Key(key)));
  }

  private synchronized void await(String otherwise, BooleanSupplier condition) {
    long end = System.nanoTime() + Conformance.PATIENCE.toNanos();
    try {
      while (!condition.getAsBoolean()) {
        if (System.nanoTime() > end) {
          throw new IllegalStateException(otherwise);
        }
        wait(PAUSE_MS);
      }
    } catch (InterruptedException interrupt) {
      throw new IllegalStateException(interrupt);
    }
  }

  synchronized void release(byte[] key) {
    released.add(new Bytes.Key(key));
    notifyAll();
  }

  synchronized void releaseAll() {
    allReleased = true;
    notifyAll();
  }

  synchronized long loads(byte[] key) {
    if (key != null) {
      return loads.getOrDefault(new Bytes.Key(key), 0L);
    }
    return loads.values().stream().mapToLong(Long::longValue).sum();
  }
}
