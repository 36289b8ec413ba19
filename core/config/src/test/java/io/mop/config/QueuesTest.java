package io.mop.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mop.api.plugin.Size;
import io.mop.control.ConfigError;
import io.mop.control.Topology.Batch;
import io.mop.control.Topology.Queue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QueuesTest {
  @TempDir Path directory;

  private Configuration.Result load(String keys) throws Exception {
    String yaml =
        """
        receivers: {otlp: }
        service: {pipelines: {logs: {receivers: [otlp], exporters: [debug]}}}
        exporters:
          debug:
        """
            + keys.indent(4);
    return new Configuration().load(Files.writeString(directory.resolve("mop.yaml"), yaml), Samples.catalog());
  }

  private Queue queue(String keys) throws Exception {
    return load(keys).topology().components().get(1).queue().orElseThrow();
  }

  @Test
  void everyKey() throws Exception {
    assertThat(
            queue(
                """
                sample: 3
                sending_queue: {enabled: true, size: 1MiB, num_consumers: 9}
                retry_on_failure: {enabled: true, initial_interval: 250ms, max_interval: 1m, max_elapsed_time: 5m}
                """))
        .isEqualTo(
            new Queue(new Size(1 << 20), 9, Duration.ofMillis(250), Duration.ofMinutes(1), Duration.ofMinutes(5)));
    assertThat(load("sample: 3\nsending_queue: {size: 1MiB}").topology().components().get(1).binding()
            .bind(Samples.Debug.class))
        .as("the plugin does not see the engine's keys")
        .isEqualTo(new Samples.Debug(3));
  }

  @Test
  void defaultsAndAliases() throws Exception {
    assertThat(queue("sending_queue:\nretry_on_failure:")).isEqualTo(Queue.DEFAULT);
    assertThat(queue("sending_queue: {consumers: 7}").consumers()).isEqualTo(7);
    assertThat(queue("sending_queue: {queue_size: 1000000, sizer: bytes}").size()).isEqualTo(new Size(1_000_000));
    assertThat(queue("sending_queue: {queue_size: 2MiB}").size()).isEqualTo(new Size(2 << 20));
    assertThat(queue("retry_on_failure: {enabled: false}").maxElapsed())
        .as("one try: the engine gives up after this time")
        .isEqualTo(Duration.ofMillis(1));
    assertThat(load("sending_queue: {queue_size: 1000000, sizer: bytes}").notes()).isEmpty();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "{}|200|0|1048576",
        "{flush_timeout: 1m, min_size: 64KiB, max_size: 2MiB}|60000|65536|2097152",
        "{flush_timeout: 5s, min_size: 5000, max_size: 6000, sizer: bytes}|5000|5000|6000",
        "{min_size: 3MiB}|200|3145728|3145728",
        "{min_size: 0, max_size: 0}|200|0|33554432",
        "{max_size: 1KiB}|200|0|1024",
      })
  void batches(String keys, long flushMillis, long min, long max) throws Exception {
    String queue = "sending_queue: {batch: " + keys + "}";
    assertThat(queue(queue).batch()).isEqualTo(new Batch(Duration.ofMillis(flushMillis), new Size(min), new Size(max)));
    assertThat(load(queue).notes()).isEmpty();
  }

  @Test
  void aBatchCountsWhatItsQueueCounts() throws Exception {
    assertThat(queue("sending_queue: {sizer: bytes, queue_size: 9000, batch: {min_size: 70}}").batch().minSize())
        .isEqualTo(new Size(70));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "sending_queue: {queue_size: 1000}|sending_queue.queue_size: accepted, without effect: it counts requests and"
            + " MOP bounds a queue by bytes: size, 64MiB",
        "sending_queue: {queue_size: 1000, sizer: items}|sending_queue.queue_size: accepted, without effect: it counts"
            + " items and MOP bounds a queue by bytes: size, 64MiB",
        "sending_queue: {batch: {flush_timeout: 200ms, min_size: 8192, sizer: items}}|sending_queue.batch.min_size:"
            + " accepted, without effect: it counts items and MOP's batches count bytes: 0B",
        "sending_queue: {sizer: items, batch: {max_size: 100000000}}|sending_queue.batch.max_size: accepted, without"
            + " effect: it counts items and MOP's batches count bytes: 1MiB",
        "sending_queue: {batch: {min_size: 10}}|sending_queue.batch.min_size: accepted, without effect: it counts"
            + " requests and MOP's batches count bytes: 0B",
        "sending_queue: {batch: {partition: {metadata_keys: [a]}}}|sending_queue.batch.partition: accepted, without"
            + " effect: a batch has items of one signal and one tenant",
        "sending_queue: {block_on_overflow: true}|sending_queue.block_on_overflow: accepted, without effect: a full"
            + " queue refuses its senders, retryably, and drops nothing",
        "retry_on_failure: {multiplier: 1.5}|retry_on_failure.multiplier: accepted, without effect: MOP decides how the"
            + " wait grows up to max_interval",
        "retry_on_failure: {randomization_factor: 0.5}|retry_on_failure.randomization_factor: accepted, without effect:"
            + " MOP decides how waits are spread",
      })
  void notes(String keys, String note) throws Exception {
    assertThat(load(keys).notes()).containsExactly("mop.yaml:5: exporters.debug." + note);
    assertThat(queue(keys)).isEqualTo(Queue.DEFAULT);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "sending_queue: {storage: file_storage}|sending_queue.storage: a stored queue needs the queue bundle, which is"
            + " not installed; without storage it is held in memory",
        "sending_queue: {enabled: false}|sending_queue.enabled: expected true: every exporter has a queue; durability:"
            + " export acknowledges after delivery",
        "sending_queue: {wait_for_result: true}|sending_queue.wait_for_result: expected false: use durability: export"
            + " of the pipeline",
        "sending_queue: {size: 1, queue_size: 1}|sending_queue.queue_size: expected size or queue_size, not both",
        "sending_queue: {consumers: 1, num_consumers: 1}|sending_queue.consumers: expected num_consumers or consumers,"
            + " not both",
        "sending_queue: {num_consumers: 1001}|sending_queue.num_consumers: expected a whole number from 1 to 1000, got"
            + " '1001'",
        "sending_queue: {size: 0}|sending_queue.size: expected a size of at least 1B, got '0'",
        "sending_queue: {sizer: kilos}|sending_queue.sizer: expected one of requests, items, bytes, got 'kilos'",
        "sending_queue: {batch: {min: 3}}|sending_queue.batch.min: unknown key; expected one of flush_timeout,"
            + " min_size, max_size, sizer, partition",
        "sending_queue: {batch: {min_size: 2MiB, max_size: 1MiB}}|sending_queue.batch.min_size: expected at most"
            + " max_size, which is 1MiB",
        "sending_queue: {batch: {max_size: 33MiB}}|sending_queue.batch.max_size: expected a size of at most 32MiB, got"
            + " '33MiB'",
        "sending_queue: {batch: {flush_timeout: 0s}}|sending_queue.batch.flush_timeout: expected a duration of at"
            + " least 1ms, got '0s'",
        "sending_queue: {batch: {max_size: many}}|sending_queue.batch.max_size: expected a size such as 512KiB,"
            + " 4MiB or 64KB, got 'many'",
        "sending_queue: {num_consumer: 3}|sending_queue.num_consumer: unknown key; expected one of enabled, size,"
            + " queue_size, sizer, num_consumers, consumers, storage, block_on_overflow, wait_for_result, batch;"
            + " nearest: num_consumers",
        "sending_queue: true|sending_queue: expected a map, got 'true'",
        "retry_on_failure: {initial_interval: 0s}|retry_on_failure.initial_interval: expected a duration of at least"
            + " 1ms, got '0s'",
        "retry_on_failure: {max_interval: 500ms}|retry_on_failure.max_interval: expected at least initial_interval,"
            + " which is 1s",
        "retry_on_failure: {max_retries: 3}|retry_on_failure.max_retries: unknown key; expected one of enabled,"
            + " initial_interval, max_interval, max_elapsed_time, multiplier, randomization_factor",
      })
  void problems(String keys, String problem) {
    List<String> problems = catchThrowableOfType(ConfigError.class, () -> load(keys)).problems();
    assertThat(problems).containsExactly("mop.yaml:5: exporters.debug." + problem);
  }

  @Test
  void aChangedQueueIsAChangedComponent() throws Exception {
    String one = load("sending_queue: {size: 1MiB}").topology().components().get(1).binding().fingerprint();
    String other = load("sending_queue: {size: 2MiB}").topology().components().get(1).binding().fingerprint();
    assertThat(one).isNotEqualTo(other);
  }
}
