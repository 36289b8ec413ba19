package io.mop.plugins.filter;

import io.mop.api.data.Fields;
import io.mop.plugins.filter.Condition.Operator;
import io.mop.plugins.filter.Operand.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Reads a condition in the part of OTTL, the OpenTelemetry Transformation Language, that needs no more than a look at
 * an item: paths, literals, comparisons, sums of ints, {@code and or not}, {@code IsMatch}.
 */
final class Parser {
  private static final int DEEPEST = 64;
  private static final Pattern TOKEN =
      Pattern.compile(
          "(?<text>\"(?:[^\"\\\\]|\\\\.)*\")|(?<real>\\d+\\.\\d*(?:[eE][+-]?\\d+)?|\\.\\d+|\\d+[eE][+-]?\\d+)"
              + "|(?<int>0[xX][0-9a-fA-F]+|\\d+)|(?<name>[A-Za-z_][A-Za-z0-9_]*(?:\\.[A-Za-z_][A-Za-z0-9_]*)*)"
              + "|(?<sign>==|!=|<=|>=|[-<>()+,\\[\\]])",
          Pattern.DOTALL);

  private final String source;
  private final Scope scope;
  private final List<Operand> operands = new ArrayList<>();
  private final Matcher tokens;
  /** The token to be read next: where it begins; its text, empty at the end; which kind. */
  private int at;
  private String token = "";
  private String kind = "";
  private int depth;

  Parser(String source, Scope scope) {
    this.source = source;
    this.scope = scope;
    tokens = TOKEN.matcher(source);
    advance(0);
  }

  /** @throws SyntaxError if it is no condition */
  Condition parse() {
    Condition condition = or();
    if (!token.isEmpty()) throw error("and, or or the end");
    return condition;
  }

  /** Declares the attributes that the parsed condition reads. */
  void declare(Fields fields) {
    operands.forEach(o -> o.declare(fields));
  }

  private Condition or() {
    Condition left = and();
    while (takeName("or")) {
      Condition a = left;
      Condition b = and();
      left = items -> a.test(items) || b.test(items);
    }
    return left;
  }

  private Condition and() {
    Condition left = not();
    while (takeName("and")) {
      Condition a = left;
      Condition b = not();
      left = items -> a.test(items) && b.test(items);
    }
    return left;
  }

  private Condition not() {
    if (++depth > DEEPEST) throw error("at most " + DEEPEST + " levels of not and parentheses");
    Condition condition;
    if (takeName("not")) {
      Condition inner = not();
      condition = items -> !inner.test(items);
    } else {
      condition = primary();
    }
    depth--;
    return condition;
  }

  private Condition primary() {
    if (take("(")) {
      Condition inner = or();
      if (!take(")")) throw error("and, or or )");
      return inner;
    }
    if (kind.equals("name") && token.equals("IsMatch")) return isMatch();
    int leftAt = at;
    Operand left = sum();
    for (Operator operator : Operator.values()) {
      if (!kind.equals("sign") || !token.equals(operator.sign)) continue;
      next();
      int rightAt = at;
      String right = token;
      Operand other = sum();
      checkTypes(left, operator, other, rightAt, right);
      return Condition.compare(left, operator, other);
    }
    if (left.hasOneType() && left.type == Type.BOOL) {
      left.load(null);
      boolean constant = left.bool;
      return items -> constant;
    }
    throw error(source.substring(leftAt, at).strip() + " and then ==, !=, <, <=, > or >=");
  }

  /** Values that can never be equal are a mistake. */
  private void checkTypes(Operand a, Operator operator, Operand b, int rightAt, String right) {
    boolean ordered = operator != Operator.EQUAL && operator != Operator.NOT_EQUAL;
    if (ordered && (a.hasOneType() && a.type == Type.NIL || b.hasOneType() && b.type == Type.NIL)) {
      throw new SyntaxError("== or != with nil", rightAt, "'" + operator.sign + "'");
    }
    if (!a.hasOneType() || !b.hasOneType() || a.type == b.type || a.isNumber() && b.isNumber()) return;
    throw new SyntaxError(a.type.words() + " to compare with", rightAt, "'" + right + "'");
  }

  private Condition isMatch() {
    next();
    if (!take("(")) throw error("(");
    Operand operand = sum();
    if (!take(",")) throw error(",");
    if (!kind.equals("text")) throw error("a regular expression in double quotes");
    int patternAt = at;
    Pattern pattern;
    try {
      // RE2's names of groups, which java.util.regex writes otherwise; a match needs none
      pattern = Pattern.compile(unquote(token).replaceAll("\\(\\?P<\\w+>", "("));
    } catch (PatternSyntaxException e) {
      throw new SyntaxError("a regular expression: " + e.getDescription(), patternAt, "'" + token + "'");
    }
    next();
    if (!take(")")) throw error(")");
    return Condition.isMatch(operand, pattern);
  }

