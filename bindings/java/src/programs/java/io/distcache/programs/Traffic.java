package io.distcache.programs;

import io.distcache.DistcacheException;
import io.distcache.Entry;
import io.distcache.Keyspace;
import io.distcache.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/** Many gets from several threads, every value checked. */
final class Traffic {
  private final Keyspace pages;
  private final long keys;
  private final long seed;
  private final AtomicLong wrong = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private final AtomicReference<Status> first = new AtomicReference<>();

  Traffic(Keyspace pages, long keys, long seed) {
    this.pages = pages;
    this.keys = keys;
    this.seed = seed;
  }

  String run(int threads, long ops) throws InterruptedException {
    List<Thread> running = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      long mine = ops / threads + (i < ops % threads ? 1 : 0);
      long start = seed + i;
      Thread thread = new Thread(() -> gets(start, mine));
      thread.start();
      running.add(thread);
    }
    for (Thread thread : running) {
      thread.join();
    }
    return "ok ops=" + ops + " wrong=" + wrong + " failed=" + failed
        + (first.get() == null ? "" : " first=" + first.get());
  }

  private void gets(long start, long ops) {
    long x = start;
    for (long i = 0; i < ops; i++) {
      x = x * 6364136223846793005L + 1442695040888963407L;
      String key = "page-" + Long.remainderUnsigned(x >>> 33, keys);
      Status status;
      try {
        Entry entry = pages.get(Bytes.of(key));
        status = entry.status();
        if (entry.isPresent() && PageSource.check(key, entry.value()) == null) {
          wrong.incrementAndGet();
        }
      } catch (DistcacheException failure) {
        status = failure.status();
      }
      if (status != Status.OK) {
        failed.incrementAndGet();
        first.compareAndSet(null, status);
      }
    }
  }
}
