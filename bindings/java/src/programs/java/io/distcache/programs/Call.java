package io.distcache.programs;

import io.distcache.CallOptions;
import io.distcache.DistcacheException;
import io.distcache.Entry;
import io.distcache.KeyValue;
import io.distcache.Keyspace;
import io.distcache.Status;
import io.distcache.Version;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** One operation of a scenario, waited for or asynchronous, and what it prints. */
final class Call {
  private static final Set<String> MEMBERS =
      Set.of(
          "op", "engine", "keyspace", "key", "keys", "value", "values", "timeout_ms", "ttl_ms",
          "ttls_ms", "no_stale", "async", "call", "show", "says", "loader", "expected", "keep");

  private final Map<String, Object> step;
  private final String op;
  private final Keyspace keyspace;
  private final CallOptions options;
  private final Map<String, Version> versions;
  private final Version expected;
  private final RuleSource loader;
  private CompletableFuture<?> future;

  /** Versions are those that steps keep, by name; the loader is that of a get_with. */
  Call(
      Map<String, Object> step,
      Keyspace keyspace,
      SortedMap<String, Version> versions,
      RuleSource loader) {
    Json.expectMembers(step, MEMBERS);
    this.step = step;
    this.op = (String) step.get("op");
    this.keyspace = keyspace;
    this.versions = versions;
    this.loader = loader;
    this.expected =
        step.containsKey("expected") ? versions.get(step.get("expected")) : Version.NONE;
    CallOptions chosen =
        CallOptions.DEFAULT.timeout(Duration.ofMillis(Json.number(step.get("timeout_ms"))));
    long ttl = Json.number(step.get("ttl_ms"));
    chosen = ttl == -1 ? chosen.noExpiry() : chosen.ttl(Duration.ofMillis(ttl));
    options = Json.flag(step.get("no_stale")) ? chosen.noStale() : chosen;
  }

  private byte[] key() {
    return Bytes.of(step.get("key"));
  }

  private byte[] value() {
    return Bytes.of(step.get("value"));
  }

  private List<byte[]> keys() {
    return Json.list(step.get("keys")).stream().map(Bytes::of).toList();
  }

