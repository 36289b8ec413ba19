package io.mop.config;

import io.mop.api.plugin.Secret;
import io.mop.api.plugin.Size;
import io.mop.config.Shape.Plain;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Text to values and back. */
final class Scalars {
  private static final Pattern WHOLE = Pattern.compile("[+-]?\\d{1,19}");
  private static final Pattern NUMBER =
      Pattern.compile("[+-]?(\\d{1,40}(\\.\\d{0,40})?|\\.\\d{1,40})([eE][+-]?\\d{1,3})?");
  private static final Pattern PART = Pattern.compile("(\\d{1,19}(?:\\.\\d{1,9})?)(ns|us|µs|μs|ms|s|m|h)");
  private static final Pattern SIZE = Pattern.compile("(\\d{1,19}) ?([KMGT]i?B|B)?");
  private static final Map<String, Long> NANOS = new LinkedHashMap<>();
  private static final Map<String, Long> BYTES = new LinkedHashMap<>();

  static {
    NANOS.put("h", 3_600_000_000_000L);
    NANOS.put("m", 60_000_000_000L);
    NANOS.put("s", 1_000_000_000L);
    NANOS.put("ms", 1_000_000L);
    NANOS.put("us", 1_000L);
    NANOS.put("µs", 1_000L);
    NANOS.put("μs", 1_000L);
    NANOS.put("ns", 1L);
    BYTES.put("TiB", 1L << 40);
    BYTES.put("GiB", 1L << 30);
    BYTES.put("MiB", 1L << 20);
    BYTES.put("KiB", 1L << 10);
    BYTES.put("TB", 1_000_000_000_000L);
    BYTES.put("GB", 1_000_000_000L);
    BYTES.put("MB", 1_000_000L);
    BYTES.put("KB", 1_000L);
    BYTES.put("B", 1L);
  }

  private static final Pattern CORE_INT = Pattern.compile("[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+");
  private static final Pattern CORE_FLOAT = Pattern.compile("[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?");

  private Scalars() {}

  /** What plain text is in YAML 1.2's core schema: a Long if it fits, a Double, a Boolean, or else the text. */
  static Object typed(String text) {
    if (text.equals("true") || text.equals("True") || text.equals("TRUE")) return true;
    if (text.equals("false") || text.equals("False") || text.equals("FALSE")) return false;
    if (text.length() > 64) return text;
    if (CORE_INT.matcher(text).matches()) {
      try {
        if (text.startsWith("0x")) return Long.parseLong(text, 2, text.length(), 16);
        if (text.startsWith("0o")) return Long.parseLong(text, 2, text.length(), 8);
        return Long.parseLong(text);
      } catch (NumberFormatException e) {
        return text.startsWith("0x") || text.startsWith("0o") ? text : (Object) Double.parseDouble(text);
      }
    }
    return CORE_FLOAT.matcher(text).matches() ? (Object) Double.parseDouble(text) : text;
  }

  /** The value of {@code text}, or empty if it is not one of that shape within {@code min} and {@code max}. */
  static Optional<Object> value(String text, Shape shape, long min, long max) {
    if (shape instanceof Shape.Choice choice) return constant(text, choice);
    return switch ((Plain) shape) {
      case TEXT -> Optional.of(text);
      case SECRET -> Optional.of(new Secret(text));
      case BOOLEAN -> Optional.of(text).filter(t -> t.equals("true") || t.equals("false")).map(Boolean::valueOf);
      case INT ->
          whole(text, Math.max(min, Integer.MIN_VALUE), Math.min(max, Integer.MAX_VALUE)).map(Long::intValue);
      case LONG -> whole(text, min, max).map(n -> n);
      case DOUBLE ->
          number(text)
              .filter(n -> (min == Long.MIN_VALUE || n >= min) && (max == Long.MAX_VALUE || n <= max))
              .map(n -> n);
      case DURATION -> nanos(text).filter(n -> n >= min && n <= max).map(Duration::ofNanos);
      case SIZE -> bytes(text).filter(n -> n >= min && n <= max).map(Size::new);
      case TYPED, ANY -> Optional.empty();
    };
  }

