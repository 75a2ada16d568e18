package io.distcache;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * The node: one engine in one process, a member of its cluster. A process may hold several; they
 * share nothing.
 *
 * <pre>{@code
 * EngineOptions options = new EngineOptions()
 *     .keyspace(new KeyspaceOptions("users").bytesMax(64 << 20).source(f -> load(f.key())));
 * try (Engine engine = Engine.open(options)) {
 *   Entry user = engine.keyspace("users").get(key);
 * }
 * }</pre>
 */
public final class Engine implements AutoCloseable {
  static final Cleaner CLEANER = Cleaner.create();

  private final long handle;
  private final Executor executor;
  private final Cleaner.Cleanable cleanable;
  private volatile boolean closed;

  private Engine(long handle, Executor executor) {
    this.handle = handle;
    this.executor = executor;
    this.cleanable = CLEANER.register(this, () -> Native.release(handle));
  }

  /**
   * Validates the options as a whole, binds, starts the threads and joins the cluster. Waits up to
   * {@code bootstrap.timeout.ms} for members to be found, and then goes on looking in the
   * background: an engine that found nobody is open and works alone. Not ended by an interrupt.
   *
   * @param options copied
   * @return an open engine
   * @throws ConfigurationException naming every fault
   * @throws DistcacheException ADDRESS_IN_USE, DUPLICATE_IDENTITY, NO_DESCRIPTORS, NO_MEMORY,
   *     SYSTEM; nothing is left behind
   */
  public static Engine open(EngineOptions options) {
    Operation.refuseOnEventThread();
    Executor executor = options.executor;
    long config = Native.configNew(options.packed());
    try {
      for (KeyspaceOptions keyspace : options.keyspaces) {
        Native.configKeyspace(
            config, Native.text(keyspace.name), keyspace.packed(), keyspace.call());
      }
      DiscoveryCall discovery = options.discoveryCall();
      if (discovery != null) {
        Native.configDiscovery(config, discovery.id(), discovery);
      }
      return new Engine(Waiting.call(() -> Native.open(config)), executor);
    } finally {
      Native.configRelease(config);
    }
  }

  /**
   * Whether discovery has answered or its attempts are spent, and at least {@code quorum.min}
   * members live; may turn to false again. Never waits.
   *
   * @return false for a closed engine
   */
  public boolean isReady() {
    return use(() -> Native.ready(handle));
  }

  /**
   * Waits until the engine is ready. Not ended by an interrupt.
   *
   * @param timeout zero: {@code bootstrap.timeout.ms}
   * @throws TimedOutException discovery has not answered
   * @throws DistcacheException NO_QUORUM: too few members live; CLOSED; WOULD_DEADLOCK
   */
  public void awaitReady(Duration timeout) {
    Operation.refuseOnEventThread();
    long millis = Millis.of(timeout);
    use(
        () ->
            Waiting.call(
                () -> {
                  Native.waitReady(handle, millis);
                  return null;
                }));
  }

  /**
   * A keyspace of this node. Never waits.
   *
   * @param name of the keyspace
   * @return a new object; several of one keyspace are alike
   * @throws DistcacheException NO_KEYSPACE: there is none; CLOSED
   */
  public Keyspace keyspace(String name) {
    byte[] text = Native.text(name);
    return use(() -> new Keyspace(this, Native.keyspaceLookup(handle, text), name));
  }

  /**
   * Adds a keyspace to this node. Does not wait for the other members; give it to {@link
   * EngineOptions#keyspace} where it is known before, which changes the ring once less.
   *
   * @param options copied
   * @return the keyspace
   * @throws ConfigurationException a fault in the options, or the name is taken
   */
  public Keyspace addKeyspace(KeyspaceOptions options) {
    byte[] name = Native.text(options.name);
    return use(
        () ->
            new Keyspace(
                this,
                Native.keyspaceAdd(handle, name, options.packed(), options.call()),
                options.name));
  }

