package io.mop.shell;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/**
 * What follows {@code mop:why}.
 *
 * @param pid 0 if a port is asked for
 * @param port 0 if a process is asked for
 */
record WhyOptions(int pid, int port, boolean json) {
  static final String USAGE = "expected mop:why --pid P | --port N [-o text|json].";
  /** PID_MAX_LIMIT of 64-bit kernels. */
  private static final int MOST_PID = 1 << 22;
  private static final int MOST_PORT = 65535;

  /** @throws IllegalArgumentException with a sentence */
  static WhyOptions parse(String... args) {
    Deque<String> words = new ArrayDeque<>(Arrays.asList(args));
    int pid = 0;
    int port = 0;
    boolean json = false;
    while (!words.isEmpty()) {
      String word = words.poll();
      switch (word) {
        case "--pid" -> pid = number(word, words, MOST_PID);
        case "--port" -> port = number(word, words, MOST_PORT);
        case "-o", "--output" -> json = json(value(word, words));
        default -> throw new IllegalArgumentException("\"" + word + "\": " + USAGE);
      }
    }
    if ((pid == 0) == (port == 0)) throw new IllegalArgumentException("A process or a port: " + USAGE);
    return new WhyOptions(pid, port, json);
  }

  private static String value(String option, Deque<String> words) {
    if (words.isEmpty()) throw new IllegalArgumentException(option + " lacks its value: " + USAGE);
    return words.poll();
  }

  private static boolean json(String output) {
    return switch (output) {
      case "json" -> true;
      case "text" -> false;
      default -> throw new IllegalArgumentException("Output \"" + output + "\" is unknown: expected text or json.");
    };
  }

  private static int number(String option, Deque<String> words, int most) {
    String text = value(option, words);
    if (text.matches("\\d{1,8}")) {
      int n = Integer.parseInt(text);
      if (n >= 1 && n <= most) return n;
    }
    throw new IllegalArgumentException(option + " is \"" + text + "\", expected 1 to " + most + ".");
  }

  /** E.g. {@code process 4711}. */
  String subject() {
    return pid > 0 ? "process " + pid : "port " + port;
  }
}
