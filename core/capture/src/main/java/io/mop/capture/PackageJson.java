package io.mop.capture;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;

/** The package that a JavaScript file belongs to, as Node.js looks for it: the nearest package.json above. */
final class PackageJson {
  private static final int LEVELS = 16;

  private PackageJson() {}

  /** @param script an absolute path */
  static Optional<String> name(Path script, Function<Path, Optional<String>> files) {
    Path directory = script.normalize().getParent();
    for (int i = 0; i < LEVELS && directory != null; i++, directory = directory.getParent()) {
      if (directory.endsWith("node_modules")) return Optional.empty();
      Optional<String> text = files.apply(directory.resolve("package.json"));
      if (text.isPresent()) return name(text.get());
    }
    return Optional.empty();
  }

  /** The text {@code name} of the outermost object. */
  static Optional<String> name(String json) {
    int depth = 0;
    String key = "";
    for (int i = 0; i < json.length(); i++) {
      char c = json.charAt(i);
      if (c == '{' || c == '[') depth++;
      if (c == '}' || c == ']') depth--;
      if (c == ',') key = "";
      if (c != '"') continue;
      int end = stringEnd(json, i + 1);
      if (end < 0) return Optional.empty();
      String text = json.substring(i + 1, end);
      boolean value = depth == 1 && key.equals("name");
      if (value && !text.isBlank() && text.indexOf('\\') < 0) return Optional.of(text);
      key = depth == 1 && key.isEmpty() ? text : "\n";
      i = end;
    }
    return Optional.empty();
  }

  private static int stringEnd(String json, int from) {
    for (int i = from; i < json.length(); i++) {
      char c = json.charAt(i);
      if (c == '\\') i++;
      else if (c == '"') return i;
    }
    return -1;
  }
}
