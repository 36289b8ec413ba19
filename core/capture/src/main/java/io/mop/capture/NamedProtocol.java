package io.mop.capture;

import io.mop.api.capture.Protocol;
import java.util.Objects;

/** A protocol in use. Another object under the same name replaces it. */
public record NamedProtocol(String name, Protocol protocol) {
  public NamedProtocol {
    Objects.requireNonNull(name);
    Objects.requireNonNull(protocol);
  }
}
