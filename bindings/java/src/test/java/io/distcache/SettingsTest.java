package io.distcache;

import static io.distcache.Fixture.assertStatus;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Method;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The typed options and the library's own tables say the same. */
class SettingsTest {
  /** Names of the properties of one scope, by the library's table. */
  private static Set<String> table(String scope) {
    Set<String> names = new TreeSet<>();
    Matcher rows =
        Pattern.compile("\"name\":\\s*\"([a-z0-9.]+)\",\\s*\"scope\":\\s*\"" + scope + "\"")
            .matcher(Native.string(Native.propertiesJson()));
    while (rows.find()) {
      names.add(rows.group(1));
    }
    return names;
  }

  private static Object anyValue(Class<?> type) {
    if (type == long.class) {
      return 77L;
    }
    if (type == boolean.class) {
      return true;
    }
    if (type == Duration.class) {
      return Duration.ofMillis(77);
    }
    if (type == List.class) {
      return List.of("one", "two");
    }
    return type.isEnum() ? type.getEnumConstants()[0] : "text";
  }

  /** Calls every typed setter. */
  private static void setAll(Object options, Class<?> settings) throws Exception {
    for (Method method : settings.getMethods()) {
      if (!method.isDefault()) {
        continue;
      }
      Class<?>[] types = method.getParameterTypes();
      if (types.length == 1) {
        assertEquals(options, method.invoke(options, anyValue(types[0])), method.getName());
      } else {
        assertEquals(options, method.invoke(options), method.getName());
      }
    }
  }

  private static Set<String> names(byte[][] packed) {
    Set<String> names = new TreeSet<>();
    for (int i = 0; i < packed.length; i += 2) {
      names.add(Native.string(packed[i]).replace("\0", ""));
    }
    return names;
  }

  @Test
  void everyPropertyHasATypedSetter() throws Exception {
    EngineOptions engine = new EngineOptions();
    setAll(engine, EngineSettings.class);
    assertEquals(table("engine"), names(engine.packed()));
    KeyspaceOptions keyspace = new KeyspaceOptions("k");
    setAll(keyspace, KeyspaceSettings.class);
    assertEquals(table("keyspace"), names(keyspace.packed()));
    assertTrue(names(engine.packed()).size() > 30);
  }

  @Test
  void typedValuesAreUnderstood() {
    EngineOptions options =
        Fixture.alone()
            .nodeRole(EngineSettings.NodeRole.MEMBER)
            .discoveryProvider(EngineSettings.DiscoveryProvider.STATIC)
            .discoveryPeers(List.of("127.0.0.1:1"))
            .securityPlaintext(EngineSettings.SecurityPlaintext.LOOPBACK)
            .bootstrapTimeout(Duration.ofNanos(1))
            .keepalivePeriodOff()
            .warmupOnJoin(false)
            .keyspace(
                new KeyspaceOptions("k")
                    .bytesMax(1 << 20)
                    .entriesMaxNone()
                    .ttl(Duration.ofMinutes(5))
                    .evictionPolicy(KeyspaceSettings.EvictionPolicy.LRU));
    try (Engine engine = Engine.open(options)) {
      assertEquals(List.of("k"), engine.keyspaces());
    }
  }

  @Test
  void openNamesEveryFault() {
    EngineOptions options =
        Fixture.alone()
            .property("bind.prot", "1")
            .nodeWeight(-1)
            .readTimeout(Duration.ofDays(100))
            .warmupOnJoin(true);
    DistcacheException failure =
        assertStatus(Status.INVALID_CONFIG, () -> Engine.open(options));
    assertTrue(failure instanceof ConfigurationException);
    for (String part : List.of("bind.prot", "bind.port", "node.weight", "read.timeout.ms",
        "warmup.on.join")) {
      assertTrue(failure.getMessage().contains(part), failure.getMessage());
    }
    assertStatus(
        Status.INVALID_CONFIG,
        () -> Engine.open(Fixture.alone().keyspace(new KeyspaceOptions("no bytes.max"))));
    assertStatus(
        Status.INVALID_ARGUMENT, () -> Engine.open(Fixture.alone().nodeName("a\0b")));
  }

  @Test
  void statusesAreThoseOfTheLibrary() {
    for (int number = 0; number < 200; number++) {
      Status status = Status.of(number);
      String name = Native.string(Native.statusName(number));
      assertEquals(name, status.name(), "of " + number);
      if (status != Status.UNRECOGNIZED) {
        assertEquals(number, status.number());
        DistcacheException failure =
            DistcacheException.of(number, Native.statusRetriable(number), "why", List.of("p"));
        assertEquals(status, failure.status());
        assertTrue(failure.getMessage().contains("why"));
      }
    }
    assertEquals(Status.UNRECOGNIZED, Status.of(-5));
    assertEquals(List.of("p"), DistcacheException.of(42, true, "", List.of("p")).peers());
  }

  @Test
  void durationsAreRoundedUp() {
    assertEquals(1, Millis.of(Duration.ofNanos(1)));
    assertEquals(2, Millis.of(Duration.ofNanos(1_000_001)));
    assertEquals(0, Millis.of(Duration.ZERO));
    assertTrue(Millis.of(Duration.ofNanos(-1)) < 0);
    assertTrue(Millis.of(Duration.ofSeconds(Long.MIN_VALUE)) < 0);
    assertEquals(Long.MAX_VALUE, Millis.of(Duration.ofSeconds(Long.MAX_VALUE)));
    assertTrue(Millis.ttlOf(Duration.ofMillis(-1)) < -1);
  }
}
