package io.mop.plugins.attributes;

import io.mop.api.plugin.InvalidConfig;
import io.mop.api.plugin.Key;
import java.util.List;
import java.util.Optional;

/** Which items: those that meet every list that is not empty. Lists of texts need one to fit, attributes need all. */
public record Match(
    @Key(doc = "strict or regexp: how texts are compared.") MatchType matchType,
    @Key(doc = "The resource's service.name.") List<String> services,
    @Key(doc = "Names of spans.") List<String> spanNames,
    @Key(doc = "Bodies of log records that are texts.") List<String> logBodies,
    @Key(doc = "Severity texts of log records.") List<String> logSeverityTexts,
    @Key(doc = "Attributes of the span, data point or log record.") List<Attribute> attributes,
    @Key(doc = "Attributes of the resource.") List<Attribute> resources) {

  /** How texts are compared. */
  public enum MatchType {
    /** Equal. */
    STRICT,
    /** A regular expression is found in it. */
    REGEXP
  }

  /** An attribute that has to be there. */
  public record Attribute(
      @Key(doc = "The attribute's key.") String key,
      @Key(doc = "Its value, of the type that YAML gives it; absent = any.") Optional<Object> value) {
    public Attribute {
      if (key.isEmpty()) throw new InvalidConfig("key", "an attribute's key");
    }
  }

  public Match {
    services = List.copyOf(services);
    spanNames = List.copyOf(spanNames);
    logBodies = List.copyOf(logBodies);
    logSeverityTexts = List.copyOf(logSeverityTexts);
    attributes = List.copyOf(attributes);
    resources = List.copyOf(resources);
    boolean texts = services.isEmpty() && spanNames.isEmpty() && logBodies.isEmpty() && logSeverityTexts.isEmpty();
    if (texts && attributes.isEmpty() && resources.isEmpty()) {
      throw new InvalidConfig(
          "match_type",
          "one of services, span_names, log_bodies, log_severity_texts, attributes, resources beside match_type");
    }
    if (matchType == MatchType.REGEXP) {
      check("services", services);
      check("span_names", spanNames);
      check("log_bodies", logBodies);
      check("log_severity_texts", logSeverityTexts);
      checkValues("attributes", attributes);
      checkValues("resources", resources);
    }
  }

  private static void check(String key, List<String> patterns) {
    for (int i = 0; i < patterns.size(); i++) Expression.of(key + "[" + i + "]", patterns.get(i));
  }

  private static void checkValues(String key, List<Attribute> attributes) {
    for (int i = 0; i < attributes.size(); i++) {
      String at = key + "[" + i + "].value";
      attributes.get(i).value().ifPresent(v -> Expression.of(at, v.toString()));
    }
  }
}
