package io.distcache;

import static io.distcache.Fixture.alone;
import static io.distcache.Fixture.assertStatus;
import static io.distcache.Fixture.bytes;
import static io.distcache.Fixture.users;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Futures, cancellation, interrupts, deadlines. */
class AsyncTest {
  private final Semaphore called = new Semaphore(0);
  private final CountDownLatch gate = new CountDownLatch(1);

  /** Waits for the gate before it answers keys that begin with h. */
  private Answer held(Fetch fetch) throws InterruptedException {
    if (fetch.key()[0] == 'h') {
      called.release();
      gate.await();
    }
    return Fixture.exclaim(fetch);
  }

  private Engine open(Executor executor) {
    return Engine.open(alone().executor(executor).keyspace(users(this::held)));
  }

  @Test
  void cancellingAFutureGivesTheOperationUp() throws Exception {
    try (Engine engine = Fixture.open(this::held)) {
      Keyspace users = engine.keyspace("users");
      CompletableFuture<Entry> first = users.getAsync(bytes("h"));
      CompletableFuture<Entry> second = users.getAsync(bytes("h"));
      called.acquire();
      assertTrue(first.cancel(false));
      assertTrue(first.isCancelled());
      assertFalse(first.cancel(false) && !first.isCancelled());
      assertThrows(CancellationException.class, first::join);
      assertFalse(second.isDone());
      gate.countDown();
      assertEquals("h!", second.join().text());
      CompletableFuture<Entry> done = users.getAsync(bytes("h"));
      done.join();
      assertFalse(done.cancel(true));
    }
  }

  @Test
  void aDeadlineEndsACall() throws Exception {
    try (Engine engine = Fixture.open(this::held)) {
      Keyspace users = engine.keyspace("users");
      CallOptions soon = CallOptions.DEFAULT.timeout(Duration.ofMillis(1));
      DistcacheException late =
          assertStatus(Status.TIMED_OUT, () -> users.get(bytes("h"), soon));
      assertTrue(late instanceof TimedOutException);
      assertTrue(late.isRetriable());
      gate.countDown();
    }
  }

  @Test
  void anInterruptCancelsAndStaysSet() throws Exception {
    try (Engine engine = Fixture.open(this::held)) {
      Keyspace users = engine.keyspace("users");
      AtomicReference<Throwable> outcome = new AtomicReference<>();
      AtomicReference<Boolean> interrupted = new AtomicReference<>();
      Thread reader =
          new Thread(
              () -> {
                try {
                  users.get(bytes("h"));
                } catch (Throwable thrown) {
                  outcome.set(thrown);
                }
                interrupted.set(Thread.currentThread().isInterrupted());
              });
      reader.start();
      called.acquire();
      reader.interrupt();
      reader.join();
      assertTrue(outcome.get() instanceof CancelledException, String.valueOf(outcome.get()));
      assertTrue(interrupted.get());
      gate.countDown();

      users.put(bytes("hit"), bytes("x"));
      Thread.currentThread().interrupt();
      assertEquals("x", users.get(bytes("hit")).text());
      assertTrue(Thread.interrupted());
    }
  }

  @Test
  void futuresAreCompletedByTheExecutor() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(1, task -> new Thread(task, "mine"));
    try (Engine engine = open(pool)) {
      Keyspace users = engine.keyspace("users");
      AtomicReference<String> thread = new AtomicReference<>();
      CompletableFuture<Entry> read = users.getAsync(bytes("h"));
      CompletableFuture<String> after =
          read.thenApply(
              entry -> {
                thread.set(Thread.currentThread().getName());
                return users.get(bytes("other")).text(); // may block
              });
      gate.countDown();
      assertEquals("other!", after.join());
      assertEquals("mine", thread.get());
      pool.shutdown();
      assertEquals("7!", users.getAsync(bytes("7")).join().text(), "by the common pool");
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void onTheEventThreadACallThatWaitsIsRefused() {
    try (Engine engine = open(Runnable::run)) {
      Keyspace users = engine.keyspace("users");
      CompletableFuture<Status> after =
          users
              .getAsync(bytes("h"))
              .thenApply(
                  entry -> {
                    assertEquals("h!", users.get(bytes("h")).text(), "a hit does not wait");
                    assertStatus(Status.WOULD_DEADLOCK, engine::close);
                    assertStatus(
                        Status.WOULD_DEADLOCK, () -> engine.awaitReady(Duration.ofSeconds(1)));
                    return assertStatus(Status.WOULD_DEADLOCK, () -> users.get(bytes("other")))
                        .status();
                  });
      gate.countDown();
      assertSame(Status.WOULD_DEADLOCK, after.join());
      assertEquals("another!", users.get(bytes("another")).text());
    }
  }

  @Test
  void closeAnswersWhatIsPending() throws Exception {
    Engine engine = Fixture.open(this::held);
    CompletableFuture<Entry> read = engine.keyspace("users").getAsync(bytes("h"));
    called.acquire();
    assertStatus(Status.TIMED_OUT, () -> engine.close(Duration.ofMillis(1)));
    CompletionException failure = assertThrows(CompletionException.class, read::join);
    assertTrue(failure.getCause() instanceof ClosedException, failure.toString());
    gate.countDown();
  }
}