  /** {@link Shape#expected()} with the bounds. */
  static String expected(Shape shape, long min, long max) {
    if (shape instanceof Shape.Maybe maybe) return expected(maybe.of(), min, max);
    if (!(shape instanceof Plain plain)) return shape.expected();
    boolean least = min != Long.MIN_VALUE;
    boolean most = max != Long.MAX_VALUE;
    boolean counts =
        switch (plain) {
          case INT, LONG, DOUBLE, DURATION, SIZE -> true;
          default -> false;
        };
    if (!counts || !least && !most) return plain.expected();
    String what = plain.expected().replaceFirst(" such as .*", "");
    if (!most) return what + " of at least " + print(plain, min);
    if (!least) return what + " of at most " + print(plain, max);
    return what + " from " + print(plain, min) + " to " + print(plain, max);
  }

  private static String print(Plain plain, long n) {
    return switch (plain) {
      case DURATION -> duration(n);
      case SIZE -> size(n);
      default -> Long.toString(n);
    };
  }

  private static Optional<Object> constant(String text, Shape.Choice choice) {
    String name = text.toLowerCase(Locale.ROOT).replace('-', '_');
    for (Object constant : choice.type().getEnumConstants())
      if (Shape.Choice.name((Enum<?>) constant).equals(name)) return Optional.of(constant);
    return Optional.empty();
  }

  private static Optional<Long> whole(String text, long min, long max) {
    if (!WHOLE.matcher(text).matches()) return Optional.empty();
    try {
      return Optional.of(Long.parseLong(text)).filter(n -> n >= min && n <= max);
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static Optional<Double> number(String text) {
    if (!NUMBER.matcher(text).matches()) return Optional.empty();
    return Optional.of(Double.parseDouble(text)).filter(Double::isFinite);
  }

  /** As Go writes durations: one or more of a decimal number and ns, us, ms, s, m or h; or 0. At most 292 years. */
  private static Optional<Long> nanos(String text) {
    if (text.equals("0")) return Optional.of(0L);
    Matcher part = PART.matcher(text);
    BigDecimal nanos = BigDecimal.ZERO;
    int end = 0;
    while (end < text.length()) {
      if (!part.region(end, text.length()).lookingAt()) return Optional.empty();
      nanos = nanos.add(new BigDecimal(part.group(1)).multiply(BigDecimal.valueOf(NANOS.get(part.group(2)))));
      end = part.end();
    }
    boolean fits = end > 0 && nanos.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) <= 0;
    return fits ? Optional.of(nanos.setScale(0, RoundingMode.DOWN).longValue()) : Optional.empty();
  }

  private static Optional<Long> bytes(String text) {
    Matcher size = SIZE.matcher(text);
    if (!size.matches()) return Optional.empty();
    try {
      long unit = size.group(2) == null ? 1 : BYTES.get(size.group(2));
      return Optional.of(Math.multiplyExact(Long.parseLong(size.group(1)), unit));
    } catch (ArithmeticException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** E.g. {@code 1m30s}. */
  static String duration(long nanos) {
    var out = new StringBuilder();
    long rest = nanos;
    for (var unit : NANOS.entrySet()) {
      long n = rest / unit.getValue();
      if (n > 0) out.append(n).append(unit.getKey());
      rest -= n * unit.getValue();
    }
    return out.length() == 0 ? "0s" : out.toString();
  }

  /** In the greatest unit that leaves no rest, e.g. {@code 64MiB}. */
  static String size(long bytes) {
    for (var unit : BYTES.entrySet())
      if (bytes > 0 && bytes % unit.getValue() == 0) return bytes / unit.getValue() + unit.getKey();
    return bytes + "B";
  }
}
