package io.mop.plugins.redis;

import io.mop.api.capture.Stream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * The commands of Redis up to 8, and of its modules, from {@code commands.txt}: lines of an arity and the names that
 * have it, a subcommand behind its command's name and {@code |}. Found by hash, letters of either case alike.
 */
final class Commands {
  static final int MAX_NAME = 32;
  private static final int SIZE = 2048;
  private static final String[] NAMES = new String[SIZE];
  private static final Command[] COMMANDS = new Command[SIZE];

  static {
    try (InputStream in = Commands.class.getResourceAsStream("commands.txt");
        BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) add(line.split(" "));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    for (String name : NAMES.clone()) if (name != null && name.indexOf('|') > 0) containerOf(name);
  }

  private Commands() {}

  private static void add(String[] words) {
    for (int i = 1; i < words.length; i++) {
      int at = slot(words[i]);
      String name = words[i].replace('|', ' ');
      NAMES[at] = words[i];
      COMMANDS[at] = new Command(name, name, Integer.parseInt(words[0]));
    }
  }

  private static void containerOf(String subcommand) {
    COMMANDS[slot(subcommand.substring(0, subcommand.indexOf('|')))].container = true;
  }

  private static int slot(String name) {
    int hash = 0;
    for (int i = 0; i < name.length(); i++) hash = hash * 31 + name.charAt(i);
    int at = spread(hash);
    while (NAMES[at] != null && !NAMES[at].equals(name)) at = at + 1 & SIZE - 1;
    return at;
  }

  private static int spread(int hash) {
    return (hash ^ hash >>> 11 ^ hash >>> 22) & SIZE - 1;
  }

  /** The command whose name is in {@code from} to {@code to}; {@link Command#OTHER} if there is none. */
  static Command find(Stream in, int from, int to) throws Stream.Gap {
    return find(in, from, to, to, to, Command.OTHER);
  }

  /** The subcommand by its command's word and the second one; {@code command} if there is none. */
  static Command find(Stream in, int from, int to, int from2, int to2, Command command) throws Stream.Gap {
    if (to - from > MAX_NAME || to2 - from2 > MAX_NAME) return command;
    int hash = hash(in, from, to, 0);
    if (to2 > from2) hash = hash(in, from2, to2, hash * 31 + '|');
    for (int at = spread(hash); NAMES[at] != null; at = at + 1 & SIZE - 1) {
      if (same(in, from, to, from2, to2, NAMES[at])) return COMMANDS[at];
    }
    return command;
  }

  private static int hash(Stream in, int from, int to, int hash) throws Stream.Gap {
    for (int i = from; i < to; i++) hash = hash * 31 + upper(in.at(i));
    return hash;
  }

  private static boolean same(Stream in, int from, int to, int from2, int to2, String name) throws Stream.Gap {
    int first = to - from;
    int second = to2 - from2;
    if (name.length() != (second > 0 ? first + 1 + second : first)) return false;
    if (second > 0 && name.charAt(first) != '|') return false;
    for (int i = 0; i < first; i++) if (upper(in.at(from + i)) != name.charAt(i)) return false;
    for (int i = 0; i < second; i++) if (upper(in.at(from2 + i)) != name.charAt(first + 1 + i)) return false;
    return second > 0 || name.indexOf('|') < 0;
  }

  private static int upper(byte b) {
    return b >= 'a' && b <= 'z' ? b - 32 : b;
  }
}
