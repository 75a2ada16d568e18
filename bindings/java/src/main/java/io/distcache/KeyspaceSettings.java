// Made by settings.py from the property table of the library; do not edit.
package io.distcache;

import java.time.Duration;

/**
 * The properties of keyspaces, typed.
 *
 * @param <S> the type of the options themselves
 */
public interface KeyspaceSettings<S> extends LaterKeyspaceSettings<S> {
  /**
   * Memory that the keyspace may use on this node: true bytes, overhead included.
   *
   * @param value bytes; 4096 to 1125899906842624; must be set
   * @return this
   */
  default S bytesMax(long value) {
    return property("bytes.max", Long.toString(value));
  }

  /**
   * Most entries on this node.
   *
   * @param value 1 to 1099511627776; default {@code none}
   * @return this
   */
  default S entriesMax(long value) {
    return property("entries.max", Long.toString(value));
  }

  /**
   * Sets {@code entries.max} to {@code none}.
   *
   * @return this
   */
  default S entriesMaxNone() {
    return property("entries.max", "none");
  }

  /**
   * Largest value; a larger one is TOO_LARGE. A value that does not fit into {@code bytes.max} is
   * served and not stored.
   *
   * @param value bytes; 1 to 1073741824; default {@code 16MiB}
   * @return this
   */
  default S valueBytesMax(long value) {
    return property("value.bytes.max", Long.toString(value));
  }

  /** Values of {@code eviction.policy}. */
  enum EvictionPolicy {
    /** {@code auto}. */
    AUTO,
    /** {@code s3fifo}. */
    S3FIFO,
    /** {@code lru}. */
    LRU,
    /** {@code sieve}, of a later version. */
    SIEVE,
    /** {@code w-tinylfu}, of a later version. */
    W_TINYLFU,
    /** {@code custom}, of a later version. */
    CUSTOM
  }

  /**
   * Which entry goes when memory is full. {@code auto}: the best measured one, now {@code s3fifo}.
   * {@code custom}: the one of distcache_keyspace_def_eviction.
   *
   * @param value default {@code auto}
   * @return this
   */
  default S evictionPolicy(EvictionPolicy value) {
    return property("eviction.policy", Settings.text(value));
  }

  /**
   * Life of an entry whose call, source and expiry callback name none.
   *
   * @param value 1 to 315576000000 ms; default {@code none}
   * @return this
   */
  default S ttl(Duration value) {
    return property("ttl.ms", Settings.text(value));
  }

  /**
   * Sets {@code ttl.ms} to {@code none}.
   *
   * @return this
   */
  default S ttlNone() {
    return property("ttl.ms", "none");
  }

  /**
   * Longest life of any entry, whoever asked for it.
   *
   * @param value 1 to 315576000000 ms; default {@code none}
   * @return this
   */
  default S ttlMax(Duration value) {
    return property("ttl.max.ms", Settings.text(value));
  }

  /**
   * Sets {@code ttl.max.ms} to {@code none}.
   *
   * @return this
   */
  default S ttlMaxNone() {
    return property("ttl.max.ms", "none");
  }

  /**
   * Each life is shortened by a random part of up to this much, so that what was loaded together
   * does not expire together.
   *
   * @param value 0 to 100; default {@code 10}
   * @return this
   */
  default S ttlJitterPercent(long value) {
    return property("ttl.jitter.percent", Long.toString(value));
  }

  /**
   * How long it is remembered that the source does not know a key.
   *
   * @param value 1 to 315576000000 ms; default {@code off}
   * @return this
   */
  default S negativeTtl(Duration value) {
    return property("negative.ttl.ms", Settings.text(value));
  }

  /**
   * Sets {@code negative.ttl.ms} to {@code off}.
   *
   * @return this
   */
  default S negativeTtlOff() {
    return property("negative.ttl.ms", "off");
  }

  /**
   * Deadline of reads that name none. {@code inherit}: the engine's.
   *
   * @param value 1 to 3600000 ms; default {@code inherit}
   * @return this
   */
  default S readTimeout(Duration value) {
    return property("read.timeout.ms", Settings.text(value));
  }

