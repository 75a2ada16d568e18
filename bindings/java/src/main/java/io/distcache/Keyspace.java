package io.distcache;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

/**
 * A named cache of an open engine, with its own limits, times and data source.
 *
 * <p>Each operation has a form that waits, and an asynchronous one. The futures of those are
 * completed on {@link EngineOptions#executor}, so that what depends on them may block. Cancelling
 * or otherwise completing such a future gives the operation up: it is cancelled, and of a write
 * nobody learns any more whether it was applied. A call that waits, made inside an executor that
 * runs its tasks at once, throws WOULD_DEADLOCK.
 *
 * <p>All may throw {@link DistcacheException} with INVALID_ARGUMENT (a key has 1 to 4096 bytes),
 * NO_KEYSPACE, CLOSED, FORKED, NO_MEMORY, NO_QUORUM, INTERNAL; reads TIMED_OUT, SOURCE_FAILED,
 * RATE_LIMITED, CIRCUIT_OPEN, OVERLOADED; writes PARTIAL, UNKNOWN, TIMED_OUT, OVERLOADED,
 * PEER_UNREACHABLE, TOO_LARGE. The asynchronous forms complete their future with them.
 */
public final class Keyspace implements AutoCloseable {
  private final Engine engine;
  private final long handle;
  private final String name;
  private final Cleaner.Cleanable cleanable;

  Keyspace(Engine engine, long handle, String name) {
    this.engine = engine;
    this.handle = handle;
    this.name = name;
    this.cleanable = Engine.CLEANER.register(this, () -> Native.keyspaceRelease(handle));
  }

  Engine engine() {
    return engine;
  }

  /**
   * The name of the keyspace.
   *
   * @return never null
   */
  public String name() {
    return name;
  }

  // ---- reading ----------------------------------------------------------------------------------

  /**
   * {@link #get(byte[], CallOptions)} by the settings of the keyspace.
   *
   * @param key 1 to 4096 bytes
   * @return a value, or NOT_FOUND
   */
  public Entry get(byte[] key) {
    return get(key, CallOptions.DEFAULT);
  }

  /**
   * Memory, else the owner, else the source: one load per key in the whole cluster, which all
   * readers share. A hit crosses into native code once and never waits.
   *
   * @param key 1 to 4096 bytes
   * @param options how this call departs from the keyspace
   * @return a value, or NOT_FOUND: the source does not know the key
   */
  public Entry get(byte[] key, CallOptions options) {
    Entry held = held(key, options);
    if (held != null) {
      return held;
    }
    return Operation.await(this, Results::entry, operation -> startGet(key, options, operation));
  }

  /**
   * {@link #getAsync(byte[], CallOptions)} by the settings of the keyspace.
   *
   * @param key 1 to 4096 bytes
   * @return a value, or NOT_FOUND
   */
  public CompletableFuture<Entry> getAsync(byte[] key) {
    return getAsync(key, CallOptions.DEFAULT);
  }

  /**
   * {@link #get(byte[], CallOptions)} without waiting; of a hit the future is complete already.
   *
   * @param key 1 to 4096 bytes
   * @param options how this call departs from the keyspace
   * @return a value, or NOT_FOUND: the source does not know the key
   */
  public CompletableFuture<Entry> getAsync(byte[] key, CallOptions options) {
    CompletableFuture<Entry> known = known(key, options);
    return known != null
        ? known
        : Operation.async(this, Results::entry, operation -> startGet(key, options, operation));
  }

  private long startGet(byte[] key, CallOptions o, Operation<?> operation) {
    return Native.get(handle, key, o.flags, o.timeout, o.ttl, o.parent, operation);
  }

  /** What can be said without waiting; null if the operation has to be started. */
  private CompletableFuture<Entry> known(byte[] key, CallOptions options) {
    try {
      Entry held = held(key, options);
      return held == null ? null : CompletableFuture.completedFuture(held);
    } catch (DistcacheException refused) {
      return CompletableFuture.failedFuture(refused);
    }
  }

  /** What is in memory; null if the operation has to be started. */
  private Entry held(byte[] key, CallOptions o) {
    Objects.requireNonNull(key, "key");
    long[] meta = new long[Entry.WIDTH];
    byte[] value = Native.held(handle, key, o.flags, o.timeout, o.ttl, o.parent, meta);
    Reference.reachabilityFence(this);
    return meta[0] == Status.NOT_CACHED.number() ? null : new Entry(value, meta, 0, null);
  }

  /**
   * {@link #getMany(List, CallOptions)} by the settings of the keyspace.
   *
   * @param keys 65536 at most, duplicates allowed
   * @return one for each key, in the same order
   */
  public List<Entry> getMany(List<byte[]> keys) {
    return getMany(keys, CallOptions.DEFAULT);
  }