  private List<KeyValue> pairs() {
    List<byte[]> keys = keys();
    List<Object> values = Json.list(step.get("values"));
    List<Object> ttls = Json.list(step.get("ttls_ms"));
    List<KeyValue> pairs = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      KeyValue pair = KeyValue.of(keys.get(i), Bytes.of(values.get(i)));
      if (!ttls.isEmpty()) {
        long ttl = Json.number(ttls.get(i));
        pair = ttl == -1 ? pair.noExpiry() : pair.ttl(Duration.ofMillis(ttl));
      }
      pairs.add(pair);
    }
    return pairs;
  }

  String run() {
    return print(
        () ->
            switch (op) {
              case "get" -> keyspace.get(key(), options);
              case "get_with" -> keyspace.getWith(key(), loader, options);
              case "refresh" -> keyspace.refresh(key(), options);
              case "put_if" -> keyspace.putIf(key(), value(), expected, options);
              case "peek" -> keyspace.peek(key());
              case "put" -> keyspace.put(key(), value(), options);
              case "delete" -> {
                keyspace.delete(key(), options);
                yield null;
              }
              case "get_many" -> keyspace.getMany(keys(), options);
              case "put_many" -> keyspace.putMany(pairs(), options);
              case "delete_many" -> keyspace.deleteMany(keys(), options);
              default -> throw new IllegalArgumentException(op);
            });
  }

  void begin() {
    future =
        switch (op) {
          case "get" -> keyspace.getAsync(key(), options);
          case "get_with" -> keyspace.getWithAsync(key(), loader, options);
          case "refresh" -> keyspace.refreshAsync(key(), options);
          case "put_if" -> keyspace.putIfAsync(key(), value(), expected, options);
          case "put" -> keyspace.putAsync(key(), value(), options);
          case "delete" -> keyspace.deleteAsync(key(), options);
          case "get_many" -> keyspace.getManyAsync(keys(), options);
          case "put_many" -> keyspace.putManyAsync(pairs(), options);
          case "delete_many" -> keyspace.deleteManyAsync(keys(), options);
          default -> throw new IllegalArgumentException(op + " has no asynchronous form");
        };
  }

  void cancel() {
    future.cancel(true);
  }

  String outcome() {
    return print(
        () -> {
          try {
            return future.get(Conformance.PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
          } catch (ExecutionException failure) {
            throw (DistcacheException) failure.getCause();
          } catch (InterruptedException | TimeoutException late) {
            throw new IllegalStateException("the call does not complete", late);
          }
        });
  }

  private String print(Supplier<Object> call) {
    Object outcome;
    try {
      outcome = call.get();
    } catch (DistcacheException failure) {
      boolean mismatch = failure.status() == Status.VERSION_MISMATCH;
      return failure(failure, step) + (mismatch ? told(failure.version()) : "");
    } catch (CancellationException cancelled) {
      return "CANCELLED retriable";
    }
    if (outcome instanceof Entry entry) {
      told(entry.version());
      return item(entry, true);
    }
    if (outcome instanceof Version version) {
      return "OK" + shown(what -> detail(null, version, what)) + told(version);
    }
    return outcome == null ? "OK" : list((List<?>) outcome);
  }

  /** Keeps the version that the step asks to keep, and names the one that a put_if was told. */
  private String told(Version version) {
    String name = version.equals(Version.NONE) ? "none" : "new";
    for (Map.Entry<String, Version> kept : versions.entrySet()) {
      if (name.equals("new") && kept.getValue().equals(version)) {
        name = kept.getKey();
      }
    }
    if (step.containsKey("keep")) {
      versions.put((String) step.get("keep"), version);
    }
    return op.equals("put_if") ? " version=" + name : "";
  }

  private String list(List<?> entries) {
    StringBuilder text = new StringBuilder("OK " + entries.size());
    for (int i = 0; i < entries.size(); i++) {
      Entry entry = (Entry) entries.get(i);
      text.append("\n ").append(i).append(' ').append(item(entry, op.equals("get_many")));
    }
    return text.toString();
  }

  private String item(Entry entry, boolean read) {
    if (entry.failure() != null) {
      return failure(entry.failure(), step);
    }
    if (entry.status() != Status.OK) {
      return entry.status().name();
    }
    String value = read ? " " + Bytes.show(entry.value()) : "";
    return "OK" + value + shown(what -> detail(entry, entry.version(), what));
  }

  private String shown(java.util.function.UnaryOperator<String> detail) {
    StringBuilder text = new StringBuilder();
    for (Object what : Json.list(step.get("show"))) {
      text.append(' ').append(detail.apply((String) what));
    }
    return text.toString();
  }

  private static String detail(Entry entry, Version version, String what) {
    return switch (what) {
      case "origin" -> "origin=" + entry.origin().name().toLowerCase(Locale.ROOT);
      case "stale" -> "stale=" + yes(entry.isStale());
      case "ttl" -> "ttl=" + (entry.ttl().isPresent() ? "some" : "none");
      case "age" -> "age=" + (entry.age().isNegative() ? "negative" : "ok");
      case "version" -> "version=" + yes(!version.equals(Version.NONE));
      default -> throw new IllegalArgumentException("nothing to show is called " + what);
    };
  }

  private static String yes(boolean is) {
    return is ? "yes" : "no";
  }

  static String failure(DistcacheException failure, Map<String, Object> step) {
    StringBuilder text = new StringBuilder(failure.status().name());
    text.append(failure.isRetriable() ? " retriable" : " final");
    String message = failure.getMessage().toLowerCase(Locale.ROOT);
    for (Object part : Json.list(step.get("says"))) {
      boolean says = message.contains(((String) part).toLowerCase(Locale.ROOT));
      text.append(says ? " says \"" : " hides \"").append(part).append('"');
    }
    return text.toString();
  }
}
