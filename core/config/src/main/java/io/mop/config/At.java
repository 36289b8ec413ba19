package io.mop.config;

/**
 * A place in the file.
 *
 * @param line from 1
 * @param path e.g. {@code processors.attributes.actions[0].action}; empty = the file
 */
record At(int line, String path) {
  At key(String key, int line) {
    String printed = Names.printable(key);
    return new At(line, path.isEmpty() ? printed : path + "." + printed);
  }

  At key(String key, Node.Entry entry) {
    return key(key, entry.line());
  }

  At item(int index, int line) {
    return new At(line, path + "[" + index + "]");
  }

  /**
   * The place of {@code key}, e.g. {@code protocols.grpc.endpoint} or {@code actions[0].key}, below {@code node}, which
   * is at this place. Where the file does not write the key, the line is that of the last part that it does write.
   */
  At below(Node node, String key) {
    int line = this.line;
    Node at = node;
    String rest = key;
    while (!rest.isEmpty()) {
      if (at instanceof Node.Mapping map) {
        String next = firstKey(map, rest);
        if (next.isEmpty()) break;
        line = map.entries().get(next).line();
        at = map.entries().get(next).value();
        rest = rest.substring(next.length());
      } else if (at instanceof Node.Items items && rest.matches("(?s)\\[\\d{1,6}].*")) {
        int end = rest.indexOf(']');
        int index = Integer.parseInt(rest.substring(1, end));
        if (index >= items.values().size()) break;
        at = items.values().get(index);
        line = at.line();
        rest = rest.substring(end + 1);
      } else {
        break;
      }
      if (rest.startsWith(".")) rest = rest.substring(1);
    }
    String printed = Names.printable(key);
    boolean joined = path.isEmpty() || printed.isEmpty() || printed.startsWith("[");
    return new At(line, joined ? path + printed : path + "." + printed);
  }

  /** The longest key of {@code map} that {@code path} starts with: map keys may hold dots. */
  private static String firstKey(Node.Mapping map, String path) {
    String best = "";
    for (String key : map.entries().keySet()) {
      if (key.length() <= best.length() || !path.startsWith(key)) continue;
      boolean whole = path.length() == key.length() || ".[".indexOf(path.charAt(key.length())) >= 0;
      if (whole) best = key;
    }
    return best;
  }
}