  /**
   * Many keys at once: one message per owner, all owners in parallel. A slow or failing key fails
   * itself only.
   *
   * @param keys 65536 at most, duplicates allowed
   * @param options how this call departs from the keyspace
   * @return one for each key, in the same order, of any status
   */
  public List<Entry> getMany(List<byte[]> keys, CallOptions options) {
    Packed packed = new Packed(keys);
    return Operation.await(
        this, Results::entries, operation -> packed.getMany(handle, options, operation));
  }

  /**
   * {@link #getMany(List, CallOptions)} without waiting.
   *
   * @param keys 65536 at most, duplicates allowed
   * @param options how this call departs from the keyspace
   * @return one for each key, in the same order, of any status
   */
  public CompletableFuture<List<Entry>> getManyAsync(List<byte[]> keys, CallOptions options) {
    Packed packed = new Packed(keys);
    return Operation.async(
        this, Results::entries, operation -> packed.getMany(handle, options, operation));
  }

  /**
   * This node's memory only: no load, no network, never waits, and leaves no trace in statistics
   * and eviction.
   *
   * @param key 1 to 4096 bytes
   * @return a value; NOT_CACHED: this node does not hold the key; NOT_FOUND: it holds that the
   *     source does not know the key
   */
  public Entry peek(byte[] key) {
    Objects.requireNonNull(key, "key");
    long[] meta = new long[Entry.WIDTH];
    byte[] value = Native.peek(handle, key, meta);
    Reference.reachabilityFence(this);
    return new Entry(value, meta, 0, null);
  }

  /**
   * {@link #getWith(byte[], DataSource, CallOptions)} by the settings of the keyspace.
   *
   * @param key 1 to 4096 bytes
   * @param loader called once at most
   * @return a value, or NOT_FOUND
   */
  public Entry getWith(byte[] key, DataSource loader) {
    return getWith(key, loader, CallOptions.DEFAULT);
  }

  /**
   * Like get, with a loader for this one call in place of the keyspace's source, which there need
   * not be. The owner of the key grants the load to one caller in the whole cluster; the others
   * wait for its value, which is stored at the owner. If the node of that caller dies or takes too
   * long, the next one loads; a delete that comes meanwhile wins.
   *
   * @param key 1 to 4096 bytes
   * @param loader called by the rules of {@link DataSource} on a thread of this engine, once, or
   *     not at all where there is a value already or another caller loads. The engine lets go of it
   *     when it can be called no more; it may outlive a call that timed out
   * @param options how this call departs from the keyspace
   * @return a value, or NOT_FOUND: the loader that was called does not know the key
   */
  public Entry getWith(byte[] key, DataSource loader, CallOptions options) {
    DataSourceCall once = new DataSourceCall(Objects.requireNonNull(loader, "loader"), name);
    Entry held = held(key, options);
    if (held != null) {
      return held;
    }
    return Operation.await(
        this, Results::entry, operation -> startGetWith(key, once, options, operation));
  }

  /**
   * {@link #getWith(byte[], DataSource, CallOptions)} without waiting; of a hit the future is
   * complete already.
   *
   * @param key 1 to 4096 bytes
   * @param loader called once at most
   * @param options how this call departs from the keyspace
   * @return a value, or NOT_FOUND: the loader that was called does not know the key
   */
  public CompletableFuture<Entry> getWithAsync(byte[] key, DataSource loader, CallOptions options) {
    DataSourceCall once = new DataSourceCall(Objects.requireNonNull(loader, "loader"), name);
    CompletableFuture<Entry> known = known(key, options);
    return known != null
        ? known
        : Operation.async(
            this, Results::entry, operation -> startGetWith(key, once, options, operation));
  }

  private long startGetWith(
      byte[] key, DataSourceCall loader, CallOptions o, Operation<?> operation) {
    return Native.getWith(handle, key, loader, o.flags, o.timeout, o.ttl, o.parent, operation);
  }

  /**
   * {@link #refresh(byte[], CallOptions)} by the settings of the keyspace.
   *
   * @param key 1 to 4096 bytes
   * @return the new value, or NOT_FOUND
   */
  public Entry refresh(byte[] key) {
    return refresh(key, CallOptions.DEFAULT);
  }

