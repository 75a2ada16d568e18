package io.distcache;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.fail;

import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.ObjectName;
import org.junit.jupiter.api.function.Executable;

/** What the tests share: engines that talk to nobody, and waiting for conditions. */
final class Fixture {
  private static final long PATIENCE_NS = 120_000_000_000L;

  private Fixture() {}

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static EngineOptions alone() {
    return new EngineOptions()
        .bindPort(0)
        .discoveryPort(0)
        .logLevel(EngineSettings.LogLevel.OFF)
        .property("read.timeout.ms", "60s")
        .property("write.timeout.ms", "60s")
        .property("shutdown.timeout.ms", "60s");
  }

  static KeyspaceOptions users(DataSource source) {
    return new KeyspaceOptions("users").bytesMax(64 << 20).source(source);
  }

  static Engine open(DataSource source) {
    return Engine.open(alone().keyspace(users(source)));
  }

  /** The value of a key is the key and an exclamation mark. */
  static Answer exclaim(Fetch fetch) {
    return Answer.of(new String(fetch.key(), StandardCharsets.UTF_8) + "!");
  }

  static void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + PATIENCE_NS;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        fail("never came true: " + what);
      }
      Thread.onSpinWait();
      Thread.yield();
    }
  }

  static DistcacheException assertStatus(Status status, Executable call) {
    DistcacheException failure = assertThrows(DistcacheException.class, call);
    if (failure.status() != status) {
      throw new AssertionError("not " + status, failure);
    }
    return failure;
  }

  /** JNI global references of the whole process, as the virtual machine counts them. */
  static long globalReferences() {
    try {
      Object dump =
          ManagementFactory.getPlatformMBeanServer()
              .invoke(
                  new ObjectName("com.sun.management:type=DiagnosticCommand"),
                  "threadPrint",
                  new Object[] {new String[0]},
                  new String[] {String[].class.getName()});
      Matcher found = Pattern.compile("JNI global refs: (\\d+)").matcher(dump.toString());
      if (!found.find()) {
        throw new AssertionError("the thread dump tells no global references");
      }
      return Long.parseLong(found.group(1));
    } catch (javax.management.JMException error) {
      throw new AssertionError(error);
    }
  }

  /** "VmRSS" in KiB, "Threads", of this process. */
  static long ofProcess(String field) {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
        if (line.startsWith(field + ":")) {
          return Long.parseLong(line.replaceAll("\\D", ""));
        }
      }
    } catch (java.io.IOException error) {
      throw new AssertionError(error);
    }
    throw new AssertionError("no " + field);
  }
}
