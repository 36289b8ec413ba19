package io.mop.capture;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** What a JVM runs: the jar without its version, else the main class. What is in an {@code @argfile} is not seen. */
final class JavaCommand {
  private static final Options OPTIONS =
      new Options(
          Set.of(
              "-cp", "-classpath", "--class-path", "-p", "--module-path", "--upgrade-module-path", "--add-modules",
              "--limit-modules", "--add-reads", "--add-exports", "--add-opens", "--patch-module",
              "--enable-native-access", "--source"),
          Pattern.compile("-jar|-m|--module(=.*)?"));
  private static final Pattern VERSION = Pattern.compile("-v?\\d+(\\.\\d+)+\\w*([-.+]\\w+)*$|-v?\\d+-SNAPSHOT$");
  private static final Pattern SUFFIX = Pattern.compile("\\.[jw]ar$");

  private JavaCommand() {}

  static Optional<String> name(List<String> arguments) {
    List<String> seen = arguments.stream().filter(a -> !a.startsWith("@")).toList();
    int main = OPTIONS.end(seen, 1);
    if (main >= 0) return Optional.of(seen.get(main));
    for (int i = 1; i < seen.size(); i++) {
      String a = seen.get(i);
      if (a.startsWith("--module=")) return Optional.of(mainClass(a.substring(9)));
      if (i + 1 == seen.size()) break;
      if (a.equals("-jar")) return Optional.of(jar(seen.get(i + 1)));
      if (a.equals("-m") || a.equals("--module")) return Optional.of(mainClass(seen.get(i + 1)));
    }
    return Optional.empty();
  }

  /** {@code module/class} or a module. */
  private static String mainClass(String module) {
    return module.substring(module.indexOf('/') + 1);
  }

  private static String jar(String path) {
    String file = path.substring(path.lastIndexOf('/') + 1);
    String name = SUFFIX.matcher(file).replaceFirst("");
    String plain = VERSION.matcher(name).replaceFirst("");
    return plain.isEmpty() ? name : plain;
  }
}
