package io.distcache.programs;

import io.distcache.DistcacheException;
import io.distcache.Engine;
import io.distcache.EngineOptions;
import io.distcache.Keyspace;
import io.distcache.KeyspaceOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One engine of a scenario, its keyspaces and their sources. */
final class Node implements AutoCloseable {
  final String name;
  private final Map<String, RuleSource> sources = new HashMap<>();
  private final List<RuleSource> allSources = new ArrayList<>();
  private final Map<String, Keyspace> keyspaces = new HashMap<>();
  private Engine engine;

  Node(String name) {
    this.name = name;
  }

  /** Properties that every engine has. */
  static Map<String, String> commonProperties(String name) {
    Map<String, String> common = new HashMap<>();
    common.put("node.name", name);
    common.put("bind.port", "0");
    common.put("discovery.port", "0");
    common.put("log.level", "off");
    common.put("read.timeout.ms", "60s");
    common.put("write.timeout.ms", "60s");
    common.put("shutdown.timeout.ms", "60s");
    return common;
  }

  void open(
      Map<String, String> common, Map<String, Object> description, Map<String, Object> spaces) {
    Json.expectMembers(description, Set.of("properties", "sourceless", "op", "keyspaces", "says"));
    EngineOptions options = new EngineOptions();
    common.forEach(options::property);
    Json.object(description.get("properties"))
        .forEach((property, value) -> options.property(property, (String) value));
    List<Object> sourceless = Json.list(description.get("sourceless"));
    spaces.forEach(
        (space, about) ->
            options.keyspace(
                definition(space, Json.object(about), sourceless.contains(space), true)));
    engine = Engine.open(options);
    allSources.forEach(source -> source.engineIs(engine));
    for (String space : spaces.keySet()) {
      keyspaces.put(space, engine.keyspace(space));
    }
  }

  private KeyspaceOptions definition(
      String space, Map<String, Object> about, boolean sourceless, boolean bounded) {
    Json.expectMembers(about, Set.of("properties", "source", "op", "engine", "name", "says"));
    KeyspaceOptions options = new KeyspaceOptions(space);
    if (bounded) {
      options.property("bytes.max", "64MiB");
    }
    Json.object(about.get("properties"))
        .forEach((property, value) -> options.property(property, (String) value));
    if (about.containsKey("source") && !sourceless) {
      RuleSource source = new RuleSource(name, Json.list(about.get("source")));
      source.engineIs(engine);
      allSources.add(source);
      sources.put(space, source);
      options.source(source);
    }
    return options;
  }

  void awaitReady() {
    engine.awaitReady(Conformance.PATIENCE);
  }

  void add(Map<String, Object> step) {
    String space = (String) step.get("name");
    keyspaces.put(space, engine.addKeyspace(definition(space, step, false, false)));
  }

  void update(Map<String, Object> step) {
    engine.updateKeyspace(definition((String) step.get("name"), step, false, false));
  }

  void remove(String space) {
    engine.removeKeyspace(space);
  }

  String list() {
    return String.join(" ", engine.keyspaces());
  }

  void close(Duration timeout) {
    engine.close(timeout);
  }

  Keyspace keyspace(String space) {
    Keyspace keyspace = keyspaces.get(space);
    if (keyspace == null) {
      throw new IllegalArgumentException("no keyspace '" + space + "'");
    }
    return keyspace;
  }

  RuleSource source(String space) {
    return sources.get(space);
  }

  void releaseSources() {
    allSources.forEach(RuleSource::releaseAll);
  }

  @Override
  public void close() {
    releaseSources();
    if (engine == null) {
      return;
    }
    try {
      engine.close();
    } catch (DistcacheException late) {
      throw new IllegalStateException("the engine does not close", late);
    }
  }
}
