package io.distcache;

import java.time.Duration;

/**
 * How one call departs from the settings of its keyspace. Immutable; each method answers a changed
 * copy.
 */
public final class CallOptions {
  /** Everything as the keyspace says. */
  public static final CallOptions DEFAULT = new CallOptions(0, 0, 0, 0);

  private static final int NO_LOAD = 1;
  private static final int OWNER_ONLY = 2;
  private static final int NO_STALE = 4;
  static final long TTL_NONE = -1;

  final int flags;
  final long timeout;
  final long ttl;
  final long parent;

  private CallOptions(int flags, long timeout, long ttl, long parent) {
    this.flags = flags;
    this.timeout = timeout;
    this.ttl = ttl;
    this.parent = parent;
  }

  /**
   * Until when the call must end, counted from its start; it ends 100 ms later at most, whatever
   * peers and source do.
   *
   * @param timeout zero: {@code read.timeout.ms} or {@code write.timeout.ms} of the keyspace
   * @return a changed copy
   */
  public CallOptions timeout(Duration timeout) {
    return new CallOptions(flags, Millis.of(timeout), ttl, parent);
  }

  /**
   * How long what is written lives; has no meaning for other calls.
   *
   * @param ttl zero: the rules of the keyspace; its jitter and {@code ttl.max.ms} apply
   * @return a changed copy
   */
  public CallOptions ttl(Duration ttl) {
    return new CallOptions(flags, timeout, Millis.ttlOf(ttl), parent);
  }

  /**
   * What is written does not expire, unless {@code ttl.max.ms} says otherwise.
   *
   * @return a changed copy
   */
  public CallOptions noExpiry() {
    return new CallOptions(flags, timeout, TTL_NONE, parent);
  }

  /**
   * Never answer a value that is past its expiry, whatever {@code stale.max.ms} allows.
   *
   * @return a changed copy
   */
  public CallOptions noStale() {
    return new CallOptions(flags | NO_STALE, timeout, ttl, parent);
  }

  /**
   * Do not ask the source. The library answers UNSUPPORTED in this version.
   *
   * @return a changed copy
   */
  public CallOptions noLoad() {
    return new CallOptions(flags | NO_LOAD, timeout, ttl, parent);
  }

  /**
   * Fail where the owner cannot be reached instead of loading elsewhere. The library answers
   * UNSUPPORTED in this version.
   *
   * @return a changed copy
   */
  public CallOptions ownerOnly() {
    return new CallOptions(flags | OWNER_ONLY, timeout, ttl, parent);
  }

  /**
   * The fetch on whose behalf the call is made. It lets the engine find a load that would wait for
   * itself; needed only where a source calls on another thread than the one it was called on.
   *
   * @param fetch of the source that calls
   * @return a changed copy
   */
  public CallOptions parent(Fetch fetch) {
    return new CallOptions(flags, timeout, ttl, fetch.handle);
  }
}
