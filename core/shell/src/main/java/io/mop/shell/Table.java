package io.mop.shell;

import java.util.List;
import java.util.Locale;

/** Columns for people. */
final class Table {
  /** Longest text of a cell, in characters. */
  static final int CELL = 160;

  private static final List<String> UNITS = List.of("KiB", "MiB", "GiB", "TiB");

  private Table() {}

  /**
   * Lines of equal columns, each ended by a newline.
   *
   * @param rows the header first; every row has as many cells
   * @param left columns of text at the beginning
   * @param numbers columns after them that end at the right; those after these are text again
   */
  static String of(List<List<String>> rows, int left, int numbers) {
    int[] width = new int[rows.get(0).size()];
    for (List<String> row : rows) {
      for (int i = 0; i < width.length; i++) {
        width[i] = Math.max(width[i], row.get(i).length());
      }
    }
    StringBuilder b = new StringBuilder();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < width.length; i++) {
        String pad = " ".repeat(width[i] - row.get(i).length());
        boolean number = i >= left && i < left + numbers;
        line.append(i == 0 ? "" : "  ").append(number ? pad + row.get(i) : row.get(i) + pad);
      }
      b.append(line.toString().stripTrailing()).append('\n');
    }
    return b.toString();
  }

  /** A reason may quote foreign text of any length; it must stay in its cell. */
  static String cell(String text) {
    String line = text.replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
    if (line.length() <= CELL) {
      return line;
    }
    int end = CELL - 1;
    return line.substring(0, Character.isHighSurrogate(line.charAt(end - 1)) ? end - 1 : end) + "…";
  }

  /** E.g. {@code 3.0 MiB}. */
  static String size(long bytes) {
    if (bytes < 1 << 10) {
      return bytes + " B";
    }
    double value = bytes / 1024.0;
    int unit = 0;
    while (value >= 1024 && unit < UNITS.size() - 1) {
      value /= 1024;
      unit++;
    }
    return String.format(Locale.ROOT, "%.1f %s", value, UNITS.get(unit));
  }
}
