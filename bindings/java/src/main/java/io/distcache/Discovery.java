package io.distcache;

import java.util.Collection;

/**
 * A program's own way to tell where the other members are, given to {@link
 * EngineOptions#discovery}.
 *
 * <p>Of one engine all methods are called on one thread, one at a time, with the context class
 * loader of the thread that gave it; there a call of the engine that waits fails with {@link
 * Status#WOULD_DEADLOCK}. They may block, but an answer that takes longer than {@code
 * bootstrap.timeout.ms} counts as a failure. A failure is any {@link Throwable}: it is logged and
 * tried again, and the last good answer stays in use meanwhile.
 *
 * <p>An address names the discovery port of a member: {@code host:port}, or {@code
 * host:port#public-key}. It is a hint: a wrong one wastes a connection, and one that is no longer
 * told throws nobody out.
 *
 * <p>The engine keeps it until it is closed.
 */
@FunctionalInterface
public interface Discovery {
  /**
   * What logs call it.
   *
   * @return asked once for each engine
   */
  default String id() {
    return "custom";
  }

  /**
   * First of all, and again after a failure: connects to whatever knows the members.
   *
   * @throws Exception tried again; a {@link ConfigurationException} is not, {@link Engine#open}
   *     fails with INVALID_CONFIG
   */
  default void initialize() throws Exception {}

  /**
   * Makes this node known; again after a failure.
   *
   * @param address the one that others are to use
   * @throws Exception as in {@link #initialize}
   */
  default void register(String address) throws Exception {}

  /**
   * The addresses of all members, this node's own among them or not. Asked again and again, see
   * {@code discovery.interval.ms}.
   *
   * @return 4096 at most, not null; one that is malformed is left out, unless it is the only one,
   *     which is a failure
   * @throws Exception tried again
   */
  Collection<String> discover() throws Exception;

  /**
   * Takes this node's address back: the engine leaves. Once, if {@link #register} has succeeded.
   *
   * @throws Exception logged
   */
  default void deregister() throws Exception {}

  /** Last of all, once, also after an {@link #initialize} that failed. */
  default void close() {}
}
