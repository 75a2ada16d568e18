package io.distcache;

import static io.distcache.Fixture.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Callbacks and cancelled calls in numbers: references, threads and memory stay what they were. */
class LeakTest {
  private static final int COUNT = Boolean.getBoolean("distcache.long") ? 100_000 : 10_000;
  private static final int IN_FLIGHT = 500;
  private static final long RSS_SLACK_KIB = 24 * 1024;

  /** What must not grow. */
  private record Footprint(long references, long threads, long rssKib) {
    static Footprint now() {
      System.gc();
      return new Footprint(
          Fixture.globalReferences(), Fixture.ofProcess("Threads"), Fixture.ofProcess("VmRSS"));
    }
  }

  private interface Round {
    void run(Keyspace users, int begin, int count) throws Exception;
  }

  /** A quarter of the calls warms everything up; the rest must leave no trace. */
  private static void leavesNoTrace(String what, DataSource source, Round round) throws Exception {
    try (Engine engine = Engine.open(
        Fixture.alone().keyspace(Fixture.users(source).bytesMax(1 << 20)))) {
      Keyspace users = engine.keyspace("users");
      round.run(users, 0, COUNT / 4);
      Footprint before = settled(null);
      round.run(users, COUNT / 4, COUNT);
      Footprint after = settled(before);
      System.out.printf(
          "figures: %d %s on JDK %s: global references %d -> %d, threads %d -> %d, RSS %d -> %d"
              + " KiB%n",
          COUNT,
          what,
          Runtime.version().feature(),
          before.references,
          after.references,
          before.threads,
          after.threads,
          before.rssKib,
          after.rssKib);
      assertTrue(after.rssKib <= before.rssKib + RSS_SLACK_KIB, "memory grew");
    }
  }

  /** What is on its way out is waited for. */
  private static Footprint settled(Footprint before) {
    long[] least = {Long.MAX_VALUE, 0};
    Fixture.await(
        "references and threads as before",
        () -> {
          Footprint now = Footprint.now();
          if (before != null) {
            return now.references <= before.references && now.threads <= before.threads + 1;
          }
          boolean still = now.references >= least[0] && ++least[1] > 5;
          least[0] = Math.min(least[0], now.references);
          return still;
        });
    return Footprint.now();
  }

  @Test
  void callbacksLeaveNothingBehind() throws Exception {
    AtomicLong calls = new AtomicLong();
    leavesNoTrace(
        "source callbacks and completions",
        fetch -> {
          long call = calls.incrementAndGet();
          if (call % 7 == 0) {
            throw new IllegalStateException("now and then");
          }
          return call % 5 == 0
              ? Answer.later(CompletableFuture.completedFuture(Fixture.exclaim(fetch)))
              : Fixture.exclaim(fetch).tag("t").doNotStore();
        },
        (users, begin, count) -> {
          ArrayDeque<CompletableFuture<Entry>> pending = new ArrayDeque<>();
          long failed = 0;
          for (int i = 0; i < count; i++) {
            pending.add(users.getAsync(bytes("key-" + (begin + i))));
            while (pending.size() > IN_FLIGHT || (i == count - 1 && !pending.isEmpty())) {
              failed += pending.remove().handle((entry, failure) -> failure).join() == null ? 0 : 1;
            }
          }
          assertTrue(failed > 0 && failed < count / 4, "failed: " + failed);
        });
    assertEquals(COUNT + COUNT / 4, calls.get());
  }

  @Test
  void cancelledCallsLeaveNothingBehind() throws Exception {
    leavesNoTrace(
        "cancelled calls",
        fetch -> null,
        (users, begin, count) -> {
          ArrayDeque<CompletableFuture<Entry>> pending = new ArrayDeque<>();
          for (int i = 0; i < count; i++) {
            pending.add(users.getAsync(bytes("key-" + (begin + i))));
            while (pending.size() > 50 || (i == count - 1 && !pending.isEmpty())) {
              pending.remove().cancel(true);
            }
          }
        });
  }

  /** They run, are not needed, are refused, come too late, or are given up. */
  @Test
  void loadersOfOneCallLeaveNothingBehind() throws Exception {
    leavesNoTrace(
        "loaders of one call",
        fetch -> null,
        (users, begin, count) -> {
          users.put(bytes("held"), bytes("v"));
          ArrayDeque<CompletableFuture<Entry>> pending = new ArrayDeque<>();
          String[] keys = {"held", "", "shared", "shared", "own-"};
          for (int i = 0; i < count; i++) {
            String key = keys[i % keys.length] + (i % keys.length == 4 ? begin + i : "");
            byte[] value = bytes("value-" + i);
            pending.add(
                users.getWithAsync(
                    bytes(key), fetch -> Answer.of(value).doNotStore(), CallOptions.DEFAULT));
            while (pending.size() > 50 || (i == count - 1 && !pending.isEmpty())) {
              CompletableFuture<Entry> oldest = pending.remove();
              if (i % 3 == 0) {
                oldest.cancel(true);
              } else {
                oldest.handle((entry, failure) -> failure).join();
              }
            }
          }
        });
  }

  @Test
  void blockingCallsOfManyThreadsLeaveNothingBehind() throws Exception {
    leavesNoTrace(
        "blocking loads, puts and deletes",
        Fixture::exclaim,
        (users, begin, count) -> {
          Thread[] threads = new Thread[4];
          AtomicLong wrong = new AtomicLong();
          for (int t = 0; t < threads.length; t++) {
            int mine = t;
            threads[t] =
                new Thread(
                    () -> {
                      for (int i = mine; i < count / 10; i += threads.length) {
                        byte[] key = bytes("key-" + (begin + i));
                        wrong.addAndGet(users.get(key).isPresent() ? 0 : 1);
                        users.put(key, key);
                        users.delete(key);
                      }
                    });
            threads[t].start();
          }
          for (Thread thread : threads) {
            thread.join();
          }
          assertEquals(0, wrong.get());
        });
  }
}