  /**
   * Gives the keyspace of this name these settings and this source. Entries stay, except what
   * smaller limits push out; loads in progress end with the old source. Without a source it keeps
   * the one it has. Never waits.
   *
   * @param options copied
   * @throws DistcacheException NO_KEYSPACE, INVALID_CONFIG, CLOSED
   */
  public void updateKeyspace(KeyspaceOptions options) {
    byte[] name = Native.text(options.name);
    use(
        () -> {
          Native.keyspaceUpdate(handle, name, options.packed(), options.call());
          return null;
        });
  }

  /**
   * Removes the keyspace from this node: its entries go, its loads in progress are answered with
   * NO_KEYSPACE. Other members keep it. Never waits.
   *
   * @param name of the keyspace
   * @throws DistcacheException NO_KEYSPACE: there is none; CLOSED
   */
  public void removeKeyspace(String name) {
    byte[] text = Native.text(name);
    use(
        () -> {
          Native.keyspaceRemove(handle, text);
          return null;
        });
  }

  /**
   * The names of all keyspaces of this node. Never waits.
   *
   * @return sorted
   */
  public List<String> keyspaces() {
    List<String> names = new ArrayList<>();
    for (byte[] name : use(() -> Native.keyspaceList(handle))) {
      names.add(Native.string(name));
    }
    return names;
  }

  /**
   * All members that this node knows, this node first, the others by name. Never waits.
   *
   * @return a snapshot
   */
  public List<Peer> peers() {
    final int width = 7;
    for (int room = 64; ; room *= 4) {
      long[] numbers = new long[room * width];
      byte[][] texts = use(() -> Native.peers(handle, numbers));
      if (texts.length / 2 > room) {
        continue;
      }
      List<Peer> peers = new ArrayList<>();
      for (int i = 0; i < texts.length / 2; i++) {
        peers.add(peer(texts, numbers, i, i * width));
      }
      return peers;
    }
  }

  private static Peer peer(byte[][] texts, long[] numbers, int index, int at) {
    Peer.State[] states = Peer.State.values();
    int state = (int) numbers[at + 5];
    long flags = numbers[at + 6];
    return new Peer(
        Native.string(texts[2 * index]),
        Native.string(texts[2 * index + 1]),
        numbers[at],
        numbers[at + 1],
        (int) numbers[at + 2],
        (int) numbers[at + 3],
        (int) numbers[at + 4],
        state >= 0 && state < states.length ? states[state] : Peer.State.DEAD,
        (flags & 1) != 0,
        (flags & 2) != 0,
        (flags & 4) != 0);
  }

  /** {@link #close(Duration)} with {@code shutdown.timeout.ms}. */
  @Override
  public void close() {
    close(Duration.ZERO);
  }

  /**
   * Leaves the cluster, lets what is in progress end, stops and joins the threads. When it returns,
   * every pending operation has been answered, and every later call throws {@link ClosedException}.
   * A second close, or one during another, waits for the first and does nothing else. Not ended by
   * an interrupt.
   *
   * @param timeout how long to wait for what is in progress; zero: {@code shutdown.timeout.ms}
   * @throws TimedOutException closed as well, but a source still hangs; its thread is abandoned
   * @throws DistcacheException WOULD_DEADLOCK: called by a source of this engine, or on the thread
   *     that runs completions; nothing was done
   */
  public void close(Duration timeout) {
    if (closed) {
      return;
    }
    Operation.refuseOnEventThread();
    long millis = Millis.of(timeout);
    try {
      Waiting.call(
          () -> {
            Native.close(handle, millis);
            return null;
          });
      release();
    } catch (ClosedException other) {
      release(); // another thread was here first, and has let the handle go
    } catch (TimedOutException hangs) {
      release();
      throw hangs;
    }
  }

  private void release() {
    closed = true;
    cleanable.clean();
  }

  Executor executor() {
    return executor;
  }

  /** Keeps this from being collected, which would close it, while native code uses the handle. */
  private <T> T use(Supplier<T> call) {
    try {
      return call.get();
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Version of the loaded library.
   *
   * @return for example {@code 0.1.0}
   */
  public static String libraryVersion() {
    return Native.string(Native.version());
  }

  @Override
  public String toString() {
    return "Engine[" + (closed ? "closed" : "open") + "]";
  }
}
