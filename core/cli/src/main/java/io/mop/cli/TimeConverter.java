package io.mop.cli;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The value of an option such as {@code --duration 30s}. */
public final class TimeConverter implements ITypeConverter<Duration> {
  private static final Pattern TIME = Pattern.compile("([1-9][0-9]{0,5})(s|m|h)");

  @Override
  public Duration convert(String text) {
    Matcher m = TIME.matcher(text);
    if (!m.matches()) {
      throw new TypeConversionException("expected a time such as 30s or 5m, got '" + text + "'.");
    }
    int n = Integer.parseInt(m.group(1));
    return switch (m.group(2)) {
      case "s" -> Duration.ofSeconds(n);
      case "m" -> Duration.ofMinutes(n);
      default -> Duration.ofHours(n);
    };
  }
}