  /**
   * Loads the key from the source now and replaces what is held, which is served meanwhile. When it
   * returns, no read that starts later, on any member, answers what was held before. It may throw
   * what reads and writes may: after PARTIAL, TIMED_OUT and UNKNOWN the old value may still be
   * read, any other failure leaves it in place. UNSUPPORTED: the owner has no source.
   *
   * @param key 1 to 4096 bytes
   * @param options how this call departs from the keyspace
   * @return the new value, or NOT_FOUND: the source does not know the key any more, and nothing is
   *     held
   */
  public Entry refresh(byte[] key, CallOptions options) {
    Objects.requireNonNull(key, "key");
    return Operation.await(
        this, Results::entry, operation -> startRefresh(key, options, operation));
  }

  /**
   * {@link #refresh(byte[], CallOptions)} without waiting.
   *
   * @param key 1 to 4096 bytes
   * @param options how this call departs from the keyspace
   * @return the new value, or NOT_FOUND: the source does not know the key any more
   */
  public CompletableFuture<Entry> refreshAsync(byte[] key, CallOptions options) {
    Objects.requireNonNull(key, "key");
    return Operation.async(
        this, Results::entry, operation -> startRefresh(key, options, operation));
  }

  private long startRefresh(byte[] key, CallOptions o, Operation<?> operation) {
    return Native.refresh(handle, key, o.flags, o.timeout, o.ttl, o.parent, operation);
  }

  // ---- writing ----------------------------------------------------------------------------------

  /**
   * {@link #put(byte[], byte[], CallOptions)} by the settings of the keyspace.
   *
   * @param key 1 to 4096 bytes
   * @param value 0 bytes to {@code value.bytes.max}
   * @return the version of the new entry
   */
  public Version put(byte[] key, byte[] value) {
    return put(key, value, CallOptions.DEFAULT);
  }

  /**
   * Stores a value at the key's owner; when it returns, no member answers anything older. Changes
   * the cache and not the source. A load that began before is answered to its readers and not
   * stored.
   *
   * @param key 1 to 4096 bytes
   * @param value 0 bytes to {@code value.bytes.max}
   * @param options how this call departs from the keyspace, ttl included
   * @return the version of the new entry
   */
  public Version put(byte[] key, byte[] value, CallOptions options) {
    checkPair(key, value);
    return Operation.await(
        this, Results::version, operation -> startPut(key, value, options, operation));
  }

  /**
   * {@link #put(byte[], byte[], CallOptions)} without waiting.
   *
   * @param key 1 to 4096 bytes
   * @param value 0 bytes to {@code value.bytes.max}
   * @param options how this call departs from the keyspace, ttl included
   * @return the version of the new entry
   */
  public CompletableFuture<Version> putAsync(byte[] key, byte[] value, CallOptions options) {
    checkPair(key, value);
    return Operation.async(
        this, Results::version, operation -> startPut(key, value, options, operation));
  }

  private static void checkPair(byte[] key, byte[] value) {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(value, "value");
  }

  private long startPut(byte[] key, byte[] value, CallOptions o, Operation<?> operation) {
    return Native.put(handle, key, value, o.flags, o.timeout, o.ttl, o.parent, operation);
  }

  /**
   * {@link #putIf(byte[], byte[], Version, CallOptions)} by the settings of the keyspace.
   *
   * @param key 1 to 4096 bytes
   * @param value 0 bytes to {@code value.bytes.max}
   * @param expected the version to be replaced, or {@link Version#NONE}
   * @return the version of the new entry
   */
  public Version putIf(byte[] key, byte[] value, Version expected) {
    return putIf(key, value, expected, CallOptions.DEFAULT);
  }

  /**
   * Stores a value only if the version of the entry is the expected one; nothing is loaded for it.
   * The owner decides: of several calls that expect the same version, one is applied.
   *
   * <p>It may throw {@link VersionMismatchException}: not applied, and its {@link
   * DistcacheException#version} is that of the entry that is there; PEER_UNREACHABLE: not applied
   * either, since this member does not reach the owner; PARTIAL: applied, by whoever acts for an
   * owner that is gone, or not confirmed by all. That and UNKNOWN are not to be tried again as they
   * stand: read, and decide again.
   *
   * @param key 1 to 4096 bytes
   * @param value 0 bytes to {@code value.bytes.max}
   * @param expected the version to be replaced; {@link Version#NONE}: there must be no entry
   * @param options how this call departs from the keyspace, ttl included
   * @return the version of the new entry
   */
  public Version putIf(byte[] key, byte[] value, Version expected, CallOptions options) {
    checkPair(key, value);
    Objects.requireNonNull(expected, "expected");
    return Operation.await(
        this, Results::version, operation -> startPutIf(key, value, expected, options, operation));
  }

