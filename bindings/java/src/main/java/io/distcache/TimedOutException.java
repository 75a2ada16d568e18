package io.distcache;

import java.util.List;

/** TIMED_OUT: the deadline passed. A load goes on for its other readers; a write is not applied. */
public class TimedOutException extends DistcacheException {
  private static final long serialVersionUID = 1L;

  TimedOutException(boolean retriable, String message) {
    super(Status.TIMED_OUT, retriable, message, List.of());
  }
}
