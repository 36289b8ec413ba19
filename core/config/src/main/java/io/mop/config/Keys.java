package io.mop.config;

import io.mop.api.plugin.Key;
import io.mop.api.plugin.Secret;
import io.mop.api.plugin.Size;
import io.mop.config.Shape.Plain;
import java.lang.reflect.Constructor;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The keys of a configuration record, as {@link Key} describes them: what the binder, validation and reference share.
 *
 * @param keys by name, in the order of the record's components
 */
record Keys<C extends Record>(Class<C> type, Map<String, One> keys) {
  private static final Map<Class<?>, Shape> PLAIN =
      Map.ofEntries(
          Map.entry(String.class, Plain.TEXT),
          Map.entry(Secret.class, Plain.SECRET),
          Map.entry(boolean.class, Plain.BOOLEAN),
          Map.entry(Boolean.class, Plain.BOOLEAN),
          Map.entry(int.class, Plain.INT),
          Map.entry(Integer.class, Plain.INT),
          Map.entry(long.class, Plain.LONG),
          Map.entry(Long.class, Plain.LONG),
          Map.entry(double.class, Plain.DOUBLE),
          Map.entry(Double.class, Plain.DOUBLE),
          Map.entry(Duration.class, Plain.DURATION),
          Map.entry(Size.class, Plain.SIZE),
          Map.entry(Object.class, Plain.TYPED),
          Map.entry(Node.class, Plain.ANY));

  /**
   * One key.
   *
   * @param value default, written as in the file
   * @param doc may be empty
   */
  record One(String name, Shape shape, Optional<String> value, long min, long max, String doc) {}

  /** @throws IllegalArgumentException if a component has a type that configuration records cannot have */
  static <C extends Record> Keys<C> of(Class<C> type) {
    acyclic(type, new HashSet<>());
    return read(type);
  }

  private static <C extends Record> Keys<C> read(Class<C> type) {
    Map<String, One> keys = new LinkedHashMap<>();
    for (RecordComponent component : type.getRecordComponents()) {
      String name = Names.key(component.getName());
      Key key = component.getAnnotation(Key.class);
      Shape shape = shape(component.getGenericType(), type, name);
      One one =
          key == null
              ? new One(name, shape, Optional.empty(), Long.MIN_VALUE, Long.MAX_VALUE, "")
              : new One(name, shape, Optional.of(key.value()).filter(v -> !v.equals(Key.NONE)), key.min(), key.max(),
                  key.doc());
      if (keys.put(name, one) != null) throw unsupported(type, name, "is there twice");
    }
    return new Keys<>(type, keys);
  }

  /** The canonical constructor. */
  Constructor<C> constructor() {
    Class<?>[] types =
        Arrays.stream(type.getRecordComponents()).map(RecordComponent::getType).toArray(Class<?>[]::new);
    try {
      Constructor<C> constructor = type.getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return constructor;
    } catch (NoSuchMethodException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Shape shape(Type type, Class<?> owner, String name) {
    if (type instanceof Class<?> c) {
      Shape plain = PLAIN.get(c);
      if (plain != null) return plain;
      if (c.isEnum()) return new Shape.Choice(c);
      if (c.isRecord()) return new Shape.Section(c.asSubclass(Record.class));
    } else if (type instanceof ParameterizedType generic) {
      List<Type> of = new ArrayList<>(Arrays.asList(generic.getActualTypeArguments()));
      if (generic.getRawType() == Optional.class) return new Shape.Maybe(shape(of.get(0), owner, name));
      if (generic.getRawType() == List.class) return new Shape.Many(shape(of.get(0), owner, name));
      if (generic.getRawType() == Map.class && of.get(0) == String.class)
        return new Shape.Table(shape(of.get(1), owner, name));
    }
    throw unsupported(owner, name, "has the type " + type.getTypeName() + ", which is not supported");
  }

  /** A record that needs itself has no finite value. */
  private static void acyclic(Class<? extends Record> type, Set<Class<?>> above) {
    if (!above.add(type)) throw new IllegalArgumentException(type.getName() + " contains itself");
    for (One key : read(type).keys().values())
      if (key.shape() instanceof Shape.Section section) acyclic(section.type(), above);
    above.remove(type);
  }

  private static IllegalArgumentException unsupported(Class<?> owner, String name, String what) {
    return new IllegalArgumentException("key " + name + " of " + owner.getName() + " " + what);
  }
}
