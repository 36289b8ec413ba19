package io.mop.otlp;

import io.mop.api.data.Field;
import io.mop.api.data.Fields;
import io.mop.otlp.AttributeField.Level;
import java.util.LinkedHashSet;
import java.util.Set;

/** The fields one part declared. */
public final class DeclaredFields implements Fields {
  private final FieldTable table;
  private final Set<AttributeField> declared = new LinkedHashSet<>();

  public DeclaredFields(FieldTable table) {
    this.table = table;
  }

  @Override
  public Field item(String key) {
    return declare(Level.ITEM, key);
  }

  @Override
  public Field scope(String key) {
    return declare(Level.SCOPE, key);
  }

  @Override
  public Field resource(String key) {
    return declare(Level.RESOURCE, key);
  }

  /** A copy, in order of declaration. */
  public synchronized Set<AttributeField> declared() {
    return new LinkedHashSet<>(declared);
  }

  private synchronized AttributeField declare(Level level, String key) {
    AttributeField field = table.field(level, key);
    declared.add(field);
    return field;
  }
}
