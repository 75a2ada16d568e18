package io.distcache;

import static io.distcache.Fixture.alone;
import static io.distcache.Fixture.assertStatus;
import static io.distcache.Fixture.await;
import static io.distcache.Fixture.bytes;
import static io.distcache.Fixture.users;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OperationsTest {
  private final AtomicInteger loads = new AtomicInteger();
  private Engine engine;
  private Keyspace users;

  @BeforeEach
  void open() {
    DataSource source =
        fetch -> {
          loads.incrementAndGet();
          return fetch.key()[0] == '-' ? null : Fixture.exclaim(fetch);
        };
    engine = Engine.open(alone().keyspace(users(source).valueBytesMax(8 << 20)));
    users = engine.keyspace("users");
  }

  @AfterEach
  void close() {
    engine.close();
  }

  @Test
  void getLoadsOnceAndThenHits() {
    Entry loaded = users.get(bytes("7"));
    assertEquals(Status.OK, loaded.status());
    assertEquals("7!", loaded.text());
    assertEquals(Origin.SOURCE, loaded.origin());
    assertTrue(loaded.ttl().isEmpty());
    assertFalse(loaded.isStale());
    assertFalse(loaded.age().isNegative());
    assertTrue(loaded.version().compareTo(Version.NONE) > 0);
    Entry hit = users.get(bytes("7"));
    assertEquals("7!", hit.text());
    assertEquals(Origin.LOCAL, hit.origin());
    assertEquals(loaded.version(), hit.version());
    assertEquals("7!", users.getAsync(bytes("7")).join().text());
    assertEquals(1, loads.get());
    assertEquals(3, users.stats()[0], "gets");
    assertEquals(2, users.stats()[1], "hits");
  }

  @Test
  void notFoundAndNotCachedAreNoExceptions() {
    Entry missing = users.get(bytes("-"));
    assertEquals(Status.NOT_FOUND, missing.status());
    assertFalse(missing.isPresent());
    assertNull(missing.value());
    assertNull(missing.text());
    assertNull(missing.failure());
    assertEquals(Status.NOT_FOUND, users.getAsync(bytes("-")).join().status());
    assertEquals(Status.NOT_CACHED, users.peek(bytes("-")).status());
    assertEquals(Version.NONE, missing.version());
    assertEquals(Origin.NONE, missing.origin());
  }

  @Test
  void putReplacesAndDeleteForgets() {
    Version first = users.put(bytes("k"), bytes("one"));
    Version second = users.putAsync(bytes("k"), bytes("two"), CallOptions.DEFAULT).join();
    assertTrue(second.compareTo(first) > 0);
    assertEquals("two", users.peek(bytes("k")).text());
    users.delete(bytes("k"));
    assertEquals(Status.NOT_CACHED, users.peek(bytes("k")).status());
    assertNull(users.deleteAsync(bytes("k"), CallOptions.DEFAULT).join());
    assertEquals("k!", users.get(bytes("k")).text());
  }

  @Test
  void keysAndValuesAreAnyBytes() {
    byte[] all = new byte[4096];
    for (int i = 0; i < all.length; i++) {
      all[i] = (byte) i;
    }
    users.put(all, all);
    assertArrayEquals(all, users.get(all).value());
    users.put(all, new byte[0]);
    Entry empty = users.get(all);
    assertTrue(empty.isPresent());
    assertEquals(0, empty.value().length);
    byte[] huge = new byte[8 << 20];
    Arrays.fill(huge, (byte) 0xa5);
    users.put(all, huge);
    assertArrayEquals(huge, users.get(all).value());
    assertStatus(Status.TOO_LARGE, () -> users.put(all, new byte[(8 << 20) + 1]));
  }

  @Test
  void manyAnswerInRequestOrder() {
    List<byte[]> keys = List.of(bytes("a"), bytes("-"), bytes("b"), bytes("a"));
    List<Entry> got = users.getMany(keys);
    assertEquals("[a!, null, b!, a!]", got.stream().map(Entry::text).toList().toString());
    assertEquals(Status.NOT_FOUND, got.get(1).status());
    List<Entry> put =
        users.putMany(
            List.of(KeyValue.of(bytes("a"), bytes("x")), KeyValue.of(bytes("c"), bytes("y"))),
            CallOptions.DEFAULT);
    assertEquals(2, put.size());
    assertTrue(put.get(0).version().compareTo(got.get(0).version()) > 0);
    assertEquals("x", users.peek(bytes("a")).text());
    List<Entry> deleted = users.deleteMany(keys, CallOptions.DEFAULT);
    assertTrue(deleted.stream().allMatch(e -> e.status() == Status.OK && !e.isPresent()));
    assertEquals(Status.NOT_CACHED, users.peek(bytes("a")).status());
    assertEquals("y", users.getManyAsync(List.of(bytes("c")), CallOptions.DEFAULT).join().get(0)
        .text());
    assertEquals(List.of(), users.getMany(List.of()));
    assertEquals(List.of(), users.putManyAsync(List.of(), CallOptions.DEFAULT).join());
    assertEquals(List.of(), users.deleteManyAsync(List.of(), CallOptions.DEFAULT).join());
  }

  @Test
  void manyIsMany() {
    List<byte[]> keys = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      keys.add(bytes("key-" + i));
    }
    List<KeyValue> pairs = keys.stream().map(key -> KeyValue.of(key, key)).toList();
    assertTrue(users.putMany(pairs, CallOptions.DEFAULT).stream()
        .allMatch(e -> e.status() == Status.OK));
    List<Entry> got = users.getMany(keys);
    for (int i = 0; i < keys.size(); i++) {
      assertArrayEquals(keys.get(i), got.get(i).value());
    }
    assertEquals(0, loads.get());
  }

  @Test
  void aTtlEndsAnEntry() {
    users.put(bytes("long"), bytes("x"), CallOptions.DEFAULT.ttl(Duration.ofHours(1)));
    assertTrue(users.peek(bytes("long")).ttl().orElseThrow().compareTo(Duration.ofHours(1)) <= 0);
    users.put(bytes("ever"), bytes("x"), CallOptions.DEFAULT.noExpiry());
    assertTrue(users.peek(bytes("ever")).ttl().isEmpty());
    users.put(bytes("short"), bytes("x"), CallOptions.DEFAULT.ttl(Duration.ofNanos(1)));
    await("expiry", () -> !users.peek(bytes("short")).isPresent());
    users.putMany(
        List.of(
            KeyValue.of(bytes("own"), bytes("x")).ttl(Duration.ofMillis(1)),
            KeyValue.of(bytes("call's"), bytes("x"))),
        CallOptions.DEFAULT.ttl(Duration.ofHours(1)));
    await("expiry", () -> !users.peek(bytes("own")).isPresent());
    assertTrue(users.peek(bytes("call's")).isPresent());
  }

  @Test
  void badInputIsRefused() {
    byte[] key = bytes("7");
    assertStatus(Status.INVALID_ARGUMENT, () -> users.get(new byte[0]));
    assertStatus(Status.INVALID_ARGUMENT, () -> users.get(new byte[4097]));
    assertStatus(Status.INVALID_ARGUMENT, () -> users.peek(new byte[100_000]));
    assertStatus(Status.INVALID_ARGUMENT, () -> users.getMany(List.of(key, new byte[0])));
    assertStatus(
        Status.INVALID_ARGUMENT,
        () -> users.put(key, key, CallOptions.DEFAULT.ttl(Duration.ofNanos(-1))));
    assertStatus(
        Status.INVALID_ARGUMENT,
        () -> users.get(key, CallOptions.DEFAULT.timeout(Duration.ofMillis(-1))));
    assertStatus(Status.UNSUPPORTED, () -> users.get(key, CallOptions.DEFAULT.noLoad()));
    assertStatus(Status.UNSUPPORTED, () -> users.get(key, CallOptions.DEFAULT.ownerOnly()));
    CompletionException refused =
        assertThrows(CompletionException.class, () -> users.getAsync(new byte[0]).join());
    assertSame(
        Status.INVALID_ARGUMENT, ((DistcacheException) refused.getCause()).status());
    refused =
        assertThrows(
            CompletionException.class,
            () -> users.getManyAsync(List.of(new byte[0]), CallOptions.DEFAULT).join());
    assertSame(Status.INVALID_ARGUMENT, ((DistcacheException) refused.getCause()).status());
    assertThrows(NullPointerException.class, () -> users.get(null));
    assertThrows(NullPointerException.class, () -> users.peek(null));
    assertThrows(NullPointerException.class, () -> users.put(key, null));
    assertThrows(NullPointerException.class, () -> users.delete(null));
    assertThrows(NullPointerException.class, () -> users.get(key, null));
    assertThrows(NullPointerException.class, () -> users.getMany(Arrays.asList(key, null)));
    assertThrows(NullPointerException.class, () -> KeyValue.of(key, null));
    assertEquals(0, loads.get());
    CallOptions ever = CallOptions.DEFAULT.timeout(Duration.ofSeconds(Long.MAX_VALUE));
    assertEquals("7!", users.get(key, ever).text());
  }
}
