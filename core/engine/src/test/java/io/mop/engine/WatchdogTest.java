package io.mop.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.api.pipeline.Transform;
import io.mop.api.plugin.Context;
import io.mop.api.plugin.Plugin;
import io.mop.api.plugin.Provides.Kind;
import io.mop.control.PluginType;
import io.mop.otlp.FieldTable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When it looks: its rest is so long here that nothing happens unless a call wakes it. */
class WatchdogTest {
  @TempDir Path state;

  private final List<String> taken = new CopyOnWriteArrayList<>();
  private final List<Watchdog.Stuck> slow = new CopyOnWriteArrayList<>();
  private final AtomicInteger looks = new AtomicInteger();
  private final Caller caller = new Caller();
  private Watchdog watchdog;
  private Unit<Transform> unit;

  @BeforeEach
  void start() {
    unit = unit();
    Duration soft = Duration.ofMillis(50);
    Duration hour = Duration.ofHours(1);
    watchdog = new Watchdog(() -> List.of(caller), soft, hour, slow::add, s -> {}, looks::incrementAndGet, hour);
    watchdog.start();
  }

  @AfterEach
  void stop() {
    watchdog.stop();
  }

  private final class Caller implements Watched {
    volatile long since;
    volatile boolean calling;
    volatile long allocated;

    void call() {
      since = System.nanoTime();
      calling = true;
      watchdog.called();
    }

    @Override
    public Thread thread() {
      return Thread.currentThread();
    }

    @Override
    public Unit<?> overdue(long now, long limit) {
      return calling && now - since > limit ? unit : null;
    }

    @Override
    public long allocated() {
      return allocated;
    }

    @Override
    public boolean take(Unit<?> overdue, long limit, String why) {
      calling = false;
      taken.add(why);
      return true;
    }
  }

  private Unit<Transform> unit() {
    Plugin<Rig.None> plugin = new Plugin<>() {
      @Override
      public Class<Rig.None> config() {
        return Rig.None.class;
      }

      @Override
      public Transform create(Rig.None config, Context context) {
        throw new AssertionError();
      }
    };
    var component = Rig.component(Kind.PROCESSOR, "p", Optional.empty());
    var context = new PartContext("processors.p", state, new FieldTable(), new Health(), PartContext.counters());
    var type = new PluginType(Kind.PROCESSOR, "p", "1.0.0", "test.p", 1, plugin);
    return new Unit<>(new Slot<>(component), component, type, context, new Usage(), List.of());
  }

  @Test
  void aCallWakesIt() {
    Rig.await("nothing is called", watchdog::rests);
    caller.allocated = Watchdog.MOST_BYTES + 1;
    caller.call();
    Rig.await("it is taken", () -> !taken.isEmpty());
    assertThat(taken).containsExactly("a call has allocated over 64 MiB and goes on");
    Rig.await("it rests again", watchdog::rests);
  }

  @Test
  void itLooksOnWhileACallLasts() {
    Rig.await("nothing is called", watchdog::rests);
    int before = looks.get();
    caller.call();
    Rig.await("it is slow, time after time", () -> slow.size() > 30); // longer than what is quiet
    assertThat(looks.get() - before).isGreaterThan(30);
    assertThat(taken).isEmpty();
    caller.calling = false;
    Rig.await("it rests", watchdog::rests);
  }

  @Test
  void manyCallsAndRestsMissNone() {
    for (int i = 0; i < 20; i++) {
      if (i % 4 == 0) Rig.await("nothing is called", watchdog::rests);
      caller.allocated = Watchdog.MOST_BYTES + 1;
      caller.call();
      int n = i + 1;
      Rig.await("call " + n, () -> taken.size() == n);
    }
  }
}
