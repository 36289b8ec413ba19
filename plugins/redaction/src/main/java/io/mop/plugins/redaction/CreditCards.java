package io.mop.plugins.redaction;

/**
 * Finds card numbers: 13 to 19 digits in a row or with single blanks or dashes between them, the first 2 to 6, the last
 * right by Luhn's formula (ISO/IEC 7812-1).
 */
final class CreditCards {
  private CreditCards() {}

  static void find(byte[] b, int length, Ranges found) {
    for (int i = 0; i < length; i++) {
      if (!digit(b[i])) continue;
      int to = i;
      int digits = 0;
      for (; to < length; to++) {
        if (digit(b[to])) digits++;
        else if (!(b[to] == ' ' || b[to] == '-') || to + 1 == length || !digit(b[to + 1])) break;
      }
      if (digits >= 13 && digits <= 19 && b[i] >= '2' && b[i] <= '6' && luhn(b, i, to)) found.add(i, to);
      i = to;
    }
  }

  private static boolean luhn(byte[] b, int from, int to) {
    int sum = 0;
    boolean twice = false;
    for (int i = to - 1; i >= from; i--) {
      if (!digit(b[i])) continue;
      int d = (b[i] - '0') * (twice ? 2 : 1);
      sum += d > 9 ? d - 9 : d;
      twice = !twice;
    }
    return sum % 10 == 0;
  }

  private static boolean digit(byte c) {
    return c >= '0' && c <= '9';
  }
}
