package io.distcache;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;

/**
 * Settings of an engine to be opened. {@link EngineSettings} has a typed method for each property;
 * {@link #property} sets any by name. Nothing is checked before {@link Engine#open}, which names
 * every fault. Belongs to one thread at a time.
 */
public final class EngineOptions implements EngineSettings<EngineOptions> {
  final List<KeyspaceOptions> keyspaces = new ArrayList<>();
  Executor executor = ForkJoinPool.commonPool();
  private DiscoveryCall discovery;
  private final Map<String, String> properties = new LinkedHashMap<>();

  /** Everything has its default. */
  public EngineOptions() {}

  /**
   * Sets one property by its name; the last value wins.
   *
   * @param name as in CONFIGURATION.md, for example {@code bind.port}
   * @param value as text: {@code 250ms}, {@code 64MiB}, {@code a,b}
   * @return this
   */
  @Override
  public EngineOptions property(String name, String value) {
    properties.put(Objects.requireNonNull(name, "name"), Objects.requireNonNull(value, "value"));
    return this;
  }

  /**
   * A keyspace that is there when open returns.
   *
   * @param options used when the engine is opened
   * @return this
   */
  public EngineOptions keyspace(KeyspaceOptions options) {
    keyspaces.add(Objects.requireNonNull(options, "options"));
    return this;
  }

  /**
   * Asks it where the other members are, in place of an earlier one; {@code discovery.provider}
   * becomes {@code custom}.
   *
   * @param discovery one for each engine that is opened with these options
   * @return this
   */
  public EngineOptions discovery(Discovery discovery) {
    this.discovery = new DiscoveryCall(Objects.requireNonNull(discovery, "discovery"));
    return property("discovery.provider", "custom");
  }

  DiscoveryCall discoveryCall() {
    return discovery;
  }

  /**
   * Where the futures of asynchronous calls are completed; default {@link
   * ForkJoinPool#commonPool()}, which also takes what this one rejects. One that runs its tasks at
   * once runs them on the thread of the engine that runs completions: they must not block then.
   *
   * @param executor not shut down before the engine is closed
   * @return this
   */
  public EngineOptions executor(Executor executor) {
    this.executor = Objects.requireNonNull(executor, "executor");
    return this;
  }

  byte[][] packed() {
    return packed(properties);
  }

  static byte[][] packed(Map<String, String> properties) {
    byte[][] packed = new byte[properties.size() * 2][];
    int i = 0;
    for (Map.Entry<String, String> property : properties.entrySet()) {
      packed[i++] = Native.text(property.getKey());
      packed[i++] = Native.text(property.getValue());
    }
    return packed;
  }
}
