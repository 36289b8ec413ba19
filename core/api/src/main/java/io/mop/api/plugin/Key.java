package io.mop.api.plugin;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Describes one component of a configuration record. The key in mop.yaml is the component's name in snake_case. Types:
 * {@code String}, {@code boolean}, {@code int}, {@code long}, {@code double}, enums (lower case in the file), {@link
 * java.time.Duration} ({@code 10s}), {@link Size} ({@code 4MiB}), {@link Secret}, {@code Object} (a {@code String},
 * {@code Long}, {@code Double} or {@code Boolean} as YAML's core schema has it; in quotes a {@code String}), {@link
 * java.util.Optional} of these, {@code List}, {@code Map<String, T>} and nested records. A component without {@link
 * #value} is mandatory, unless its type is {@code Optional}, {@code List} or {@code Map} (absent = empty) or a record
 * all of whose keys have defaults.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Key {
  /** Marks a key without a default. */
  String NONE = "\0";

  /** One sentence for reference and completion. */
  String doc() default "";

  /** Default, written as in the file. */
  String value() default NONE;

  /** Least number (of bytes for a size, of nanoseconds for a duration). */
  long min() default Long.MIN_VALUE;

  /** Greatest number. */
  long max() default Long.MAX_VALUE;
}
