package io.mop.api.plugin;

import io.mop.api.data.Fields;
import java.nio.file.Path;
import java.time.Duration;
import org.osgi.annotation.versioning.ProviderType;

/** Everything a part may use. All of it is withdrawn when the part is closed or tripped. */
@ProviderType
public interface Context {
  /** As in mop.yaml, e.g. {@code processors.attributes/eu}. */
  String id();

  /** Declares what the part will read; the engine compiles the fields of all parts of a pipeline into one scan. */
  Fields fields();

  /** Unix nanoseconds of the telemetry clock; a test sets it. */
  long now();

  /** A counter of this part, {@code mop_<component>_<name>}; {@code unit} is UCUM, e.g. {@code By} or {@code 1}. */
  Counter counter(String name, String unit, String description);

  /** Own state directory, made on first use; outlives swaps, restarts and upgrades. */
  Path directory();

  /**
   * Runs {@code task} every {@code period} on a thread of this part, named and counted, until the part or the returned
   * handle is closed. A task that throws is logged and runs again.
   */
  Task every(Duration period, Runnable task);

  /** Says in {@code mop status} that the part works; every part starts so. */
  void healthy();

  /** Says in {@code mop status} why the part does not do its work; the pipeline runs on without it. */
  void unhealthy(String reason);

  /** Work that repeats; closing ends it. */
  @ProviderType
  interface Task extends AutoCloseable {
    @Override
    void close();
  }

  /** Counts up. */
  @ProviderType
  interface Counter {
    /** Adds {@code n}, at least 0. */
    void add(long n);
  }
}
