package io.distcache;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/**
 * The outcome for one key: a value with what is known about it, or that there is none. Immutable
 * but for the array of the value, which is the caller's.
 */
public final class Entry {
  /** Numbers per entry, in the order in which the native side writes them. */
  static final int WIDTH = 7;

  private static final int STALE = 1;

  private final byte[] value;
  private final long[] meta;
  private final int at;
  private final DistcacheException failure;

  Entry(byte[] value, long[] meta, int index, DistcacheException failure) {
    this.value = value;
    this.meta = meta;
    this.at = index * WIDTH;
    this.failure = failure;
  }

  static Entry without(Status status) {
    long[] meta = new long[WIDTH];
    meta[0] = status.number();
    return new Entry(null, meta, 0, null);
  }

  /**
   * What became of this key. Of single reads it is {@link Status#OK}, {@link Status#NOT_FOUND} or,
   * of a peek, {@link Status#NOT_CACHED}; in the lists of the many-forms it may be any.
   *
   * @return the status
   */
  public Status status() {
    return Status.of((int) meta[at]);
  }

  /**
   * Whether there is a value.
   *
   * @return true if {@link #value()} is not null; an empty value is one
   */
  public boolean isPresent() {
    return value != null;
  }

  /**
   * The value, not copied: the same array each time, and the caller's to change.
   *
   * @return null if there is none
   */
  public byte[] value() {
    return value;
  }

  /**
   * The value as UTF-8 text.
   *
   * @return null if there is none
   */
  public String text() {
    return value == null ? null : new String(value, StandardCharsets.UTF_8);
  }

  /**
   * Why this key failed; throw it to treat it like the failure of a single call.
   *
   * @return null for OK, NOT_FOUND and NOT_CACHED
   */
  public DistcacheException failure() {
    return failure;
  }

  /**
   * The version of the value read, or of the write that was applied.
   *
   * @return {@link Version#NONE} if there is none
   */
  public Version version() {
    return new Version(meta[at + 4], meta[at + 5], meta[at + 6]);
  }

  /**
   * How long ago the value was loaded or put.
   *
   * @return zero without a value
   */
  public Duration age() {
    return Duration.ofMillis(meta[at + 2]);
  }

  /**
   * How long the value will live.
   *
   * @return empty if it does not expire; zero if it has expired and is stale
   */
  public Optional<Duration> ttl() {
    long ttl = meta[at + 3];
    return ttl < 0 ? Optional.empty() : Optional.of(Duration.ofMillis(ttl));
  }

  /**
   * Where the value came from.
   *
   * @return {@link Origin#NONE} without a value
   */
  public Origin origin() {
    return Origin.of((int) (meta[at + 1] >> 32));
  }

  /**
   * Whether the value is past its expiry, served because {@code stale.max.ms} allows it.
   *
   * @return true if so
   */
  public boolean isStale() {
    return (meta[at + 1] & STALE) != 0;
  }

  @Override
  public String toString() {
    return status() + (value == null ? "" : ", " + value.length + " bytes, " + origin());
  }
}
