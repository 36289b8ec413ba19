package io.mop.exporters.otlp;

import static io.mop.testkit.TestOutcome.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.ZstdInputStream;
import io.mop.api.pipeline.Exporter;
import io.mop.api.plugin.Plugin;
import io.mop.exporters.otlp.GrpcSink.Answer;
import io.mop.exporters.otlp.Otlp.Compression;
import io.mop.testkit.OtlpSink;
import io.mop.testkit.TestBatch;
import io.mop.testkit.TestContext;
import io.mop.testkit.TestOutcome;
import io.netty.handler.codec.http.HttpClientCodec;
import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LifecycleTest {
  private final GrpcSink sink = new GrpcSink();
  private final TestOutcome outcome = new TestOutcome();
  private final Random random = new Random(1);

  @AfterEach
  void close() {
    sink.close();
    assertThat(outcome.untaken()).isEmpty();
  }

  private static Set<String> threads() {
    return Thread.getAllStackTraces().keySet().stream().map(Thread::getName)
        .filter(n -> n.startsWith("exporters.otlp/")).collect(Collectors.toSet());
  }

  @ParameterizedTest(name = "compression {0}")
  @EnumSource(Compression.class)
  void closeEndsWhatIsUnderWayAndItsThreads(Compression compression) {
    Await.until("threads of earlier tests are gone", () -> threads().isEmpty());
    GrpcExporter exporter = new GrpcExporter(
        GrpcExporterTest.config(sink.endpoint(), LIMIT, compression, Map.of()), new TestContext("exporters.otlp/test"), Map.of());
    sink.next(Answer.ok(new byte[0]), Answer.ok(new byte[0]).hold());
    TestBatch batch = Requests.batch(Requests.of(random, 10));
    exporter.export(batch, outcome);
    assertThat(outcome.take()).isEqualTo("delivered");
    assertThat(threads()).isNotEmpty();
    exporter.export(batch, outcome);
    sink.awaitRequests(2);
    exporter.close();
    // Ended threads are listed until they have returned.
    Await.until("no thread is left", () -> threads().isEmpty());
    assertThat(outcome.take()).isEqualTo("retry PT0S " + sink.endpoint() + ": the exporter was closed");
    exporter.export(batch, outcome);
    assertThat(outcome.take()).isEqualTo("retry PT0S the exporter is closed");
    exporter.close(); // again is harmless
  }

  @Test
  void closeWhileBatchesAreBeingSentTellsEachOutcomeOnce() throws Exception {
    for (Compression compression : Compression.values()) {
      GrpcExporter exporter = new GrpcExporter(
          GrpcExporterTest.config(sink.endpoint(), LIMIT, compression, Map.of()), new TestContext("exporters.otlp/test"), Map.of());
      TestBatch batch = Requests.batch(Requests.of(random, 5000));
      Thread sender = new Thread(() -> {
        for (int i = 0; i < 100; i++) exporter.export(batch, outcome);
      });
      sender.start();
      assertThat(outcome.take()).isEqualTo("delivered");
      exporter.close();
      sender.join();
      for (int i = 1; i < 100; i++) assertThat(outcome.take()).matches("delivered|retry PT0S .*the exporter .*closed");
    }
  }

  /** What a replaced bundle must not do: stay in memory because a library remembers it. */
  @ParameterizedTest(name = "compression {0}")
  @EnumSource(Compression.class)
  void aClosedExportersClassLoaderIsCollected(Compression compression) throws Exception {
    sink.next(Answer.ok(new byte[0]), Answer.ok(new byte[0]).hold());
    WeakReference<ClassLoader> loader = useOnce(sink.endpoint(), compression, () -> sink.awaitRequests(2));
    awaitCollected(loader);
  }

  @ParameterizedTest(name = "compression {0}")
  @EnumSource(Compression.class)
  void aClosedHttpExportersClassLoaderIsCollected(Compression compression) throws Exception {
    // Netty keeps exceptions made when its classes are initialised, with the stack: the first user's loader stays, once.
    new HttpClientCodec();
    try (OtlpSink http = new OtlpSink().decoding("zstd", ZstdInputStream::new)) {
      http.next(OtlpSink.Answer.ok(), OtlpSink.Answer.ok().hold());
      awaitCollected(useOnce(http.url(), compression, () -> http.awaitRequests(2, LIMIT)));
    }
  }

  private static void awaitCollected(WeakReference<ClassLoader> loader) {
    Await.until("the class loader is collected", () -> {
      System.gc();
      return loader.get() == null;
    });
  }

  private WeakReference<ClassLoader> useOnce(String endpoint, Compression compression, Runnable awaitBoth)
      throws Exception {
    URL classes = Otlp.class.getProtectionDomain().getCodeSource().getLocation();
    ClassLoader loader = new OwnFirst(classes);
    Plugin<?> plugin =
        (Plugin<?>) loader.loadClass(Otlp.class.getName()).getDeclaredConstructor().newInstance();
    assertThat(plugin.getClass()).isNotEqualTo(Otlp.class);
    Object given = constant(loader, Compression.class, compression.name());
    Record config = (Record) plugin.config().getDeclaredConstructors()[0].newInstance(
        Optional.empty(), Optional.of(endpoint), Optional.empty(), Optional.empty(), Optional.empty(),
        Map.of(), Duration.ofSeconds(20), Optional.of(given), Optional.of(TestConfig.INSECURE), Optional.empty(),
        Optional.empty(), Optional.empty());
    Exporter exporter = create(plugin, config);
    exporter.export(Requests.batch(Requests.of(random, 100)), outcome);
    assertThat(outcome.take()).isEqualTo("delivered");
    exporter.export(Requests.batch(Requests.of(random, 100)), outcome);
    awaitBoth.run();
    exporter.close();
    assertThat(outcome.take()).contains("the exporter was closed");
    return new WeakReference<>(loader);
  }

  @SuppressWarnings("unchecked")
  private static <C extends Record> Exporter create(Plugin<C> plugin, Record config) {
    return (Exporter) plugin.create((C) config, new TestContext("exporters.otlp/test"));
  }

  private static Object constant(ClassLoader loader, Class<?> type, String name) throws Exception {
    for (Object constant : loader.loadClass(type.getName()).getEnumConstants()) {
      if (constant.toString().equals(name)) return constant;
    }
    throw new AssertionError(name);
  }

  /** Loads the exporter's classes itself, as a bundle does. */
  private static final class OwnFirst extends URLClassLoader {
    OwnFirst(URL classes) {
      super(new URL[] {classes}, OwnFirst.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (!name.startsWith("io.mop.exporters.otlp.")) return super.loadClass(name, resolve);
      synchronized (getClassLoadingLock(name)) {
        Class<?> loaded = findLoadedClass(name);
        return loaded != null ? loaded : findClass(name);
      }
    }
  }
}