  private Operand sum() {
    int leftAt = at;
    Operand left = operand();
    while (kind.equals("sign") && (token.equals("+") || token.equals("-"))) {
      int sign = token.equals("+") ? 1 : -1;
      if (!left.hasOneType() || left.type != Type.INT) throw error(leftAt, "an int before " + token);
      next();
      int rightAt = at;
      Operand right = operand();
      if (!right.hasOneType() || right.type != Type.INT) throw error(rightAt, "an int");
      left = add(Operand.sum(left, right, sign));
    }
    return left;
  }

  private SyntaxError error(int from, String expected) {
    return new SyntaxError(expected, from, "'" + source.substring(from, at).strip() + "'");
  }

  private Operand operand() {
    String t = token;
    switch (kind) {
      case "text" -> {
        Operand text = Operand.text(unquote(t));
        next();
        return text;
      }
      case "int" -> {
        return integer("");
      }
      case "real" -> {
        next();
        return Operand.real(Double.parseDouble(t));
      }
      case "sign" -> {
        if (!take("-")) throw unknown();
        if (kind.equals("int")) return integer("-");
        if (!kind.equals("real")) throw error("a number");
        double real = -Double.parseDouble(token);
        next();
        return Operand.real(real);
      }
      case "name" -> {
        return named();
      }
      default -> throw unknown();
    }
  }

  private Operand integer(String sign) {
    try {
      long n = Long.decode(token.startsWith("0x") || token.startsWith("0X") ? sign + token : sign + decimal(token));
      next();
      return Operand.integer(n);
    } catch (NumberFormatException e) {
      throw error("an int of 64 bits");
    }
  }

  /** Without the leading zeros that {@code Long.decode} takes for octal. */
  private static String decimal(String digits) {
    return digits.replaceFirst("^0+(?=\\d)", "");
  }

  private Operand named() {
    String name = token;
    int nameAt = at;
    switch (name) {
      case "nil" -> {
        next();
        return Operand.nil();
      }
      case "true", "false" -> {
        next();
        return Operand.bool(name.equals("true"));
      }
      default -> { }
    }
    Long constant = Scope.ENUMS.get(name);
    if (constant != null) {
      next();
      return Operand.integer(constant);
    }
    if (scope.isAttributes(name)) {
      next();
      if (!take("[")) throw error("[ and an attribute's key");
      if (!kind.equals("text") || unquote(token).isEmpty()) throw error("an attribute's key in double quotes");
      String key = unquote(token);
      next();
      if (!take("]")) throw error("]");
      if (token.equals("[")) throw error("a comparison, as keys within a value are not supported,");
      return add(scope.attributes(name).apply(key));
    }
    Supplier<Operand> path = scope.paths.get(name);
    if (path == null) throw unknown();
    next();
    if (token.equals("[") || token.equals("(")) {
      throw new SyntaxError(name + " as a whole", nameAt, "'" + name + token + "'");
    }
    return add(path.get());
  }

  private Operand add(Operand operand) {
    operands.add(operand);
    return operand;
  }

  private SyntaxError unknown() {
    return error("one of " + scope.words() + ", IsMatch(…, \"…\"), nil or a literal");
  }

  private SyntaxError error(String expected) {
    return new SyntaxError(expected, at, token.isEmpty() ? "the end" : "'" + token + "'");
  }

  private String unquote(String quoted) {
    StringBuilder text = new StringBuilder();
    for (int i = 1; i < quoted.length() - 1; i++) {
      char c = quoted.charAt(i);
      if (c == '\\') {
        c = quoted.charAt(++i);
        switch (c) {
          case 'n' -> c = '\n';
          case 't' -> c = '\t';
          case 'r' -> c = '\r';
          case '"', '\\' -> { }
          // as in a regular expression: "\d" stays what it is
          default -> text.append('\\');
        }
      }
      text.append(c);
    }
    return text.toString();
  }

  private boolean take(String sign) {
    boolean is = kind.equals("sign") && token.equals(sign);
    if (is) next();
    return is;
  }

  private boolean takeName(String name) {
    boolean is = kind.equals("name") && token.equals(name);
    if (is) next();
    return is;
  }

  private void next() {
    advance(at + token.length());
  }

  private void advance(int from) {
    at = from;
    while (at < source.length() && Character.isWhitespace(source.charAt(at))) at++;
    token = "";
    kind = "";
    if (at == source.length()) return;
    if (!tokens.region(at, source.length()).lookingAt()) {
      boolean quote = source.charAt(at) == '"';
      String got = quote ? "no end of the string" : "'" + Character.toString(source.codePointAt(at)) + "'";
      throw new SyntaxError(quote ? "a closing \" of the string" : "a path, a literal or an operator", at, got);
    }
    token = tokens.group();
    for (String k : List.of("text", "real", "int", "name", "sign")) if (tokens.group(k) != null) kind = k;
  }
}
