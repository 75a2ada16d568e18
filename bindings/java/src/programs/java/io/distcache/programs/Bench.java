package io.distcache.programs;

import com.sun.management.ThreadMXBean;
import io.distcache.Keyspace;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Locale;

/** Times gets of one key by one thread, and counts the bytes that the heap gave for them. */
final class Bench {
  private static final int ROUNDS = 9;

  private Bench() {}

  static String run(Keyspace pages, byte[] key, int ops) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    gets(pages, key, ops / 10);
    int each = Math.max(1, ops / ROUNDS);
    double[] times = new double[ROUNDS];
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int round = 0; round < ROUNDS; round++) {
      long start = System.nanoTime();
      gets(pages, key, each);
      times[round] = (double) (System.nanoTime() - start) / each;
    }
    double bytes =
        (double) (threads.getCurrentThreadAllocatedBytes() - before) / ((double) ROUNDS * each);
    Arrays.sort(times);
    return String.format(Locale.ROOT, "ok ns=%.1f allocations=%.0fB", times[ROUNDS / 2], bytes);
  }

  private static void gets(Keyspace pages, byte[] key, int count) {
    long length = 0;
    for (int i = 0; i < count; i++) {
      length += pages.get(key).value().length;
    }
    if (length == 0 && count > 0) {
      throw new IllegalStateException("the value is empty");
    }
  }
}
