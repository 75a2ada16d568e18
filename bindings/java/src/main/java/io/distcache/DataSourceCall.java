package io.distcache;

import java.util.concurrent.CompletionException;

/** A data source as the native side holds it: calls it, and answers whatever becomes of it. */
final class DataSourceCall {
  private final DataSource source;
  private final String keyspace;
  private final ClassLoader loader = Thread.currentThread().getContextClassLoader();

  DataSourceCall(DataSource source, String keyspace) {
    this.source = source;
    this.keyspace = keyspace;
  }

  /** SOURCE thread. */
  void fetch(long handle, byte[] key) {
    Thread thread = Thread.currentThread();
    thread.setContextClassLoader(loader);
    try {
      Fetch fetch = new Fetch(handle, key, keyspace);
      answer(fetch, source.fetch(fetch));
    } catch (Throwable thrown) {
      fail(handle, thrown);
    } finally {
      thread.setContextClassLoader(null);
      Thread.interrupted(); // an interrupt was meant for this load and not for the next one
    }
  }

  static void answer(Fetch fetch, Answer answer) {
    try {
      (answer == null ? Answer.notFound() : answer).answer(fetch);
    } catch (Throwable thrown) {
      fail(fetch.handle, thrown);
    }
  }

  static void fail(long handle, Throwable thrown) {
    Throwable cause = thrown;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    boolean retriable = cause instanceof DistcacheException failure && failure.isRetriable();
    Native.fetchFail(handle, retriable, Native.message(messageOf(cause)));
  }

  /** The user's getMessage may throw as well. */
  static String messageOf(Throwable cause) {
    try {
      String message = cause.getMessage();
      return message == null ? cause.getClass().getName() : message;
    } catch (Throwable thrown) {
      return cause.getClass().getName();
    }
  }
}
