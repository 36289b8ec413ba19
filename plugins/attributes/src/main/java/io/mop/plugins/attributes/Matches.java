package io.mop.plugins.attributes;

import io.mop.api.data.Field;
import io.mop.api.data.Fields;
import io.mop.api.data.Items;
import io.mop.api.data.Logs;
import io.mop.api.data.Spans;
import io.mop.api.data.Text;
import io.mop.api.data.TextChars;
import io.mop.api.data.Value;
import io.mop.plugins.attributes.Match.Attribute;
import io.mop.plugins.attributes.Match.MatchType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Matcher;

/** A {@link Match}, compiled; allocates nothing per item. What an item's signal does not have does not match. */
final class Matches {
  private final boolean regexp;
  private final boolean absent;
  private final TextChars chars = new TextChars();
  private final List<Predicate<Items>> all = new ArrayList<>();

  /** @param absent the answer without a match */
  Matches(Optional<Match> match, Fields fields, boolean absent) {
    this.absent = absent;
    regexp = match.map(m -> m.matchType() == MatchType.REGEXP).orElse(false);
    match.ifPresent(m -> compile(m, fields));
  }

  boolean test(Items items) {
    if (all.isEmpty()) return absent;
    for (int i = 0; i < all.size(); i++) if (!all.get(i).test(items)) return false;
    return true;
  }

  private void compile(Match match, Fields fields) {
    if (!match.services().isEmpty()) {
      Field service = fields.resource("service.name");
      Predicate<Text> texts = texts(match.services());
      all.add(items -> isText(items.get(service)) && texts.test(items.get(service).text()));
    }
    if (!match.spanNames().isEmpty()) {
      Predicate<Text> texts = texts(match.spanNames());
      all.add(items -> items instanceof Spans spans && texts.test(spans.name()));
    }
    if (!match.logBodies().isEmpty()) {
      Predicate<Text> texts = texts(match.logBodies());
      all.add(items -> items instanceof Logs logs && isText(logs.body()) && texts.test(logs.body().text()));
    }
    if (!match.logSeverityTexts().isEmpty()) {
      Predicate<Text> texts = texts(match.logSeverityTexts());
      all.add(items -> items instanceof Logs logs && texts.test(logs.severityText()));
    }
    match.attributes().forEach(a -> all.add(attribute(a, fields::item)));
    match.resources().forEach(a -> all.add(attribute(a, fields::resource)));
  }

  private static boolean isText(Value v) {
    return v.type() == Value.Type.TEXT;
  }

  private Predicate<Items> attribute(Attribute attribute, Function<String, Field> fields) {
    Field field = fields.apply(attribute.key());
    if (attribute.value().isEmpty()) return items -> items.get(field).present();
    Object value = attribute.value().get();
    if (regexp || value instanceof String) {
      Predicate<Text> texts = texts(List.of(value.toString()));
      return items -> isText(items.get(field)) && texts.test(items.get(field).text());
    }
    if (value instanceof Long n) {
      long expected = n;
      return items -> items.get(field).type() == Value.Type.INT && items.get(field).integer() == expected;
    }
    if (value instanceof Double d) {
      double expected = d;
      return items -> items.get(field).type() == Value.Type.DOUBLE && items.get(field).real() == expected;
    }
    boolean expected = (Boolean) value;
    return items -> items.get(field).type() == Value.Type.BOOL && items.get(field).bool() == expected;
  }

  private Predicate<Text> texts(List<String> list) {
    if (regexp) {
      Matcher[] matchers =
          list.stream().map(p -> Expression.of("", p).pattern().matcher(chars)).toArray(Matcher[]::new);
      return text -> {
        chars.set(text);
        for (Matcher m : matchers) if (m.reset().find()) return true;
        return false;
      };
    }
    Text[] texts = list.stream().map(Text::of).toArray(Text[]::new);
    return text -> {
      for (Text t : texts) if (t.is(text)) return true;
      return false;
    };
  }
}
