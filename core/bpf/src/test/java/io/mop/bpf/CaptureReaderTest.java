package io.mop.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.api.data.Signal;
import io.mop.api.pipeline.Receiver;
import io.mop.api.plugin.Provides.Kind;
import io.mop.capture.Record;
import io.mop.control.ConfigError;
import io.mop.control.Defaults;
import io.mop.control.PluginCatalog;
import io.mop.control.PluginType;
import io.mop.testkit.TestContext;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CaptureReaderTest {
  private final TestContext context = new TestContext("receivers.ebpf");
  private final CaptureReader reader =
      new CaptureReader(
          EbpfPluginTest.config(), new NoBits(), context, new NoIntake(), new NoPlugins(), new NoDefaults());

  private void invalidRecord() {
    ByteBuffer record = ByteBuffer.allocate(Record.HEADER).order(ByteOrder.nativeOrder());
    record.put(Record.KIND, (byte) 99);
    reader.accept(record, 0);
  }

  @Test
  void whatWasCountedAfterTheLastRefreshIsPublishedAtTheEnd() {
    invalidRecord();
    reader.refresh();
    assertThat(context.count("capture_records_invalid")).isEqualTo(1);
    invalidRecord();
    invalidRecord();
    assertThat(context.count("capture_records_invalid")).isEqualTo(1);
    reader.close();
    assertThat(context.count("capture_records_invalid")).isEqualTo(3);
    assertThat(context.count("capture_records")).isEqualTo(3);
  }

  @Test
  void whatWasNeverRefreshedIsPublishedAtTheEnd() {
    invalidRecord();
    reader.close();
    assertThat(context.count("capture_records")).isEqualTo(1);
  }

  private static final class NoBits implements RecordReader.Bits {
    @Override
    public void set(int tgid) {
      throw new AssertionError("nothing is selected");
    }

    @Override
    public void clear(int tgid) {
      throw new AssertionError("nothing is selected");
    }
  }

  private static final class NoIntake implements Receiver.Intake {
    @Override
    public boolean carries(Signal signal) {
      return false;
    }

    @Override
    public Receiver.Landing reserve(Signal signal, int bytes, String tenant) {
      throw new AssertionError("nothing is sent on");
    }
  }

  static final class NoDefaults implements Defaults {
    @Override
    public <C extends java.lang.Record> C of(Class<C> type) throws ConfigError {
      throw new ConfigError(List.of("nothing is made"));
    }
  }

  static final class NoPlugins implements PluginCatalog {
    @Override
    public Optional<PluginType> find(Kind kind, String name) {
      return Optional.empty();
    }

    @Override
    public List<PluginType> all() {
      return List.of();
    }

    @Override
    public List<Installed> installed() {
      return List.of();
    }

    @Override
    public void quarantine(PluginType type, String reason) {
      throw new AssertionError(reason);
    }

    @Override
    public void release(PluginType type) {
      throw new AssertionError("nothing was in quarantine");
    }

    @Override
    public Listening onChange(Runnable changed) {
      return () -> {};
    }
  }
}
