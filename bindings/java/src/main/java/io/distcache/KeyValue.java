package io.distcache;

import java.time.Duration;
import java.util.Objects;

/** What {@link Keyspace#putMany} stores: key, value and, if it has one of its own, ttl. */
public final class KeyValue {
  final byte[] key;
  final byte[] value;
  final long ttlMillis;

  private KeyValue(byte[] key, byte[] value, long ttlMillis) {
    this.key = Objects.requireNonNull(key, "key");
    this.value = Objects.requireNonNull(value, "value");
    this.ttlMillis = ttlMillis;
  }

  /**
   * A value that lives as long as the call's options or the keyspace say. Arrays are not copied
   * before they are stored.
   *
   * @param key 1 to 4096 bytes
   * @param value 0 bytes to {@code value.bytes.max}
   * @return the pair
   */
  public static KeyValue of(byte[] key, byte[] value) {
    return new KeyValue(key, value, 0);
  }

  /**
   * The same pair with a ttl of its own.
   *
   * @param ttl zero: as without it
   * @return a new pair with the same arrays
   */
  public KeyValue ttl(Duration ttl) {
    return new KeyValue(key, value, Millis.ttlOf(ttl));
  }

  /**
   * The same pair, not to expire unless {@code ttl.max.ms} says otherwise.
   *
   * @return a new pair with the same arrays
   */
  public KeyValue noExpiry() {
    return new KeyValue(key, value, CallOptions.TTL_NONE);
  }
}
