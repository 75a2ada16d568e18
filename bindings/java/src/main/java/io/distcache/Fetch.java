package io.distcache;

import java.time.Duration;

/**
 * One load in progress, as its source sees it. May be used by any thread; after the answer, and
 * after the engine was closed, it only tells that nobody waits.
 */
public final class Fetch {
  final long handle;
  private final byte[] key;
  private final String keyspace;

  Fetch(long handle, byte[] key, String keyspace) {
    this.handle = handle;
    this.key = key;
    this.keyspace = keyspace;
  }

  /**
   * The key to fetch.
   *
   * @return 1 to 4096 bytes; the same array each time, and the source's to change
   */
  public byte[] key() {
    return key;
  }

  /**
   * The name of the keyspace.
   *
   * @return never null
   */
  public String keyspace() {
    return keyspace;
  }

  /**
   * What is left of {@code fetch.timeout.ms}.
   *
   * @return zero while nobody waits
   */
  public Duration remaining() {
    return Duration.ofMillis(Native.fetchRemaining(handle));
  }

  /**
   * Whether nobody waits for the answer, because the time is over, all readers cancelled, or the
   * engine closes; a long source asks now and then. A source that gives up by a failure fails no
   * reader that came later: the key is loaded once more.
   *
   * @return true if the source may give up
   */
  public boolean isCancelled() {
    return Native.fetchCancelled(handle);
  }

  /**
   * What {@link Answer#sourceVersion} said of the value that is held for the key: what a
   * conditional request needs, together with {@link Answer#notModified}.
   *
   * @return 0 if none is held; unsigned
   */
  public long sourceVersion() {
    return Native.fetchSourceVersion(handle);
  }
}
