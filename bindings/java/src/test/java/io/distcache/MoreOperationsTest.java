package io.distcache;

import static io.distcache.Fixture.alone;
import static io.distcache.Fixture.assertStatus;
import static io.distcache.Fixture.await;
import static io.distcache.Fixture.bytes;
import static io.distcache.Fixture.users;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** putIf, refresh and getWith. */
class MoreOperationsTest {
  private static final int JOINED = 5; // in the order of the counters

  private interface Body {
    void run(Engine engine, Keyspace users) throws Exception;
  }

  /** An engine whose keyspace has no source. */
  private static void bare(Body body) throws Exception {
    try (Engine engine =
        Engine.open(alone().keyspace(new KeyspaceOptions("users").bytesMax(64 << 20)))) {
      body.run(engine, engine.keyspace("users"));
    }
  }

  private static Version there(Keyspace users, String key, Version expected) {
    return assertThrows(
            VersionMismatchException.class, () -> users.putIf(bytes(key), bytes("x"), expected))
        .version();
  }

  @Test
  void putIfIsDoneOverTheVersionThatItNames() throws Exception {
    bare(
        (engine, users) -> {
          byte[] key = bytes("7");
          Version first = users.putIf(key, bytes("a"), Version.NONE);
          assertEquals(first, there(users, "7", Version.NONE));
          assertEquals(first, there(users, "7", new Version(1, 2, 3)));
          CallOptions hour = CallOptions.DEFAULT.ttl(Duration.ofHours(1));
          Version second = users.putIfAsync(key, new byte[0], first, hour).join();
          Entry held = users.get(key);
          assertTrue(second.compareTo(first) > 0 && held.ttl().isPresent());
          assertEquals("", held.text());
          assertEquals(second, held.version());
          assertEquals(second, there(users, "7", first));
          CompletionException failed =
              assertThrows(
                  CompletionException.class,
                  () -> users.putIfAsync(key, key, first, CallOptions.DEFAULT).join());
          assertEquals(second, ((VersionMismatchException) failed.getCause()).version());
          users.delete(key);
          assertEquals(Version.NONE, there(users, "7", second));
          assertTrue(users.putIf(key, key, Version.NONE).compareTo(second) > 0);
        });
  }

  private static Void addOne(Keyspace users) {
    while (true) {
      Entry held = users.get(bytes("sum"));
      int sum = held.isPresent() ? Integer.parseInt(held.text()) : 0;
      try {
        users.putIf(bytes("sum"), bytes(Integer.toString(sum + 1)), held.version());
        return null;
      } catch (VersionMismatchException another) {
        // Read, and decide again.
      }
    }
  }