  /**
   * {@link #putIf(byte[], byte[], Version, CallOptions)} without waiting.
   *
   * @param key 1 to 4096 bytes
   * @param value 0 bytes to {@code value.bytes.max}
   * @param expected the version to be replaced; {@link Version#NONE}: there must be no entry
   * @param options how this call departs from the keyspace, ttl included
   * @return the version of the new entry
   */
  public CompletableFuture<Version> putIfAsync(
      byte[] key, byte[] value, Version expected, CallOptions options) {
    checkPair(key, value);
    Objects.requireNonNull(expected, "expected");
    return Operation.async(
        this, Results::version, operation -> startPutIf(key, value, expected, options, operation));
  }

  private long startPutIf(
      byte[] key, byte[] value, Version v, CallOptions o, Operation<?> operation) {
    return Native.putIf(
        handle, key, value, v.epoch(), v.owner(), v.counter(), o.flags, o.timeout, o.ttl, o.parent,
        operation);
  }

  /**
   * Stores many values. Of duplicates the last one stays.
   *
   * @param pairs 65536 at most
   * @param options how this call departs from the keyspace; a ttl of a pair goes before theirs
   * @return one for each pair, in the same order, of any status a put may have
   */
  public List<Entry> putMany(List<KeyValue> pairs, CallOptions options) {
    Packed.Pairs packed = new Packed.Pairs(pairs);
    return Operation.await(
        this, Results::entries, operation -> packed.putMany(handle, options, operation));
  }

  /**
   * {@link #putMany(List, CallOptions)} without waiting.
   *
   * @param pairs 65536 at most
   * @param options how this call departs from the keyspace; a ttl of a pair goes before theirs
   * @return one for each pair, in the same order, of any status a put may have
   */
  public CompletableFuture<List<Entry>> putManyAsync(List<KeyValue> pairs, CallOptions options) {
    Packed.Pairs packed = new Packed.Pairs(pairs);
    return Operation.async(
        this, Results::entries, operation -> packed.putMany(handle, options, operation));
  }

  /**
   * {@link #delete(byte[], CallOptions)} by the settings of the keyspace.
   *
   * @param key 1 to 4096 bytes
   */
  public void delete(byte[] key) {
    delete(key, CallOptions.DEFAULT);
  }

  /**
   * Deletes a key at its owner and recalls every copy; a load that began before is never stored. No
   * failure if nobody held the key.
   *
   * @param key 1 to 4096 bytes
   * @param options how this call departs from the keyspace
   */
  public void delete(byte[] key, CallOptions options) {
    Objects.requireNonNull(key, "key");
    Operation.await(this, Results::nothing, operation -> startDelete(key, options, operation));
  }

  /**
   * {@link #delete(byte[], CallOptions)} without waiting.
   *
   * @param key 1 to 4096 bytes
   * @param options how this call departs from the keyspace
   * @return completed with null
   */
  public CompletableFuture<Void> deleteAsync(byte[] key, CallOptions options) {
    Objects.requireNonNull(key, "key");
    return Operation.async(
        this, Results::nothing, operation -> startDelete(key, options, operation));
  }

  private long startDelete(byte[] key, CallOptions o, Operation<?> operation) {
    return Native.delete(handle, key, o.flags, o.timeout, o.ttl, o.parent, operation);
  }

  /**
   * Deletes many keys.
   *
   * @param keys 65536 at most
   * @param options how this call departs from the keyspace
   * @return one for each key, in the same order, of any status a delete may have
   */
  public List<Entry> deleteMany(List<byte[]> keys, CallOptions options) {
    Packed packed = new Packed(keys);
    return Operation.await(
        this, Results::entries, operation -> packed.deleteMany(handle, options, operation));
  }

  /**
   * {@link #deleteMany(List, CallOptions)} without waiting.
   *
   * @param keys 65536 at most
   * @param options how this call departs from the keyspace
   * @return one for each key, in the same order, of any status a delete may have
   */
  public CompletableFuture<List<Entry>> deleteManyAsync(List<byte[]> keys, CallOptions options) {
    Packed packed = new Packed(keys);
    return Operation.async(
        this, Results::entries, operation -> packed.deleteMany(handle, options, operation));
  }

  // ---- the rest ---------------------------------------------------------------------------------

  /** The counters of this keyspace on this node, in the order of the C struct; for tests. */
  long[] stats() {
    long[] counters = new long[64];
    Native.keyspaceStats(handle, counters);
    Reference.reachabilityFence(this);
    return counters;
  }

  /** Lets the handle go; the keyspace itself stays. Never waits, idempotent. */
  @Override
  public void close() {
    cleanable.clean();
  }

  @Override
  public String toString() {
    return "Keyspace[" + name + "]";
  }
}
