package io.mop.otlp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mop.otlp.AttributeField.Level;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class FieldsTest {
  private final FieldTable table = new FieldTable();

  @Test
  void oneFieldPerLevelAndKey() {
    AttributeField item = table.field(Level.ITEM, "a");
    assertThat(table.field(Level.ITEM, "a")).isSameAs(item);
    assertThat(table.field(Level.SCOPE, "a").slot()).isEqualTo(1);
    assertThat(table.size()).isEqualTo(2);
  }

  @Test
  void declaredFieldsAreThoseOfOnePart() {
    DeclaredFields one = new DeclaredFields(table);
    DeclaredFields two = new DeclaredFields(table);
    assertThat(one.item("a")).isSameAs(two.item("a"));
    one.resource("b");
    two.scope("b");
    assertThat(one.declared()).extracting(AttributeField::level).containsExactly(Level.ITEM, Level.RESOURCE);
    assertThat(two.declared()).extracting(AttributeField::key).containsExactly("a", "b");
  }

  @Test
  void rejectsAnEmptyKey() {
    assertThatThrownBy(() -> new DeclaredFields(table).item("")).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("attribute key: expected at least one character");
  }

  @Test
  void threadsAgreeOnSlots() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      Callable<List<AttributeField>> all = () -> {
        List<AttributeField> fields = new ArrayList<>();
        for (int i = 0; i < 1000; i++) fields.add(table.field(Level.ITEM, "k" + i));
        return fields;
      };
      Set<List<AttributeField>> results = new HashSet<>();
      for (Future<List<AttributeField>> f : threads.invokeAll(List.of(all, all, all, all))) results.add(f.get());
      assertThat(results).hasSize(1);
      assertThat(results.iterator().next()).extracting(AttributeField::slot).doesNotHaveDuplicates();
      assertThat(table.size()).isEqualTo(1000);
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void aSchemaKnowsItsFieldsOnly() {
    AttributeField a = table.field(Level.ITEM, "a");
    AttributeField b = table.field(Level.RESOURCE, "b");
    Schema schema = Schema.of(List.of(b, a, b));
    assertThat(schema.size()).isEqualTo(2);
    assertThat(schema.fields()).containsExactly(b, a);
    assertThat(schema.covers(List.of(a))).isTrue();
    assertThat(schema.covers(List.of(a, table.field(Level.SCOPE, "a")))).isFalse();
    assertThat(Schema.EMPTY.covers(List.of())).isTrue();
  }

  @Test
  void aSchemaTakesFieldsOfOneTableOnly() {
    AttributeField other = new FieldTable().field(Level.ITEM, "b");
    List<AttributeField> mixed = List.of(table.field(Level.ITEM, "a"), other);
    assertThatThrownBy(() -> Schema.of(mixed)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected the fields of one FieldTable");
    assertThat(Schema.of(List.of(table.field(Level.ITEM, "a"))).covers(List.of(other))).isFalse();
  }
}
