package io.distcache;

import static io.distcache.Fixture.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.io.TempDir;

/** The scheduler has one carrier here: a thread that pins it keeps all others from running. */
@EnabledForJreRange(min = JRE.JAVA_21)
class VirtualThreadTest {
  private static final int THREADS = 1000;

  /** Compiled for 17, which has no virtual threads. */
  private static Thread startVirtual(Runnable task) throws Exception {
    Method start = Thread.class.getMethod("startVirtualThread", Runnable.class);
    return (Thread) start.invoke(null, task);
  }

  @Test
  void callsThatWaitPinNoCarrier(@TempDir Path folder) throws Exception {
    assertEquals("1", System.getProperty("jdk.virtualThreadScheduler.maxPoolSize"));
    CountDownLatch gate = new CountDownLatch(1);
    AtomicInteger begun = new AtomicInteger();
    AtomicInteger ended = new AtomicInteger();
    AtomicReference<Throwable> wrong = new AtomicReference<>();
    DataSource held =
        fetch -> {
          gate.await();
          return Fixture.exclaim(fetch);
        };
    try (Recording recording = new Recording();
        Engine engine = Fixture.open(held)) {
      recording.enable("jdk.VirtualThreadPinned").withoutThreshold();
      recording.start();
      Keyspace users = engine.keyspace("users");
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        byte[] key = bytes("key-" + i % 10);
        threads.add(
            startVirtual(
                () -> {
                  try {
                    begun.incrementAndGet();
                    assertTrue(users.get(key).isPresent());
                    users.put(key, key);
                    users.delete(key);
                    ended.incrementAndGet();
                  } catch (Throwable thrown) {
                    wrong.set(thrown);
                  }
                }));
      }
      Fixture.await("all of them wait at once", () -> begun.get() == THREADS);
      assertEquals(0, ended.get());
      gate.countDown();
      for (Thread thread : threads) {
        thread.join();
      }
      assertEquals(null, wrong.get());
      assertEquals(THREADS, ended.get());
      recording.stop();
      Path file = folder.resolve("pinned.jfr");
      recording.dump(file);
      for (RecordedEvent event : RecordingFile.readAllEvents(file)) {
        String where = String.valueOf(event.getStackTrace());
        assertTrue(!where.contains("io.distcache"), "pinned: " + where);
      }
    }
  }

  @Test
  void openAndCloseLeaveTheCarrierFree() throws Exception {
    AtomicReference<Throwable> wrong = new AtomicReference<>();
    Thread thread =
        startVirtual(
            () -> {
              try (Engine engine = Fixture.open(Fixture::exclaim)) {
                engine.awaitReady(java.time.Duration.ofSeconds(60));
                assertEquals("7!", engine.keyspace("users").get(bytes("7")).text());
                Fixture.assertStatus(
                    Status.INVALID_CONFIG, () -> Engine.open(new EngineOptions().nodeWeight(-1)));
              } catch (Throwable thrown) {
                wrong.set(thrown);
              }
            });
    thread.join();
    assertEquals(null, wrong.get());
  }
}
