package io.mop.api.capture;

import java.util.Objects;

/**
 * A program for the kernel that a protocol brings along and that comes and goes with it. It is asked about calls that move
 * more bytes than one record holds, on connections that a decoder of the protocol reads, and says which of them the
 * decoder needs; the others are not copied, and are cut for the decoder as if they had been too many. It must keep each
 * byte that a decoder cannot skip by a length it has read. Where the kernel refuses it all bytes are captured instead.
 *
 * @param resource an object for the BPF target, found by {@link Class#getResourceAsStream} of the protocol's class. Its
 *     program {@code classify} is written against {@code classifier.h} of the same release
 * @since 1.3
 */
public record Classifier(String resource) {
  public Classifier {
    Objects.requireNonNull(resource);
  }
}
