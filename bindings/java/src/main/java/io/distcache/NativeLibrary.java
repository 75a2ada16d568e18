package io.distcache;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds the native side: in the folder of the property {@value #PROPERTY}, else on {@code
 * java.library.path}, else in the jar. The glue finds {@code libdistcache.so} beside itself, else
 * where the system's linker looks.
 */
final class NativeLibrary {
  /** Folder of the native libraries; nothing else is tried if it is set. */
  static final String PROPERTY = "distcache.library.path";

  /** Folder under which those of the jar are unpacked; default {@code java.io.tmpdir}. */
  static final String UNPACK_PROPERTY = "distcache.unpack.path";

  private static final String GLUE = System.mapLibraryName("distcache_jni");
  private static final String LIBRARY = "libdistcache.so.1";

  private NativeLibrary() {}

  static void load() {
    List<String> tried = new ArrayList<>();
    String folder = System.getProperty(PROPERTY);
    if (folder != null) {
      if (!loadFrom(Path.of(folder).toAbsolutePath(), tried)) {
        throw missing(tried);
      }
      return;
    }
    try {
      System.loadLibrary("distcache_jni");
    } catch (UnsatisfiedLinkError error) {
      tried.add("java.library.path: " + error.getMessage());
      if (!loadFromJar(tried)) {
        throw missing(tried);
      }
    }
  }

  private static UnsatisfiedLinkError missing(List<String> tried) {
    return new UnsatisfiedLinkError(
        "the native side of distcache cannot be loaded; set -D" + PROPERTY + " to the folder with "
            + GLUE + " and " + LIBRARY + ". Tried:\n  " + String.join("\n  ", tried));
  }

  private static boolean loadFrom(Path folder, List<String> tried) {
    Path glue = folder.resolve(GLUE);
    try {
      System.load(glue.toString());
      return true;
    } catch (UnsatisfiedLinkError error) {
      tried.add(glue + ": " + error.getMessage());
      return false;
    }
  }

  private static String platform() {
    String arch = System.getProperty("os.arch").replace("amd64", "x86_64");
    return System.getProperty("os.name").toLowerCase(java.util.Locale.ROOT) + "-" + arch;
  }

  /** Into a folder of its own that nobody else can read; gone again as soon as it is loaded. */
  private static boolean loadFromJar(List<String> tried) {
    String from = "/native/" + platform() + "/";
    String parent = System.getProperty(UNPACK_PROPERTY, System.getProperty("java.io.tmpdir"));
    Path folder = null;
    try {
      folder =
          Files.createTempDirectory(
              Path.of(parent),
              "distcache-",
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      if (!unpack(from + GLUE, folder.resolve(GLUE))) {
        tried.add("the jar has no " + from + GLUE);
        return false;
      }
      unpack(from + LIBRARY, folder.resolve(LIBRARY));
      return loadFrom(folder, tried);
    } catch (IOException | UnsupportedOperationException error) {
      tried.add("unpacking " + from + " from the jar into " + parent + ": " + error);
      return false;
    } finally {
      remove(folder);
    }
  }

  private static boolean unpack(String resource, Path to) throws IOException {
    try (InputStream in = NativeLibrary.class.getResourceAsStream(resource)) {
      if (in != null) {
        Files.copy(in, to);
      }
      return in != null;
    }
  }

  private static void remove(Path folder) {
    if (folder == null) {
      return;
    }
    try {
      Files.deleteIfExists(folder.resolve(GLUE));
      Files.deleteIfExists(folder.resolve(LIBRARY));
      Files.deleteIfExists(folder);
    } catch (IOException left) {
      folder.toFile().deleteOnExit();
    }
  }
}
