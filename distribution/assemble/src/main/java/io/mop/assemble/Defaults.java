package io.mop.assemble;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What an environment says in a role's mop.yaml (defaults of its variables) and in the environment of its process. */
final class Defaults {
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{env:([A-Z][A-Z0-9_]*):-[^}]*}");

  private Defaults() {}

  /** By the variable's name. */
  static Map<String, String> of(Role role, Environment environment) {
    Map<String, String> values = new LinkedHashMap<>();
    Environment.Scale scale = environment.scale(role);
    values.put("MOP_GATEWAY", environment.gateway());
    values.put("MOP_BACKEND", environment.backend());
    values.put("MOP_SHUTDOWN_TIMEOUT", scale.shutdownSeconds() + "s");
    scale.sizes().ifPresent(sizes -> {
      values.put("MOP_MEMORY", sizes.batches() + "MiB");
      values.put("MOP_QUEUE", sizes.queue() + "MiB");
    });
    return values;
  }

  /** The file with each {@code ${env:NAME:-default}} that has a value given it as its default. */
  static String fill(String yaml, Map<String, String> values) {
    return VARIABLE.matcher(yaml).replaceAll(
        found -> Matcher.quoteReplacement(
            Optional.ofNullable(values.get(found.group(1)))
                .map(value -> "${env:" + found.group(1) + ":-" + value + "}")
                .orElse(found.group())));
  }

  /** Variables of {@code bin/mop} and {@code mop run}. */
  static Map<String, String> process(Role role, Environment environment) {
    Map<String, String> values = new LinkedHashMap<>();
    values.put("MOP_FEATURE", role.id());
    values.put("MOP_TRUST", environment.trust());
    values.put("MOP_LOG_FORMAT", environment.logFormat());
    values.put("MOP_LOG_LEVEL", environment.logLevel());
    environment.scale(role).sizes().ifPresent(sizes -> {
      values.put("MOP_HEAP", sizes.heap() + "m");
      values.put("MOP_DIRECT_MEMORY", sizes.direct() + "m");
    });
    return values;
  }
}
