package io.distcache.programs;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads JSON: objects become maps in their order, the rest String, Long, Boolean, List or null. */
final class Json {
  private final String text;
  private int at;

  private Json(String text) {
    this.text = text;
  }

  static Map<String, Object> parse(String text) {
    Json json = new Json(text);
    Map<String, Object> read = object(json.value());
    json.space();
    if (json.at != text.length()) {
      throw json.fault("the end");
    }
    return read;
  }

  @SuppressWarnings("unchecked")
  static Map<String, Object> object(Object value) {
    return value == null ? Map.of() : (Map<String, Object>) value;
  }

  @SuppressWarnings("unchecked")
  static List<Object> list(Object value) {
    return value == null ? List.of() : (List<Object>) value;
  }

  static long number(Object value) {
    return value == null ? 0 : (Long) value;
  }

  static boolean flag(Object value) {
    return value != null && (Boolean) value;
  }

  static void expectMembers(Map<String, Object> object, Set<String> known) {
    for (String name : object.keySet()) {
      if (!known.contains(name)) {
        throw new IllegalArgumentException("unknown member '" + name + "'");
      }
    }
  }

  private RuntimeException fault(String expected) {
    return new IllegalArgumentException("JSON, byte " + at + ": expected " + expected);
  }

  private void space() {
    while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }

  private boolean taken(String word) {
    boolean is = text.startsWith(word, at);
    at += is ? word.length() : 0;
    return is;
  }

  private void take(String word) {
    space();
    if (!taken(word)) {
      throw fault(word);
    }
  }

  private boolean ends(String bracket, boolean first) {
    space();
    if (taken(bracket)) {
      return true;
    }
    if (!first) {
      take(",");
      space();
    }
    return false;
  }

  private Object value() {
    space();
    if (taken("{")) {
      Map<String, Object> members = new LinkedHashMap<>();
      while (!ends("}", members.isEmpty())) {
        String name = string();
        take(":");
        members.put(name, value());
      }
      return members;
    }
    if (taken("[")) {
      List<Object> items = new ArrayList<>();
      while (!ends("]", items.isEmpty())) {
        items.add(value());
      }
      return items;
    }
    if (taken("true")) {
      return true;
    }
    if (taken("false")) {
      return false;
    }
    if (taken("null")) {
      return null;
    }
    return at < text.length() && text.charAt(at) == '"' ? string() : integer();
  }

  private Long integer() {
    int begin = at;
    while (at < text.length() && "-0123456789".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
    String digits = text.substring(begin, at);
    if (digits.isEmpty()) {
      throw fault("a value");
    }
    return digits.startsWith("-") ? Long.parseLong(digits) : Long.parseUnsignedLong(digits);
  }

  private String string() {
    take("\"");
    StringBuilder out = new StringBuilder();
    for (char c; (c = text.charAt(at++)) != '"'; ) {
      if (c != '\\') {
        out.append(c);
        continue;
      }
      char escaped = text.charAt(at++);
      int known = "nrtbf".indexOf(escaped);
      if (escaped == 'u') {
        out.append((char) Integer.parseInt(text.substring(at, at + 4), 16));
        at += 4;
      } else {
        out.append(known < 0 ? escaped : "\n\r\t\b\f".charAt(known));
      }
    }
    return out.toString();
  }
}
