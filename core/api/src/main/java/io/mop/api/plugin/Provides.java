package io.mop.api.plugin;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.osgi.service.component.annotations.ComponentPropertyType;

/**
 * Under which key of mop.yaml a plugin is found, readable without loading a class: {@code kind = PROCESSOR, name =
 * "attributes"} is {@code processors.attributes}. Becomes the service properties {@code mop.kind} and {@code mop.name}.
 */
@ComponentPropertyType
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.TYPE)
public @interface Provides {
  /** Prefix of the service properties. */
  String PREFIX_ = "mop.";

  Kind kind();

  /** {@code [a-z][a-z0-9_]*}. */
  String name();

  /** What a plugin makes. */
  enum Kind {
    /** Makes a {@code Receiver}. */
    RECEIVER,
    /** Makes a {@code Transform}. */
    PROCESSOR,
    /** Makes an {@code Exporter}. */
    EXPORTER,
    /** Makes a {@code Protocol}. */
    PROTOCOL
  }
}
