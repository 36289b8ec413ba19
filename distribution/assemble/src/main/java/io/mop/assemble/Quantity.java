package io.mop.assemble;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The Kubernetes quantities that environments use. */
final class Quantity {
  private static final Pattern MEMORY = Pattern.compile("([1-9]\\d{0,6})(Mi|Gi)");
  private static final Pattern CPU = Pattern.compile("([1-9]\\d{0,5})(m?)");

  private Quantity() {}

  /** @return MiB; of {@code 256Mi} or {@code 2Gi} */
  static long mebibytes(String text) {
    Matcher memory = match(MEMORY, text, "memory such as 256Mi or 2Gi");
    return Long.parseLong(memory.group(1)) * Map.of("Mi", 1L, "Gi", 1024L).get(memory.group(2));
  }

  /** @return thousandths of a CPU; of {@code 200m} or {@code 2} */
  static long millicpus(String text) {
    Matcher cpu = match(CPU, text, "CPUs such as 200m or 2");
    return Long.parseLong(cpu.group(1)) * (cpu.group(2).isEmpty() ? 1000 : 1);
  }

  private static Matcher match(Pattern pattern, String text, String expected) {
    Matcher matcher = pattern.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("\"" + text + "\", expected " + expected);
    }
    return matcher;
  }
}
