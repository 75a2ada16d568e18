package io.distcache;

import java.util.List;

/**
 * SOURCE_FAILED: a data source could not fetch. A {@link DataSource} throws it to say whether a
 * later load may succeed; readers receive one with the same message and the same answer.
 */
public class SourceException extends DistcacheException {
  private static final long serialVersionUID = 1L;

  SourceException(boolean retriable, String message) {
    super(Status.SOURCE_FAILED, retriable, message, List.of());
  }

  /**
   * For sources.
   *
   * @param message for people; what is over 1024 bytes is cut
   * @param retriable whether a later load may succeed
   */
  public SourceException(String message, boolean retriable) {
    this(retriable, String.valueOf(message));
  }

  /**
   * For sources.
   *
   * @param message for people; what is over 1024 bytes is cut
   * @param retriable whether a later load may succeed
   * @param cause what happened; stays in this process
   */
  public SourceException(String message, boolean retriable, Throwable cause) {
    this(retriable, String.valueOf(message));
    initCause(cause);
  }
}
