package io.distcache;

import java.util.Objects;
import java.util.concurrent.CompletionStage;

/**
 * Fetches what is missing in a keyspace: a database, a service, a file.
 *
 * <p>Called on a thread of the engine ({@code source.threads}, shared out per keyspace), several
 * times at once for different keys. It may block, and may call the engine for other keys; a call
 * that would wait for this very load fails with {@link Status#WOULD_DEADLOCK}. The context class
 * loader is the one of the thread that made the {@link KeyspaceOptions}.
 *
 * <p>The engine keeps the source until the keyspace is removed or the engine closed, and no load
 * can call it any more. A source that refers to its engine keeps it from being collected: close it.
 */
@FunctionalInterface
public interface DataSource {
  /**
   * Fetches the value of one key.
   *
   * @param fetch which key, and how long the answer is wanted
   * @return the answer; null means {@link Answer#notFound()}
   * @throws Exception the readers of this key receive SOURCE_FAILED with its message, and nobody
   *     else is touched. It is retriable if it is a {@link DistcacheException} that says so, and
   *     not otherwise. This holds for every {@link Throwable}
   */
  Answer fetch(Fetch fetch) throws Exception;

  /**
   * A source that answers later, for clients that do not block.
   *
   * @param source called like {@link #fetch}
   * @return the same as a data source
   */
  static DataSource async(Async source) {
    Objects.requireNonNull(source, "source");
    return fetch -> Answer.later(source.fetch(fetch));
  }

  /** The form of a source that answers later. */
  @FunctionalInterface
  interface Async {
    /**
     * Begins to fetch the value of one key.
     *
     * @param fetch which key, and how long the answer is wanted; may be asked until the answer
     * @return completed with the answer by any thread; a failure is treated like one thrown
     * @throws Exception as in {@link DataSource#fetch}
     */
    CompletionStage<Answer> fetch(Fetch fetch) throws Exception;
  }
}
