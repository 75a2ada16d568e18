package io.distcache;

import java.util.List;

/** OVERLOADED, RATE_LIMITED or CIRCUIT_OPEN: try again after a pause; a write is not applied. */
public class OverloadedException extends DistcacheException {
  private static final long serialVersionUID = 1L;

  OverloadedException(Status status, boolean retriable, String message) {
    super(status, retriable, message, List.of());
  }
}
