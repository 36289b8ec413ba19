package io.mop.capture;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Which script an interpreter runs. */
final class Scripts {
  private static final Options NODE =
      new Options(
          Set.of(
              "-r", "--require", "--import", "--loader", "--experimental-loader", "-C", "--conditions", "--env-file",
              "--env-file-if-exists", "--input-type", "--title", "--icu-data-dir", "--diagnostic-dir",
              "--disable-warning", "--dns-result-order", "--max-http-header-size", "--openssl-config",
              "--redirect-warnings", "--report-directory", "--stack-trace-limit", "--trace-event-categories",
              "--unhandled-rejections", "--watch-path"),
          Pattern.compile("-e|-p|-pe|-i|--eval(=.*)?|--print(=.*)?|--interactive|--test|--run(=.*)?"));
  private static final Map<String, Options> OTHERS =
      Map.of(
          "ruby", new Options(Set.of("-I", "-r", "-C", "-E"), Pattern.compile("-[acdlnpsvwWSxy]*e.*")),
          "perl", new Options(Set.of("-I"), Pattern.compile("-[acflnpstTuUvwWX]*[eE].*")),
          "php", new Options(Set.of("-c", "-d", "-z", "-t", "-S"), Pattern.compile("-[arBRE].*")));
  private static final Map<String, String> SUFFIXES = Map.of("ruby", "rb", "perl", "pl", "php", "php");

  private Scripts() {}

  static Optional<String> node(List<String> arguments) {
    int i = NODE.end(arguments, 1);
    return i < 0 ? Optional.empty() : Optional.of(arguments.get(i));
  }

  /** @param interpreter ruby, perl or php */
  static Optional<String> name(String interpreter, List<String> arguments) {
    int i = OTHERS.get(interpreter).end(arguments, 1);
    return i < 0 ? Optional.empty() : Optional.of(base(arguments.get(i), SUFFIXES.get(interpreter)));
  }

  /** File name without the suffix, which is a pattern. */
  static String base(String path, String suffix) {
    String file = path.substring(path.lastIndexOf('/') + 1);
    String name = file.replaceFirst("\\.(" + suffix + ")$", "");
    return name.isEmpty() ? file : name;
  }

  /** Name of the directory that a file is in, if the path tells. */
  static Optional<String> directory(String path) {
    int end = path.lastIndexOf('/');
    if (end < 0) return Optional.empty();
    String name = path.substring(path.lastIndexOf('/', end - 1) + 1, end);
    return Optional.of(name).filter(s -> !s.isEmpty() && !s.startsWith("."));
  }
}
