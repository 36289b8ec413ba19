package io.mop.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.api.capture.Decoder;
import io.mop.api.capture.Exchanges;
import io.mop.api.capture.Protocol;
import io.mop.api.capture.Stream;
import io.mop.api.data.Signal;
import io.mop.api.pipeline.Receiver;
import io.mop.api.plugin.Context;
import io.mop.api.plugin.Part;
import io.mop.api.plugin.Plugin;
import io.mop.api.plugin.Provides.Kind;
import io.mop.capture.Record;
import io.mop.control.ConfigError;
import io.mop.control.Defaults;
import io.mop.control.PluginCatalog;
import io.mop.control.PluginType;
import io.mop.testkit.TestContext;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A capture says which protocols it uses and how often their decoders failed. */
class ProtocolUseTest {
  /** Configuration of the protocol. */
  record None() {}

  /** Fails on every connection. */
  private static final class Broken implements Plugin<None>, Protocol {
    @Override
    public Class<None> config() {
      return None.class;
    }

    @Override
    public Part create(None config, Context context) {
      return this;
    }

    @Override
    public Guess sniff(Stream in, Direction direction) {
      throw new IllegalStateException("broken");
    }

    @Override
    public Decoder open(Exchanges out) {
      throw new UnsupportedOperationException();
    }
  }

  private static final class Installed implements PluginCatalog {
    final List<PluginType> types = new ArrayList<>();
    final List<String> uses = new ArrayList<>();
    long failures;
    Runnable changed = () -> {};

    void set(PluginType... now) {
      types.clear();
      types.addAll(List.of(now));
      changed.run();
    }

    @Override
    public Use use(PluginType type) {
      uses.add("+" + type.version());
      return new Use() {
        @Override
        public void failed(long times) {
          failures += times;
        }

        @Override
        public void close() {
          uses.add("-" + type.version());
        }
      };
    }

    @Override
    public Optional<PluginType> find(Kind kind, String name) {
      return Optional.empty();
    }

    @Override
    public List<PluginType> all() {
      return types;
    }

    @Override
    public List<PluginCatalog.Installed> installed() {
      return List.of();
    }

    @Override
    public void quarantine(PluginType type, String reason) {
      throw new AssertionError(reason);
    }

    @Override
    public void release(PluginType type) {}

    @Override
    public Listening onChange(Runnable changed) {
      this.changed = changed;
      return () -> this.changed = () -> {};
    }
  }

  private static final Defaults DEFAULTS =
      new Defaults() {
        @Override
        public <C extends java.lang.Record> C of(Class<C> type) throws ConfigError {
          return type.cast(new None());
        }
      };

  private static final Receiver.Intake INTAKE =
      new Receiver.Intake() {
        @Override
        public boolean carries(Signal signal) {
          return true;
        }

        @Override
        public Receiver.Landing reserve(Signal signal, int bytes, String tenant) throws Receiver.Refused {
          throw new AssertionError("no span was made");
        }
      };

  private static final RecordReader.Bits BITS =
      new RecordReader.Bits() {
        @Override
        public void set(int tgid) {}

        @Override
        public void clear(int tgid) {}

        @Override
        public Set<Integer> all() {
          return Set.of();
        }
      };

  private static PluginType version(String version) {
    return new PluginType(Kind.PROTOCOL, "broken", version, "test", 1, new Broken());
  }

  @Test
  void fromItsStartToItsEnd() {
    Installed catalog = new Installed();
    PluginType one = version("1");
    catalog.set(one);
    CaptureReader reader =
        new CaptureReader(
            TestConfig.of(), BITS, new TestContext("receivers.ebpf"), INTAKE, catalog, DEFAULTS);
    assertThat(catalog.uses).containsExactly("+1");
    catalog.set(one);
    assertThat(catalog.uses).as("still the same").containsExactly("+1");
    catalog.set(version("2"));
    assertThat(catalog.uses).containsExactly("+1", "+2", "-1");
    for (int connection = 1; connection <= 3; connection++) reader.accept(data(connection), 0);
    reader.drained(1_000_000);
    reader.refresh();
    assertThat(catalog.failures).as("three connections, each asked about as client and as server").isEqualTo(6);
    reader.refresh();
    assertThat(catalog.failures).as("counted once").isEqualTo(6);
    reader.close();
    assertThat(catalog.uses).containsExactly("+1", "+2", "-1", "-2");
  }

  private static ByteBuffer data(long connection) {
    byte[] payload = {'x', 'y', 'z', '\n'};
    ByteBuffer b = ByteBuffer.allocate(Record.HEADER + 64).order(ByteOrder.nativeOrder());
    b.putLong(Record.TS, 1_000).putLong(Record.CONN, connection).putInt(Record.TID, 7);
    b.putInt(Record.LEN, payload.length).putShort(Record.CAP, (short) payload.length);
    b.put(Record.DIR, (byte) Record.RECV).put(Record.KIND, (byte) Record.DATA);
    b.putInt(Record.SEQ, 0).putInt(Record.TX, 0).putInt(Record.RX, payload.length);
    b.put(Record.HEADER, payload);
    return b;
  }
}