  /** Runs it so often, each time on a thread of its own, and fails as they do. */
  private static <T> List<T> together(int count, Callable<T> run) throws Exception {
    List<CompletableFuture<T>> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      CompletableFuture<T> outcome = new CompletableFuture<>();
      all.add(outcome);
      new Thread(
              () -> {
                try {
                  outcome.complete(run.call());
                } catch (Throwable thrown) {
                  outcome.completeExceptionally(thrown);
                }
              })
          .start();
    }
    return all.stream().map(CompletableFuture::join).toList();
  }

  @Test
  void putIfLosesNoUpdate() throws Exception {
    bare(
        (engine, users) -> {
          together(
              8,
              () -> {
                for (int i = 0; i < 25; i++) {
                  addOne(users);
                }
                return null;
              });
          assertEquals("200", users.get(bytes("sum")).text());
        });
  }

  @Test
  void aRefreshReplacesWhatIsHeld() throws Exception {
    AtomicInteger loads = new AtomicInteger();
    AtomicReference<DataSource> next = new AtomicReference<>();
    DataSource source =
        fetch -> {
          DataSource reply = next.getAndSet(null);
          return reply != null
              ? reply.fetch(fetch)
              : Answer.of(Integer.toString(loads.incrementAndGet()));
        };
    byte[] key = bytes("7");
    try (Engine engine = Fixture.open(source)) {
      Keyspace users = engine.keyspace("users");
      assertEquals("1", users.get(key).text());
      Entry fresh = users.refresh(key);
      assertEquals("2", fresh.text());
      assertEquals(fresh.version(), users.get(key).version());
      assertEquals("3", users.refreshAsync(key, CallOptions.DEFAULT).join().text());

      // What is held is served meanwhile.
      CountDownLatch entered = new CountDownLatch(1);
      CountDownLatch gate = new CountDownLatch(1);
      next.set(
          fetch -> {
            entered.countDown();
            gate.await();
            return Answer.of("late");
          });
      CompletableFuture<Entry> late = users.refreshAsync(key, CallOptions.DEFAULT);
      entered.await();
      assertEquals("3", users.get(key).text());
      gate.countDown();
      assertEquals("late", late.join().text());
      assertEquals("late", users.get(key).text());

      // A failure leaves it in place, an answer that there is nothing does not.
      next.set(
          fetch -> {
            throw new IOException("on fire");
          });
      assertStatus(Status.SOURCE_FAILED, () -> users.refresh(key));
      assertEquals("late", users.get(key).text());
      next.set(fetch -> Answer.notFound());
      assertEquals(Status.NOT_FOUND, users.refresh(key).status());
      assertEquals(Status.NOT_CACHED, users.peek(key).status());
    }
  }

  @Test
  void withoutASourceThereIsNothingToRefreshFrom() throws Exception {
    bare(
        (engine, users) ->
            assertStatus(Status.UNSUPPORTED, () -> users.refresh(bytes("7"))));
  }

  @Test
  void oneLoaderRunsHoweverManyBringOne() throws Exception {
    int callers = 16;
    AtomicInteger loads = new AtomicInteger();
    CountDownLatch gate = new CountDownLatch(1);
    DataSource loader =
        fetch -> {
          loads.incrementAndGet();
          gate.await();
          return Fixture.exclaim(fetch);
        };
    bare(
        (engine, users) -> {
          List<CompletableFuture<Entry>> futures = new ArrayList<>();
          for (int i = 0; i < callers / 2; i++) {
            futures.add(users.getWithAsync(bytes("7"), loader, CallOptions.DEFAULT));
          }
          Thread opener =
              new Thread(
                  () -> {
                    await("all wait for one", () -> users.stats()[JOINED] == callers - 1);
                    gate.countDown();
                  });
          opener.start();
          together(callers / 2, () -> users.getWith(bytes("7"), loader))
              .forEach(entry -> assertEquals("7!", entry.text()));
          futures.forEach(future -> assertEquals("7!", future.join().text()));
          opener.join();
          assertEquals(1, loads.get());
          // Where there is a value none is needed.
          DataSource never =
              fetch -> {
                throw new AssertionError("not needed");
              };
          assertEquals("7!", users.getWith(bytes("7"), never).text());
          assertEquals(
              "7!", users.getWithAsync(bytes("7"), never, CallOptions.DEFAULT).join().text());
          assertEquals(Status.NOT_FOUND, users.get(bytes("8")).status());
        });
  }

  @Test
  void aLoaderAnswersInPlaceOfTheSource() throws Exception {
    DataSource source =
        fetch -> {
          throw new IllegalStateException("the source was asked");
        };
    try (Engine engine = Fixture.open(source)) {
      Keyspace users = engine.keyspace("users");
      DistcacheException failed =
          assertStatus(
              Status.SOURCE_FAILED,
              () ->
                  users.getWith(
                      bytes("fails"),
                      fetch -> {
                        throw new SourceException("on fire", true);
                      }));
      assertTrue(failed.isRetriable() && failed.getMessage().contains("on fire"));
      failed =
          assertStatus(
              Status.SOURCE_FAILED,
              () ->
                  users.getWith(
                      bytes("fails"),
                      fetch -> {
                        throw new StackOverflowError("by hand");
                      }));
      assertTrue(!failed.isRetriable() && failed.getMessage().contains("by hand"));
      assertEquals(Status.NOT_FOUND, users.getWith(bytes("missing"), fetch -> null).status());
      Entry loaded =
          users.getWith(
              bytes("7"),
              DataSource.async(
                  fetch ->
                      CompletableFuture.supplyAsync(
                          () -> Answer.of(fetch.keyspace()).ttl(Duration.ofHours(1)))));
      assertEquals("users", loaded.text());
      assertTrue(users.get(bytes("7")).ttl().isPresent());
    }
  }

  @Test
  void aLoaderLearnsThatNobodyWaits() throws Exception {
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch told = new CountDownLatch(1);
    bare(
        (engine, users) -> {
          CompletableFuture<Entry> read =
              users.getWithAsync(
                  bytes("7"),
                  fetch -> {
                    entered.countDown();
                    await("told", fetch::isCancelled);
                    told.countDown();
                    return null;
                  },
                  CallOptions.DEFAULT);
          entered.await();
          assertTrue(read.cancel(true));
          told.await();
        });
  }

  @Test
  void badInputIsRefused() throws Exception {
    byte[] key = bytes("7");
    byte[] none = new byte[0];
    CallOptions late = CallOptions.DEFAULT.timeout(Duration.ofMillis(-1));
    Engine engine = Engine.open(alone().keyspace(users(Fixture::exclaim).valueBytesMax(1000)));
    try (engine) {
      Keyspace users = engine.keyspace("users");
      Status bad = Status.INVALID_ARGUMENT;
      assertStatus(bad, () -> users.putIf(none, key, Version.NONE));
      assertStatus(bad, () -> users.refresh(none));
      assertStatus(bad, () -> users.getWith(none, Fixture::exclaim));
      assertStatus(bad, () -> users.putIf(key, key, Version.NONE, late));
      assertStatus(bad, () -> users.refresh(key, late));
      assertStatus(bad, () -> users.getWith(key, Fixture::exclaim, late));
      assertStatus(Status.TOO_LARGE, () -> users.putIf(key, new byte[1001], Version.NONE));
      CompletionException refused =
          assertThrows(
              CompletionException.class,
              () -> users.getWithAsync(none, Fixture::exclaim, CallOptions.DEFAULT).join());
      assertSame(bad, ((DistcacheException) refused.getCause()).status());
      assertThrows(NullPointerException.class, () -> users.putIf(key, null, Version.NONE));
      assertThrows(NullPointerException.class, () -> users.putIf(key, key, null));
      assertThrows(NullPointerException.class, () -> users.refresh(null));
      assertThrows(NullPointerException.class, () -> users.getWith(null, Fixture::exclaim));
      assertThrows(NullPointerException.class, () -> users.getWith(key, null));
      assertEquals(Status.NOT_CACHED, users.peek(key).status());
      engine.close();
      assertStatus(Status.CLOSED, () -> users.putIf(key, key, Version.NONE));
      assertStatus(Status.CLOSED, () -> users.refresh(key));
      assertStatus(Status.CLOSED, () -> users.getWith(key, Fixture::exclaim));
    }
  }
}
