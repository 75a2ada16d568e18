package io.distcache.programs;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;

/** Notations of bytes in the scenarios, and how values are printed. */
final class Bytes {
  private static final int SHOWN_MAX = 64;

  private Bytes() {}

  static byte[] of(Object notation) {
    if (notation instanceof String text) {
      return text.getBytes(StandardCharsets.UTF_8);
    }
    Map<String, Object> object = Json.object(notation);
    if (object.get("hex") instanceof String hex) {
      return HexFormat.of().parseHex(hex);
    }
    if (object.get("repeat") instanceof String hex) {
      byte[] part = HexFormat.of().parseHex(hex);
      byte[] whole = new byte[part.length * (int) Json.number(object.get("times"))];
      for (int i = 0; i < whole.length; i++) {
        whole[i] = part[i % part.length];
      }
      return whole;
    }
    if (!object.containsKey("ramp")) {
      throw new IllegalArgumentException("no notation of bytes: " + notation);
    }
    byte[] ramp = new byte[(int) Json.number(object.get("ramp"))];
    for (int i = 0; i < ramp.length; i++) {
      ramp[i] = (byte) i;
    }
    return ramp;
  }

  /** FNV-1a, 64 bits. */
  static long hash(byte[] bytes, int length) {
    long hash = 0xcbf29ce484222325L;
    for (int i = 0; i < length; i++) {
      hash = (hash ^ (bytes[i] & 0xff)) * 0x100000001b3L;
    }
    return hash;
  }

  static String show(byte[] value) {
    boolean plain = value.length <= SHOWN_MAX;
    for (int i = 0; plain && i < value.length; i++) {
      plain = value[i] >= 0x20 && value[i] <= 0x7e && value[i] != '"' && value[i] != '\\';
    }
    if (plain) {
      return '"' + new String(value, StandardCharsets.US_ASCII) + '"';
    }
    return String.format("[%d bytes %016x]", value.length, hash(value, value.length));
  }

  /** Bytes as the key of a map. */
  record Key(byte[] bytes) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Key key && Arrays.equals(bytes, key.bytes);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(bytes);
    }
  }
}