  /**
   * Sets {@code read.timeout.ms} to {@code inherit}.
   *
   * @return this
   */
  default S readTimeoutInherit() {
    return property("read.timeout.ms", "inherit");
  }

  /**
   * Deadline of writes that name none. {@code inherit}: the engine's.
   *
   * @param value 1 to 3600000 ms; default {@code inherit}
   * @return this
   */
  default S writeTimeout(Duration value) {
    return property("write.timeout.ms", Settings.text(value));
  }

  /**
   * Sets {@code write.timeout.ms} to {@code inherit}.
   *
   * @return this
   */
  default S writeTimeoutInherit() {
    return property("write.timeout.ms", "inherit");
  }

  /**
   * How long a load may take before its readers get TIMED_OUT. {@code inherit}: {@code
   * read.timeout.ms} of the keyspace.
   *
   * @param value 1 to 3600000 ms; default {@code inherit}
   * @return this
   */
  default S fetchTimeout(Duration value) {
    return property("fetch.timeout.ms", Settings.text(value));
  }

  /**
   * Sets {@code fetch.timeout.ms} to {@code inherit}.
   *
   * @return this
   */
  default S fetchTimeoutInherit() {
    return property("fetch.timeout.ms", "inherit");
  }

  /**
   * Loads of this keyspace in progress at once on this node; others wait their turn.
   *
   * @param value 1 to 65536; default {@code 64}
   * @return this
   */
  default S loadsMax(long value) {
    return property("loads.max", Long.toString(value));
  }

  /**
   * Readers that may wait for one load; one more gets OVERLOADED.
   *
   * @param value 1 to 1000000; default {@code 10000}
   * @return this
   */
  default S waitersMax(long value) {
    return property("waiters.max", Long.toString(value));
  }

  /** Values of {@code placement}. */
  enum Placement {
    /** {@code sharded}. */
    SHARDED,
    /** {@code replicated}, of a later version. */
    REPLICATED
  }

  /**
   * {@code sharded}: each key has one owner. {@code replicated}: every member holds every entry,
   * and reads are local.
   *
   * @param value default {@code sharded}
   * @return this
   */
  default S placement(Placement value) {
    return property("placement", Settings.text(value));
  }

  /** Values of {@code partition}. */
  enum Partition {
    /** {@code serve}. */
    SERVE,
    /** {@code bounded}. */
    BOUNDED
  }

  /**
   * What a node that is cut off does. {@code serve}: it goes on with what it has. {@code bounded}:
   * unless a majority of the members confirms it, it keeps nothing for longer than {@code
   * mirror.lease.ms} (100 ms or more) and answers no write with OK. Discovery has to list all
   * members: a cluster that starts waits for each.
   *
   * @param value default {@code serve}
   * @return this
   */
  default S partition(Partition value) {
    return property("partition", Settings.text(value));
  }

  /** Values of {@code mirror}. */
  enum Mirror {
    /** {@code hot}. */
    HOT,
    /** {@code all}. */
    ALL,
    /** {@code off}. */
    OFF
  }

  /**
   * Which keys members that do not own them keep for a lease: {@code hot}, those that are asked for
   * often; {@code all}; {@code off}, none.
   *
   * @param value default {@code hot}
   * @return this
   */
  default S mirror(Mirror value) {
    return property("mirror", Settings.text(value));
  }

  /**
   * How long a mirror is lent: the longest time that it may be stale when messages are lost, and
   * that a write waits for a member that does not answer.
   *
   * @param value 10 to 3600000 ms; default {@code 1s}
   * @return this
   */
  default S mirrorLease(Duration value) {
    return property("mirror.lease.ms", Settings.text(value));
  }

  /**
   * Part of {@code bytes.max} that mirrors may use.
   *
   * @param value 0 to 100; default {@code 12}
   * @return this
   */
  default S mirrorPercent(long value) {
    return property("mirror.percent", Long.toString(value));
  }
}
