package io.distcache;

import static io.distcache.Fixture.alone;
import static io.distcache.Fixture.assertStatus;
import static io.distcache.Fixture.bytes;
import static io.distcache.Fixture.users;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class SourcesTest {
  private interface Body {
    void run(Engine engine, Keyspace users) throws Exception;
  }

  private static void with(DataSource source, Body body) throws Exception {
    try (Engine engine = Engine.open(alone().keyspace(users(source)))) {
      body.run(engine, engine.keyspace("users"));
    }
  }

  @SuppressWarnings("InfiniteRecursion")
  private static int recurse(int depth) {
    return recurse(depth + 1) + recurse(depth + 2);
  }

  private static Answer misbehave(Fetch fetch) throws Exception {
    switch (new String(fetch.key())) {
      case "checked" -> throw new IOException("no line to the database");
      case "unchecked" -> throw new IllegalStateException();
      case "stack" -> recurse(0);
      case "memory" -> throw new OutOfMemoryError("by hand");
      case "heap" -> {
        byte[][] all = new byte[1000][];
        for (int i = 0; i < all.length; i++) {
          all[i] = new byte[64 << 20];
        }
      }
      case "retriable" -> throw new SourceException("busy", true);
      case "final" -> throw new SourceException("broken", false, new IOException());
      case "nasty" ->
          throw new RuntimeException() {
            @Override
            public String getMessage() {
              throw new IllegalArgumentException("and this too");
            }
          };
      case "nul" -> throw new RuntimeException("a\0b \ud83d\ude00");
      case "late" -> {
        return Answer.later(CompletableFuture.failedFuture(new SourceException("later", true)));
      }
      case "wrapped" -> {
        return Answer.later(
            CompletableFuture.supplyAsync(
                () -> {
                  throw new IllegalStateException("inside");
                }));
      }
      case "null stage" -> {
        return DataSource.async(f -> null).fetch(fetch);
      }
      case "bad tag" -> {
        return Answer.of("x").tag("");
      }
      case "nul tag" -> {
        return Answer.of("x").tag("a\0b");
      }
      case "tags" -> {
        Answer answer = Answer.of("x");
        for (int i = 0; i < 17; i++) {
          answer = answer.tag("t" + i);
        }
        return answer;
      }
      default -> {
        return Fixture.exclaim(fetch);
      }
    }
    throw new AssertionError("not reached");
  }

  private static void fails(Keyspace users, String key, boolean retriable, String message) {
    DistcacheException failure =
        assertStatus(Status.SOURCE_FAILED, () -> users.get(bytes(key)));
    assertTrue(failure instanceof SourceException, key);
    assertEquals(retriable, failure.isRetriable(), key);
    assertTrue(failure.getMessage().contains(message), failure.getMessage());
  }

  @Test
  void whateverASourceThrowsFailsItsReadersAlone() throws Exception {
    with(
        SourcesTest::misbehave,
        (engine, users) -> {
          fails(users, "checked", false, "no line to the database");
          fails(users, "unchecked", false, "IllegalStateException");
          for (int i = 0; i < 20; i++) {
            fails(users, "stack", false, "StackOverflowError");
          }
          fails(users, "memory", false, "by hand");
          fails(users, "heap", false, "heap");
          fails(users, "retriable", true, "busy");
          fails(users, "final", false, "broken");
          fails(users, "nasty", false, "SourcesTest");
          fails(users, "nul", false, "a b \ud83d\ude00");
          fails(users, "late", true, "later");
          fails(users, "wrapped", false, "inside");
          fails(users, "null stage", false, "stage");
          fails(users, "bad tag", false, "tag");
          fails(users, "nul tag", false, "NUL");
          fails(users, "tags", false, "tag");
          List<Entry> many = users.getMany(List.of(bytes("retriable"), bytes("good")));
          assertTrue(many.get(0).failure() instanceof SourceException);
          assertTrue(many.get(0).failure().isRetriable());
          assertEquals("good!", many.get(1).text());
        });
  }

  @Test
  void aSourceMayAnswerLaterFromAnyThread() throws Exception {
    AtomicReference<CompletableFuture<Answer>> promise = new AtomicReference<>();
    CountDownLatch called = new CountDownLatch(1);
    DataSource later =
        DataSource.async(
            fetch -> {
              promise.set(new CompletableFuture<>());
              called.countDown();
              return promise.get();
            });
    with(
        later,
        (engine, users) -> {
          CompletableFuture<Entry> read = users.getAsync(bytes("7"));
          called.await();
          assertFalse(read.isDone());
          promise.get().complete(Answer.of("at last"));
          assertEquals("at last", read.join().text());
        });
  }

  @Test
  void whatASourceSaysOfItsValue() throws Exception {
    AtomicReference<Answer> answer = new AtomicReference<>();
    AtomicReference<Long> version = new AtomicReference<>();
    with(
        fetch -> {
          version.set(fetch.sourceVersion());
          return answer.get();
        },
        (engine, users) -> {
          Answer tagged = Answer.of("x").tag("a").tag("\u00e4").sourceVersion(9);
          answer.set(tagged.ttl(Duration.ofHours(1)));
          assertTrue(users.get(bytes("ttl")).ttl().isPresent());
          answer.set(Answer.of("x").noExpiry());
          assertTrue(users.get(bytes("ever")).ttl().isEmpty());
          answer.set(Answer.of("x").doNotStore());
          assertEquals("x", users.get(bytes("not kept")).text());
          assertFalse(users.peek(bytes("not kept")).isPresent());
          answer.set(Answer.of("x").ttl(Duration.ofMillis(-1)));
          assertEquals("x", users.get(bytes("past")).text());
          assertFalse(users.peek(bytes("past")).isPresent());
          answer.set(Answer.notFound());
          assertEquals(Status.NOT_FOUND, users.get(bytes("none")).status());
          answer.set(Answer.notModified());
          assertTrue(assertStatus(Status.SOURCE_FAILED, () -> users.get(bytes("empty")))
              .isRetriable());
          assertEquals(0, version.get());
        });
  }

  @Test
  void aFetchTellsWhatIsWanted() throws Exception {
    AtomicReference<Fetch> seen = new AtomicReference<>();
    AtomicReference<Duration> remaining = new AtomicReference<>();
    with(
        fetch -> {
          seen.set(fetch);
          remaining.set(fetch.remaining());
          return fetch.isCancelled() ? null : Fixture.exclaim(fetch);
        },
        (engine, users) -> {
          users.get(bytes("7"), CallOptions.DEFAULT.timeout(Duration.ofSeconds(50)));
          assertEquals("users", seen.get().keyspace());
          assertTrue(remaining.get().compareTo(Duration.ofSeconds(60)) <= 0);
          assertFalse(remaining.get().isZero());
          Fixture.await("the end of the fetch", seen.get()::isCancelled);
          assertEquals(Duration.ZERO, seen.get().remaining());
          assertEquals(0, seen.get().sourceVersion());
        });
  }

  @Test
  void aSourceMayCallTheEngineButNotForItsOwnKey() throws Exception {
    AtomicReference<Keyspace> keyspace = new AtomicReference<>();
    DataSource nested =
        fetch -> {
          switch (new String(fetch.key())) {
            case "outer":
              return Answer.of(keyspace.get().get(bytes("inner")).text() + "?");
            case "self":
              return Answer.of(keyspace.get().get(bytes("self")).value());
            case "thread":
              CallOptions mine = CallOptions.DEFAULT.parent(fetch);
              return Answer.later(
                  CompletableFuture.supplyAsync(
                      () -> Answer.of(keyspace.get().get(bytes("thread"), mine).value())));
            default:
              return Fixture.exclaim(fetch);
          }
        };
    with(
        nested,
        (engine, users) -> {
          keyspace.set(users);
          assertEquals("inner!?", users.get(bytes("outer")).text());
          fails(users, "self", false, "WOULD_DEADLOCK");
          fails(users, "thread", false, "WOULD_DEADLOCK");
        });
  }

  @Test
  void theContextClassLoaderIsThatOfTheDefinition() throws Exception {
    AtomicReference<ClassLoader> seen = new AtomicReference<>();
    AtomicInteger loads = new AtomicInteger();
    try (URLClassLoader mine = new URLClassLoader(new URL[0])) {
      Thread thread = Thread.currentThread();
      ClassLoader before = thread.getContextClassLoader();
      thread.setContextClassLoader(mine);
      KeyspaceOptions options =
          users(
              fetch -> {
                loads.incrementAndGet();
                seen.set(Thread.currentThread().getContextClassLoader());
                return Fixture.exclaim(fetch);
              });
      thread.setContextClassLoader(null);
      try (Engine engine = Engine.open(alone().keyspace(options))) {
        assertEquals("7!", engine.keyspace("users").getAsync(bytes("7")).join().text());
      } finally {
        thread.setContextClassLoader(before);
      }
      assertSame(mine, seen.get());
      assertEquals(1, loads.get());
    }
  }

  @Test
  void aFailureOfAFutureIsTheException() throws Exception {
    with(
        SourcesTest::misbehave,
        (engine, users) -> {
          try {
            users.getAsync(bytes("retriable")).join();
            throw new AssertionError("no failure");
          } catch (CompletionException failure) {
            assertTrue(((SourceException) failure.getCause()).isRetriable());
          }
        });
  }
}
