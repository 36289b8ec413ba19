package io.mop.plugins.filter;

import io.mop.api.data.Items;
import io.mop.api.data.Text;
import io.mop.api.data.TextChars;
import io.mop.plugins.filter.Operand.Type;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Tells whether the cursor's current item meets it; allocates nothing. */
interface Condition {
  boolean test(Items items);

  /** Operators, as in OTTL. */
  enum Operator {
    EQUAL("=="),
    NOT_EQUAL("!="),
    LESS_OR_EQUAL("<="),
    GREATER_OR_EQUAL(">="),
    LESS("<"),
    GREATER(">");

    final String sign;

    Operator(String sign) {
      this.sign = sign;
    }

    boolean accepts(int order) {
      return switch (this) {
        case EQUAL -> order == 0;
        case NOT_EQUAL -> order != 0;
        case LESS -> order < 0;
        case LESS_OR_EQUAL -> order <= 0;
        case GREATER -> order > 0;
        case GREATER_OR_EQUAL -> order >= 0;
      };
    }
  }

  /**
   * As OTTL compares: an int and a double as numbers, everything else only with its own type; of different types are
   * different and neither is less.
   */
  static Condition compare(Operand a, Operator operator, Operand b) {
    return items -> {
      a.load(items);
      b.load(items);
      if (a.type == Type.INT && b.type == Type.INT) return operator.accepts(Long.compare(a.integer, b.integer));
      if (a.isNumber() && b.isNumber()) return real(a.number(), operator, b.number());
      if (a.type != b.type || a.type == Type.OTHER) return operator == Operator.NOT_EQUAL;
      return switch (a.type) {
        case TEXT -> operator.accepts(compare(a.text, b.text));
        case BOOL -> operator.accepts(Boolean.compare(a.bool, b.bool));
        default -> operator == Operator.EQUAL; // both nil
      };
    };
  }

  private static boolean real(double a, Operator operator, double b) {
    if (Double.isNaN(a) || Double.isNaN(b)) return operator == Operator.NOT_EQUAL;
    return operator.accepts(a < b ? -1 : a > b ? 1 : 0);
  }

  private static int compare(Text a, Text b) {
    int n = Math.min(a.length(), b.length());
    for (int i = 0; i < n; i++) {
      int order = (a.at(i) & 0xFF) - (b.at(i) & 0xFF);
      if (order != 0) return order;
    }
    return a.length() - b.length();
  }

  /** Found anywhere in a text; numbers and booleans as their decimal form or word. */
  static Condition isMatch(Operand operand, Pattern pattern) {
    TextChars chars = new TextChars();
    Matcher matcher = pattern.matcher(chars);
    byte[] digits = new byte[20];
    byte[] yes = "true".getBytes(StandardCharsets.US_ASCII);
    byte[] no = "false".getBytes(StandardCharsets.US_ASCII);
    return items -> {
      operand.load(items);
      switch (operand.type) {
        case TEXT -> chars.set(operand.text);
        case INT -> chars.set(digits, decimal(operand.integer, digits), digits.length);
        case BOOL -> chars.set(operand.bool ? yes : no, 0, operand.bool ? yes.length : no.length);
        case DOUBLE -> {
          byte[] shown = Double.toString(operand.real).getBytes(StandardCharsets.US_ASCII);
          chars.set(shown, 0, shown.length);
        }
        case NIL, OTHER -> {
          return false;
        }
      }
      return matcher.reset().find();
    };
  }

  /** Writes the digits to the end; returns where they begin. */
  private static int decimal(long v, byte[] target) {
    int at = target.length;
    long rest = v;
    do {
      target[--at] = (byte) ('0' + Math.abs(rest % 10));
      rest /= 10;
    } while (rest != 0);
    if (v < 0) target[--at] = '-';
    return at;
  }
}
