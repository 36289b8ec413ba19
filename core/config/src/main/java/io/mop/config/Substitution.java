package io.mop.config;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * {@code ${env:NAME}}, {@code ${env:NAME:-default}}, {@code ${file:PATH}} and, as the collector reads it, {@code
 * ${NAME}} for {@code ${env:NAME}}. {@code $$} is a dollar sign; a dollar sign before anything else stays. The default
 * stands in for a variable that is not set; one that is set to nothing is nothing, as in the collector. A relative path
 * starts at the directory of the configuration file; a line break at the end of the file is not part of the value. What
 * is put in is not substituted again.
 */
final class Substitution {
  /** Greatest size of a file, in bytes, and of a value, in characters. */
  static final int MOST = 1 << 20;

  private static final String FORMS = "${env:NAME}, ${env:NAME:-default} or ${file:PATH}";

  /** A reference that has no value. */
  static final class Unresolved extends Exception {
    private static final long serialVersionUID = 1;

    Unresolved(String message) {
      super(message, null, false, false);
    }
  }

  private final Function<String, String> env;
  private final Path directory;
  private final Sources seen;
  private final Map<String, String> files = new HashMap<>();

  /**
   * @param env a variable's value, or null if it is not set, like {@link System#getenv(String)}
   * @param directory where relative paths start
   */
  Substitution(Function<String, String> env, Path directory) {
    this(env, directory, new Sources());
  }

  /** @param seen is told of the files that were read */
  Substitution(Function<String, String> env, Path directory, Sources seen) {
    this.env = env;
    this.directory = directory;
    this.seen = seen;
  }

  String apply(String text) throws Unresolved {
    if (text.indexOf('$') < 0) return text;
    var out = new StringBuilder();
    int i = 0;
    while (i < text.length()) {
      int dollar = text.indexOf('$', i);
      if (dollar < 0 || dollar == text.length() - 1) break;
      out.append(text, i, dollar);
      char next = text.charAt(dollar + 1);
      if (next == '{') {
        int end = text.indexOf('}', dollar);
        if (end < 0) throw new Unresolved("'${' without '}'; write $${ for the text ${");
        out.append(value(text.substring(dollar + 2, end)));
        i = end + 1;
      } else {
        out.append('$');
        i = dollar + (next == '$' ? 2 : 1);
      }
      if (out.length() > MOST) throw new Unresolved("longer than " + MOST + " characters after substitution");
    }
    return out.append(text, i, text.length()).toString();
  }

  private String value(String reference) throws Unresolved {
    if (reference.contains("${")) throw new Unresolved("a substitution inside a substitution is not supported");
    if (reference.startsWith("file:")) return file(reference.substring(5));
    String name = reference.startsWith("env:") ? reference.substring(4) : reference;
    int separator = name.indexOf(":-");
    String variable = separator < 0 ? name : name.substring(0, separator);
    if (!variable.matches("[A-Za-z_][A-Za-z0-9_]*"))
      throw new Unresolved("'${' without env: or file:; expected " + FORMS + ", or $${ for the text ${");
    String value = env.apply(variable);
    if (value == null && separator >= 0) return name.substring(separator + 2);
    if (value == null)
      throw new Unresolved(
          "environment variable " + Names.printable(variable)
              + " is not set; set it, or give a default: ${env:" + Names.printable(variable) + ":-default}");
    return value;
  }

  private String file(String path) throws Unresolved {
    String known = files.get(path);
    if (known != null) return known;
    String printed = "file '" + Names.printable(path) + "' ";
    try {
      Path file = directory.resolve(path);
      if (!Files.isRegularFile(file)) {
        seen.absent(file);
        throw new Unresolved(printed + (Files.exists(file) ? "is not a regular file" : "does not exist"));
      }
      byte[] bytes = seen.read(file, MOST + 1);
      if (bytes.length > MOST) throw new Unresolved(printed + "is larger than 1MiB");
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      if (text.endsWith("\n")) text = text.substring(0, text.length() - 1);
      if (text.endsWith("\r")) text = text.substring(0, text.length() - 1);
      files.put(path, text);
      return text;
    } catch (NoSuchFileException e) {
      throw new Unresolved(printed + "does not exist");
    } catch (CharacterCodingException e) {
      throw new Unresolved(printed + "is not UTF-8 text");
    } catch (IOException e) {
      throw new Unresolved(printed + "cannot be read");
    } catch (InvalidPathException e) {
      throw new Unresolved("'" + Names.printable(path) + "' is not a path");
    }
  }
}
