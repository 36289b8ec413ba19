package io.mop.exporters.summary;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Rows of cells as aligned lines: the first three columns to the left, numbers to the right. */
final class Table {
  private static final int LEFT = 3;
  private static final int[] WIDEST = {24, 40, 12, 12, 12, 12, 12, 14};

  private final List<String[]> rows = new ArrayList<>();

  void add(String... cells) {
    rows.add(cells);
  }

  List<String> lines() {
    int[] widths = new int[WIDEST.length];
    for (String[] row : rows) {
      for (int i = 0; i < row.length; i++) {
        row[i] = cut(row[i], WIDEST[i]);
        widths[i] = Math.max(widths[i], row[i].codePointCount(0, row[i].length()));
      }
    }
    List<String> lines = new ArrayList<>();
    for (String[] row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < row.length; i++) {
        String space = " ".repeat(widths[i] - row[i].codePointCount(0, row[i].length()));
        line.append(i < LEFT ? row[i] + space : space + row[i]).append("  ");
      }
      lines.add(line.toString().stripTrailing());
    }
    return lines;
  }

  /** One line of at most {@code widest} characters; what an application sent must not move the cursor. */
  private static String cut(String s, int widest) {
    String line = s.replaceAll("[\\p{Cc}\\p{Cf}\\u2028\\u2029]", "�");
    if (line.codePointCount(0, line.length()) <= widest) return line;
    return line.substring(0, line.offsetByCodePoints(0, widest - 1)) + "…";
  }

  /** Three digits or so: {@code 850 ns}, {@code 421 µs}, {@code 12.3 ms}, {@code 1.02 s}. */
  static String duration(long nanos) {
    if (nanos < 1_000) return nanos + " ns";
    if (nanos < 1_000_000) return format(nanos / 1e3) + " µs";
    if (nanos < 1_000_000_000) return format(nanos / 1e6) + " ms";
    return format(nanos / 1e9) + " s";
  }

  private static String format(double d) {
    return String.format(Locale.ROOT, d < 9.995 ? "%.2f" : d < 99.95 ? "%.1f" : "%.0f", d);
  }
}
