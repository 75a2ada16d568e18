package io.distcache;

import java.util.List;

/** UNKNOWN: the write was sent and no answer came. Doing it again is harmless. */
public class UnknownOutcomeException extends DistcacheException {
  private static final long serialVersionUID = 1L;

  UnknownOutcomeException(boolean retriable, String message) {
    super(Status.UNKNOWN, retriable, message, List.of());
  }
}
