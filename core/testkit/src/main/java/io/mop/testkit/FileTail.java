package io.mop.testkit;

import io.mop.api.pipeline.Receiver;
import io.mop.api.plugin.Context;
import io.mop.api.plugin.Key;
import io.mop.api.plugin.Plugin;
import io.mop.api.plugin.Provides;
import io.mop.api.plugin.Size;
import java.nio.file.Path;
import java.time.Duration;
import org.osgi.service.component.annotations.Component;

/**
 * A receiver that tails: each line of a text file becomes a log record. It starts where the acknowledged lines end, so
 * after a crash every line comes at least once. Follows a file that was truncated or, one at a time, renamed and begun
 * anew. An example of a source with a position, and the probe of what tests of delivery send.
 *
 * <p>Not noticed: files that came and went between two looks; that a file was truncated and written again beyond the
 * position, or is another one with the inode of one deleted, while nobody looked.
 */
@Component
@Provides(kind = Provides.Kind.RECEIVER, name = "file_tail")
public final class FileTail implements Plugin<FileTail.Config> {
  /** Requests that are not acknowledged yet; more are not read. */
  public static final int PENDING = 16;

  /** The keys of {@code receivers.file_tail}. */
  public record Config(
      @Key(doc = "The file; it may come later.") String path,
      @Key(doc = "How often the file is looked at.", value = "100ms", min = 1_000_000) Duration poll,
      @Key(doc = "Bytes of the file in one request; a longer line comes in pieces.", value = "64KiB", min = 16,
              max = 1 << 20)
          Size chunk) {}

  @Override
  public Class<Config> config() {
    return Config.class;
  }

  @Override
  public Receiver create(Config config, Context context) {
    return new FileTailReceiver(Path.of(config.path()), config.poll(), (int) config.chunk().bytes(), context);
  }
}
