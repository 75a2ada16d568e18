package io.distcache.programs;

import io.distcache.Answer;
import io.distcache.DataSource;
import io.distcache.Fetch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** The source of a member of a ring: values that can be checked, and a ledger of all loads. */
final class PageSource implements DataSource {
  private static final int FILLING_MAX = 2048;
  private static final int LARGE_BYTES = 100_000;
  private static final int LARGE_EVERY = 64;

  private final String name;
  private final FileChannel ledger;
  private final Map<String, Long> made = new ConcurrentHashMap<>();
  private final AtomicLong loads = new AtomicLong();

  PageSource(String name, String ledger) throws IOException {
    this.name = name;
    this.ledger =
        FileChannel.open(
            Path.of(ledger),
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.APPEND);
  }

  long loads() {
    return loads.get();
  }

  @Override
  public Answer fetch(Fetch fetch) throws IOException {
    String key = new String(fetch.key(), StandardCharsets.UTF_8);
    String number = Long.toString(made.merge(key, 1L, Long::sum));
    loads.incrementAndGet();
    ledger.write(ByteBuffer.wrap(Bytes.of(title(key, number) + "\n")));
    return Answer.of(value(key, number));
  }

  private String title(String key, String number) {
    return key + " " + name + " java " + number;
  }

  byte[] value(String key, String number) {
    return value(Bytes.of(title(key, number)));
  }

  private static byte[] value(byte[] title) {
    long hash = Bytes.hash(title, title.length);
    int filling = (int) Long.remainderUnsigned(hash, FILLING_MAX);
    if (Long.remainderUnsigned(hash, LARGE_EVERY) == 0) {
      filling += LARGE_BYTES;
    }
    byte[] value = new byte[title.length + 1 + filling];
    System.arraycopy(title, 0, value, 0, title.length);
    value[title.length] = '\n';
    long x = hash | 1;
    for (int i = title.length + 1; i < value.length; i++) {
      x ^= x << 13;
      x ^= x >>> 7;
      x ^= x << 17;
      value[i] = (byte) (x >>> 56);
    }
    return value;
  }

  /** What the first line says after the key; null if the value is not what it must be. */
  static String check(String key, byte[] value) {
    int end = 0;
    while (end < value.length && value[end] != '\n') {
      end++;
    }
    byte[] title = java.util.Arrays.copyOf(value, end);
    String text = new String(title, StandardCharsets.UTF_8);
    boolean right = text.startsWith(key + " ") && java.util.Arrays.equals(value, value(title));
    return right ? text.substring(key.length() + 1) : null;
  }
}
