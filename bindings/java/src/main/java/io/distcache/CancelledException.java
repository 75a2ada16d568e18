package io.distcache;

import java.util.List;

/** CANCELLED: by an interrupt. The operation was given up; a write is not applied. */
public class CancelledException extends DistcacheException {
  private static final long serialVersionUID = 1L;

  CancelledException(boolean retriable, String message) {
    super(Status.CANCELLED, retriable, message, List.of());
  }
}
