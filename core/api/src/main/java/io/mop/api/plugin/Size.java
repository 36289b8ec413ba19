package io.mop.api.plugin;

/**
 * A number of bytes, at least 0. In mop.yaml {@code 512KiB}, {@code 4MiB}, {@code 1GiB}, {@code 64KB} (1000) or a plain
 * number of bytes.
 */
public record Size(long bytes) {
  public Size {
    if (bytes < 0) throw new IllegalArgumentException("a size of " + bytes + " bytes");
  }
}
