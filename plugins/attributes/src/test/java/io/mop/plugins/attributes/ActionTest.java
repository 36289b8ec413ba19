package io.mop.plugins.attributes;

import static io.mop.plugins.attributes.Actions.action;
import static io.mop.plugins.attributes.Actions.pattern;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mop.api.plugin.InvalidConfig;
import io.mop.plugins.attributes.Action.Verb;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Mistakes in an action. */
class ActionTest {
  @ParameterizedTest(name = "{0} {1} value={2} from={3} new_key={4}")
  @CsvSource({
    "insert,'',x,,,key,an attribute's key",
    "insert,a,,,,action,with insert either value or from_attribute",
    "upsert,a,x,b,,action,with upsert either value or from_attribute",
    "insert,a,,'',,from_attribute,an attribute's key",
    "insert,a,x,,b,new_key,no new_key with insert here",
    "delete,a,x,,,value,no value with delete here",
    "delete,'',,,,key,with delete either key or pattern",
    "hash,a,,b,,from_attribute,no from_attribute with hash here",
    "extract,a,,,,pattern,a regular expression with groups that have names",
    "convert,a,,,,converted_type,'int, double or string'",
    "rename,a,,,,new_key,the key that rename gives",
    "rename,a,,,a,new_key,another key than a",
    "rename,a,,,'',new_key,the key that rename gives"})
  void aWrongActionIsOneSentence(
      String verb, String key, String value, String from, String newKey, String at, String expected) {
    InvalidConfig e = catchThrowableOfType(InvalidConfig.class, () -> action(verb, key, value, from, newKey));
    assertThat(e).isNotNull();
    assertThat(e.key()).isEqualTo(at);
    assertThat(e).hasMessageContaining(expected);
  }

  @Test
  void aWrongPatternIsOneSentence() {
    for (Runnable wrong : List.<Runnable>of(
        () -> pattern("extract", "a", "(?P<b>"), () -> pattern("extract", "a", "(b)"),
        () -> pattern("insert", "a", "b"), () -> pattern("delete", "", "["))) {
      InvalidConfig e = catchThrowableOfType(InvalidConfig.class, wrong::run);
      assertThat(e == null ? "nothing" : e.key()).isIn("pattern", "action");
    }
    assertThat(catchThrowableOfType(InvalidConfig.class, () -> pattern("delete", "a", "b")).key()).isEqualTo("key");
    assertThat(catchThrowableOfType(InvalidConfig.class, () -> new Action("a", Verb.UPSERT, Optional.empty(),
        Optional.empty(), Optional.of("auth.subject"), Optional.empty(), Optional.empty(), Optional.empty())))
        .hasMessageContaining("does not keep the headers");
  }
}
