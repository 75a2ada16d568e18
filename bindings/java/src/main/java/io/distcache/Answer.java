package io.distcache;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionStage;

/**
 * What a {@link DataSource} answers. Immutable; the methods that add something answer a changed
 * copy. The array of a value is copied when the source has returned it, and not before.
 */
public final class Answer {
  private enum Kind {
    VALUE,
    NOT_FOUND,
    NOT_MODIFIED,
    LATER
  }

  private static final int NO_STORE = 1;
  private static final long TTL_NONE = -1;
  private static final Answer NOT_FOUND = new Answer(Kind.NOT_FOUND, null, null);

  private final Kind kind;
  private final byte[] value;
  private final CompletionStage<Answer> stage;
  private int flags;
  private long ttl;
  private long version;
  private List<String> tags = List.of();

  private Answer(Kind kind, byte[] value, CompletionStage<Answer> stage) {
    this.kind = kind;
    this.value = value;
    this.stage = stage;
  }

  private Answer copy() {
    Answer copy = new Answer(kind, value, stage);
    copy.flags = flags;
    copy.ttl = ttl;
    copy.version = version;
    copy.tags = tags;
    return copy;
  }

  /**
   * A value.
   *
   * @param value 0 bytes to {@code value.bytes.max}
   * @return the answer
   */
  public static Answer of(byte[] value) {
    return new Answer(Kind.VALUE, Objects.requireNonNull(value, "value"), null);
  }

  /**
   * A value that is text.
   *
   * @param value stored as UTF-8
   * @return the answer
   */
  public static Answer of(String value) {
    return of(value.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * The key does not exist: its readers are told so, and it is remembered for {@code
   * negative.ttl.ms}.
   *
   * @return the answer
   */
  public static Answer notFound() {
    return NOT_FOUND;
  }

  /**
   * The value that is held is still the right one; its ttl starts anew.
   *
   * @return the answer
   */
  public static Answer notModified() {
    return new Answer(Kind.NOT_MODIFIED, null, null);
  }

  /**
   * The answer comes when the stage completes. The thread of the source is free until then.
   *
   * @param stage completed by any thread; exceptionally: like a source that throws
   * @return the answer
   */
  public static Answer later(CompletionStage<Answer> stage) {
    return new Answer(Kind.LATER, null, Objects.requireNonNull(stage, "stage"));
  }

  /**
   * How long the value lives.
   *
   * @param ttl zero: the rules of the keyspace; negative: it has expired, so that it is given to
   *     the readers and kept nowhere. Jitter and {@code ttl.max.ms} of the keyspace apply
   * @return a changed copy
   */
  public Answer ttl(Duration ttl) {
    Answer copy = copy();
    copy.ttl = Millis.ttlOf(ttl);
    return copy;
  }

  /**
   * The value does not expire, unless {@code ttl.max.ms} says otherwise.
   *
   * @return a changed copy
   */
  public Answer noExpiry() {
    Answer copy = copy();
    copy.ttl = TTL_NONE;
    return copy;
  }

  /**
   * The value is given to its readers and kept nowhere.
   *
   * @return a changed copy
   */
  public Answer doNotStore() {
    Answer copy = copy();
    copy.flags |= NO_STORE;
    return copy;
  }

  /**
   * One more tag for invalidation.
   *
   * @param tag 1 to 256 bytes of UTF-8, no NUL; 16 tags at most, else the load fails
   * @return a changed copy
   */
  public Answer tag(String tag) {
    Answer copy = copy();
    List<String> more = new ArrayList<>(tags);
    more.add(Objects.requireNonNull(tag, "tag"));
    copy.tags = List.copyOf(more);
    return copy;
  }

  /**
   * The source's own number for this state of the value: a row version, a hash of an ETag. {@link
   * Fetch#sourceVersion} hands it back at the next load.
   *
   * @param version 0: none; unsigned
   * @return a changed copy
   */
  public Answer sourceVersion(long version) {
    Answer copy = copy();
    copy.version = version;
    return copy;
  }

  /** Hands this to the engine, at once or when the stage completes. Called once per fetch. */
  void answer(Fetch fetch) {
    switch (kind) {
      case VALUE -> Native.fetchComplete(fetch.handle, value, flags, ttl, version, packedTags());
      case NOT_FOUND -> Native.fetchNotFound(fetch.handle);
      case NOT_MODIFIED -> Native.fetchNotModified(fetch.handle, flags, ttl, version);
      default -> stage.whenComplete((later, failure) -> finish(fetch, later, failure));
    }
  }

  private static void finish(Fetch fetch, Answer later, Throwable failure) {
    if (failure != null) {
      DataSourceCall.fail(fetch.handle, failure);
    } else {
      DataSourceCall.answer(fetch, later);
    }
  }

  private byte[] packedTags() {
    if (tags.isEmpty()) {
      return null;
    }
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    for (String tag : tags) {
      packed.writeBytes(Native.text(tag));
    }
    return packed.toByteArray();
  }
}
