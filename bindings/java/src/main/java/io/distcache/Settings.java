package io.distcache;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** How typed settings become the texts of properties. */
final class Settings {
  private Settings() {}

  static String text(Duration time) {
    return Long.toString(Millis.of(time));
  }

  static String text(Enum<?> choice) {
    return choice.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static String text(boolean on) {
    return on ? "on" : "off";
  }

  static String text(List<String> items) {
    return String.join(",", items);
  }
}
