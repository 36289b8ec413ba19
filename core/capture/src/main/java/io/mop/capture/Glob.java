package io.mop.capture;

/** Patterns in which {@code *} stands for any text and {@code ?} for any character. */
final class Glob {
  private Glob() {}

  /**
   * Whether the pattern describes the whole text. Goes back to the last {@code *} only, so that no pattern takes longer
   * than the product of both lengths.
   */
  static boolean matches(String pattern, String text) {
    int p = 0;
    int star = -1;
    int from = 0;
    for (int t = 0; t < text.length(); ) {
      char c = p < pattern.length() ? pattern.charAt(p) : 0;
      if (c == '*') {
        star = p++;
        from = t;
      } else if (p < pattern.length() && (c == '?' || c == text.charAt(t))) {
        p++;
        t++;
      } else if (star >= 0) {
        p = star + 1;
        t = ++from;
      } else {
        return false;
      }
    }
    while (p < pattern.length() && pattern.charAt(p) == '*') p++;
    return p == pattern.length();
  }
}
