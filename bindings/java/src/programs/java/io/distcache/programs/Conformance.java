package io.distcache.programs;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** {@code conformance FILE [NAME...]}: plays scenarios and prints what it saw. */
public final class Conformance {
  /** How long anything may take. */
  static final Duration PATIENCE = Duration.ofSeconds(120);

  private Conformance() {}

  /**
   * The program.
   *
   * @param arguments file and names
   * @throws IOException the file cannot be read
   */
  public static void main(String[] arguments) throws IOException {
    if (arguments.length == 0) {
      System.err.println("usage: conformance FILE [NAME...]");
      System.exit(2);
    }
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    Map<String, Object> file = Json.parse(Files.readString(Path.of(arguments[0])));
    List<String> names = List.of(arguments).subList(1, arguments.length);
    for (Object each : Json.list(file.get("scenarios"))) {
      Map<String, Object> scenario = Json.object(each);
      String name = (String) scenario.get("name");
      if (!names.isEmpty() && !names.contains(name)) {
        continue;
      }
      try (Scenario played = new Scenario(scenario, out)) {
        played.play();
      } catch (RuntimeException failure) {
        out.flush();
        System.err.println("conformance: " + name + ": " + failure);
        System.exit(1);
      }
    }
    out.flush();
  }
}
