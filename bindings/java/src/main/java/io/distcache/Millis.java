package io.distcache;

import java.time.Duration;

/** Durations as the library counts them. */
final class Millis {
  private Millis() {}

  /** Rounded up, so that a short time is not taken for "default"; what is over is for ever. */
  static long of(Duration time) {
    try {
      long millis = time.toMillis();
      boolean part = !time.isNegative() && time.toNanosPart() % 1_000_000 != 0;
      if (time.isNegative() && millis >= 0) {
        return -1;
      }
      return part ? Math.addExact(millis, 1) : millis;
    } catch (ArithmeticException over) {
      return time.isNegative() ? Long.MIN_VALUE : Long.MAX_VALUE;
    }
  }

  /** As a ttl, of which -1 would mean that there is none: negative ones are all refused alike. */
  static long ttlOf(Duration time) {
    long millis = of(time);
    return millis < 0 ? Long.MIN_VALUE : millis;
  }
}
