package io.distcache;

import static io.distcache.Fixture.alone;
import static io.distcache.Fixture.assertStatus;
import static io.distcache.Fixture.await;
import static io.distcache.Fixture.bytes;
import static io.distcache.Fixture.users;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Opening, closing, keyspaces, and what the garbage collector does for those who forget. */
class LifecycleTest {
  private static void useClosed(Engine engine, Keyspace users) {
    byte[] key = bytes("7");
    assertStatus(Status.CLOSED, () -> users.get(key));
    assertStatus(Status.CLOSED, () -> users.peek(key));
    assertStatus(Status.CLOSED, () -> users.put(key, key));
    assertStatus(Status.CLOSED, () -> users.delete(key));
    assertStatus(Status.CLOSED, () -> users.getMany(List.of(key)));
    CompletionException late =
        assertThrows(CompletionException.class, () -> users.getAsync(key).join());
    assertTrue(late.getCause() instanceof ClosedException);
    assertStatus(Status.CLOSED, () -> engine.keyspace("users"));
    assertStatus(Status.CLOSED, engine::keyspaces);
    assertStatus(Status.CLOSED, engine::peers);
    assertStatus(Status.CLOSED, () -> engine.awaitReady(Duration.ofSeconds(1)));
    assertStatus(Status.CLOSED, () -> engine.addKeyspace(users(Fixture::exclaim)));
    assertFalse(engine.isReady());
  }

  @Test
  void closeIsIdempotentAndInAnyOrder() {
    Engine engine = Fixture.open(Fixture::exclaim);
    Keyspace users = engine.keyspace("users");
    Keyspace other = engine.keyspace("users");
    Entry kept = users.get(bytes("7"));
    other.close();
    other.close();
    assertStatus(Status.CLOSED, () -> other.get(bytes("7")));
    assertEquals("7!", users.get(bytes("7")).text());
    engine.close();
    engine.close();
    useClosed(engine, users);
    users.close();
    users.close();
    useClosed(engine, users);
    assertEquals("7!", kept.text());
    assertEquals("users", users.name());
  }

  @Test
  void manyMayCloseAtOnce() throws Exception {
    for (int round = 0; round < 5; round++) {
      Engine engine = Fixture.open(Fixture::exclaim);
      Keyspace users = engine.keyspace("users");
      CountDownLatch go = new CountDownLatch(1);
      AtomicReference<Throwable> wrong = new AtomicReference<>();
      Thread[] threads = new Thread[4];
      for (int i = 0; i < threads.length; i++) {
        boolean closes = i % 2 == 0;
        threads[i] =
            new Thread(
                () -> {
                  try {
                    go.await();
                    for (int n = 0; !closes; n++) {
                      users.get(bytes("key-" + n));
                    }
                    engine.close();
                  } catch (ClosedException expected) {
                    wrong.compareAndSet(null, closes ? expected : null);
                  } catch (Throwable thrown) {
                    wrong.set(thrown);
                  }
                });
        threads[i].start();
      }
      go.countDown();
      for (Thread thread : threads) {
        thread.join();
      }
      assertEquals(null, wrong.get());
      useClosed(engine, users);
    }
  }

  @Test
  void keyspacesComeAndGo() {
    try (Engine engine = Engine.open(alone())) {
      assertEquals(List.of(), engine.keyspaces());
      engine.awaitReady(Duration.ZERO);
      assertTrue(engine.isReady());
      Keyspace users = engine.addKeyspace(users(fetch -> Answer.of("one")));
      assertStatus(Status.INVALID_CONFIG, () -> engine.addKeyspace(users(Fixture::exclaim)));
      assertEquals("one", users.get(bytes("a")).text());
      engine.updateKeyspace(users(fetch -> Answer.of("two")));
      assertEquals("one", users.get(bytes("a")).text());
      assertEquals("two", users.get(bytes("b")).text());
      engine.updateKeyspace(new KeyspaceOptions("users").bytesMax(1 << 20));
      assertEquals("two", users.get(bytes("c")).text(), "keeps its source");
      engine.addKeyspace(new KeyspaceOptions("\u00e4\ud83d\ude00").bytesMax(1 << 20));
      assertEquals(List.of("users", "\u00e4\ud83d\ude00"), engine.keyspaces());
      engine.removeKeyspace("users");
      assertStatus(Status.NO_KEYSPACE, () -> users.get(bytes("a")));
      assertStatus(Status.NO_KEYSPACE, () -> engine.keyspace("users"));
      assertStatus(Status.NO_KEYSPACE, () -> engine.removeKeyspace("users"));
      assertStatus(Status.NO_KEYSPACE, () -> engine.updateKeyspace(users(Fixture::exclaim)));
    }
  }

