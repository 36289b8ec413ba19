package io.mop.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What a client and a server send each other, in order: the fixture of a decoder's test. As a text file:
 *
 * <pre>
 * # A comment; empty lines do not count.
 * > GET a\n
 * &lt; VALUE 1\r\n
 * &lt;|
 * </pre>
 *
 * {@code >} begins bytes of the client and {@code <} bytes of the server, one system call a line, behind one space.
 * Escapes are {@code \r \n \t \0 \\} and {@code \xHH}; every other char is one byte (ISO 8859-1). At {@code <|}
 * the server closes the connection.
 *
 * @param parts in the order in which they pass
 */
public record Conversation(List<Part> parts) {
  /**
   * One system call's bytes.
   *
   * @param request from the client to the server
   * @param bytes each char is one byte (ISO 8859-1)
   * @param ends the server closes the connection; there are no bytes
   */
  public record Part(boolean request, String bytes, boolean ends) {}

  public Conversation {
    parts = List.copyOf(parts);
  }

  /** Without a part. */
  public static Conversation empty() {
    return new Conversation(List.of());
  }

  /**
   * Reads a resource of the test class path.
   *
   * @param test its package is where a relative name is looked for
   * @throws IllegalArgumentException if there is none, or a line is not as described; the message says which
   */
  public static Conversation read(Class<?> test, String resource) {
    try (InputStream in = test.getResourceAsStream(resource)) {
      if (in == null) throw new IllegalArgumentException("there is no resource " + resource + " for " + test.getName());
      return parse(resource, new String(in.readAllBytes(), StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** @param name for messages */
  static Conversation parse(String name, String text) {
    List<Part> parts = new ArrayList<>();
    int number = 0;
    for (String line : text.lines().toList()) {
      number++;
      if (line.isBlank() || line.startsWith("#")) continue;
      if (line.equals("<|")) parts.add(new Part(false, "", true));
      else if (line.startsWith("> ")) parts.add(new Part(true, unescape(line, name, number), false));
      else if (line.startsWith("< ")) parts.add(new Part(false, unescape(line, name, number), false));
      else throw wrong(name, number, "expected \"> bytes\", \"< bytes\", \"<|\" or \"# comment\"");
    }
    return new Conversation(parts);
  }

  private static String unescape(String line, String name, int number) {
    StringBuilder bytes = new StringBuilder();
    for (int i = 2; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c != '\\') {
        bytes.append(c);
        continue;
      }
      char escape = ++i < line.length() ? line.charAt(i) : ' ';
      switch (escape) {
        case 'r' -> bytes.append('\r');
        case 'n' -> bytes.append('\n');
        case 't' -> bytes.append('\t');
        case '0' -> bytes.append('\0');
        case '\\' -> bytes.append('\\');
        case 'x' -> {
          if (!line.substring(i + 1).matches("[0-9a-fA-F]{2}.*")) throw wrong(name, number, "expected \\xHH");
          bytes.append((char) Integer.parseInt(line.substring(i + 1, i + 3), 16));
          i += 2;
        }
        default -> throw wrong(name, number, "expected \\r, \\n, \\t, \\0, \\\\ or \\xHH after a backslash");
      }
    }
    if (bytes.length() == 0) throw wrong(name, number, "expected bytes");
    return bytes.toString();
  }

  private static IllegalArgumentException wrong(String name, int line, String expected) {
    return new IllegalArgumentException(name + ":" + line + ": " + expected);
  }

  /** One part more: bytes of the client. */
  public Conversation request(String bytes) {
    return with(new Part(true, bytes, false));
  }

  /** One part more: bytes of the server. */
  public Conversation response(String bytes) {
    return with(new Part(false, bytes, false));
  }

  /** One part more: the server closes the connection. */
  public Conversation end() {
    return with(new Part(false, "", true));
  }

  private Conversation with(Part part) {
    List<Part> more = new ArrayList<>(parts);
    more.add(part);
    return new Conversation(more);
  }

  /** In bytes, both directions. */
  public int length() {
    return parts.stream().mapToInt(p -> p.bytes.length()).sum();
  }

  /** Every part as it is, then the connection is closed. */
  public void play(TestConnection to) {
    for (Part p : parts) send(to, p, p.bytes);
    to.close();
  }

  /** The part that {@code cut}, counted from the conversation's start, falls into comes in two pieces. */
  public void playSplit(TestConnection to, int cut) {
    int at = 0;
    for (Part p : parts) {
      int inside = cut - at;
      if (inside > 0 && inside < p.bytes.length()) {
        send(to, p, p.bytes.substring(0, inside));
        send(to, p, p.bytes.substring(inside));
      } else {
        send(to, p, p.bytes);
      }
      at += p.bytes.length();
    }
    to.close();
  }

  /** Every byte is a piece of its own. */
  public void playBytes(TestConnection to) {
    for (Part p : parts) {
      if (p.ends) send(to, p, "");
      for (int i = 0; i < p.bytes.length(); i++) send(to, p, p.bytes.substring(i, i + 1));
    }
    to.close();
  }

  static void send(TestConnection to, Part part, String bytes) {
    if (part.ends) to.serverCloses();
    else if (part.request) to.request(bytes);
    else to.response(bytes);
  }
}
