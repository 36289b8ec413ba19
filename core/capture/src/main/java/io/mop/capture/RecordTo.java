package io.mop.capture;

import java.nio.file.Path;

/**
 * Where a {@link Recording} goes.
 *
 * @param file must not be there yet; only its owner may read it
 * @param raw nothing is masked
 * @param maxSize of the file in bytes; what does not fit is left out, and all after it
 * @param connections the first so many are recorded
 */
public record RecordTo(Path file, boolean raw, long maxSize, int connections) {}