  @Test
  void aNodeKnowsItself() {
    try (Engine engine = Engine.open(alone().nodeName("me"))) {
      Peer me = engine.peers().get(0);
      assertEquals("me", me.name());
      assertTrue(me.isSelf());
      assertEquals(Peer.State.ALIVE, me.state());
      assertTrue(me.dataPort() > 0 && me.discoveryPort() > 0);
      assertEquals("0.1.0", Engine.libraryVersion());
    }
  }

  @Test
  void aSourceCannotCloseItsEngine() {
    AtomicReference<Engine> engine = new AtomicReference<>();
    engine.set(
        Fixture.open(
            fetch -> {
              assertStatus(Status.WOULD_DEADLOCK, engine.get()::close);
              return Answer.of("still open");
            }));
    assertEquals("still open", engine.get().keyspace("users").get(bytes("7")).text());
    engine.get().close();
  }

  /** In a frame of its own, so that nothing refers to the engine afterwards. */
  private static void forget(int engines) {
    for (int i = 0; i < engines; i++) {
      Engine engine = Fixture.open(Fixture::exclaim);
      Keyspace users = engine.keyspace("users");
      users.get(bytes("7"));
    }
  }

  @Test
  void whatIsForgottenIsClosedInTheBackground() {
    forget(1);
    long threads = Fixture.ofProcess("Threads");
    forget(3);
    await(
        "the threads of forgotten engines end",
        () -> {
          System.gc();
          return Fixture.ofProcess("Threads") <= threads;
        });
  }

  /** Runs the quick start's kind of program in a virtual machine of its own. */
  private static String run(Path folder, String... options) throws Exception {
    List<String> command = new java.util.ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xcheck:jni", "-Xmx64m"));
    if (Runtime.version().feature() >= 22) {
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(LeftOpen.class.getName());
    Path out = folder.resolve("out");
    Process child =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(out.toFile()).start();
    assertTrue(child.waitFor(120, TimeUnit.SECONDS), "does not end");
    return child.exitValue() + " " + Files.readString(out, StandardCharsets.UTF_8);
  }

  /** A program that ends without closing its engine, with loads in progress and calls pending. */
  static final class LeftOpen {
    public static void main(String[] arguments) {
      Engine engine =
          Engine.open(
              alone()
                  .keyspace(
                      users(
                          fetch -> {
                            Thread.sleep(fetch.key()[0]);
                            return Fixture.exclaim(fetch);
                          })));
      Keyspace users = engine.keyspace("users");
      for (int i = 1; i < 100; i++) {
        users.getAsync(new byte[] {(byte) i});
      }
      System.out.println("left open");
    }
  }

  @Test
  void aProgramMayEndWithoutClosing(@TempDir Path folder) throws Exception {
    for (int i = 0; i < 5; i++) {
      String seen = run(folder);
      assertTrue(seen.startsWith("0 left open"), seen);
      assertFalse(seen.contains("in native method"), seen);
    }
  }

  @Test
  void theLibraryIsFoundByPropertyOrInTheJar(@TempDir Path folder) throws Exception {
    String missing = run(folder, "-Ddistcache.library.path=" + folder);
    assertTrue(missing.startsWith("1 "), missing);
    assertTrue(missing.contains("-Ddistcache.library.path"), missing);
    assertTrue(missing.contains(folder.resolve("libdistcache_jni.so").toString()), missing);
    String nowhere = run(folder, "-Ddistcache.unpack.path=" + folder.resolve("absent"));
    assertTrue(nowhere.contains("java.library.path") && nowhere.contains("absent"), nowhere);
    Path unpacked = Files.createDirectory(folder.resolve("unpacked"));
    String fromJar = run(folder, "-Ddistcache.unpack.path=" + unpacked);
    assertTrue(fromJar.startsWith("0 left open"), fromJar);
    try (var left = Files.list(unpacked)) {
      assertEquals(0, left.count(), "nothing is left behind");
    }
    Path natives = Path.of(NativeLibrary.class.getResource("/native").toURI());
    try (var platforms = Files.list(natives)) {
      String found = run(folder, "-Ddistcache.library.path=" + platforms.findFirst().orElseThrow());
      assertTrue(found.startsWith("0 left open"), found);
    }
  }
}
