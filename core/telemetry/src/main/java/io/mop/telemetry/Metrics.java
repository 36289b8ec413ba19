package io.mop.telemetry;

import io.mop.control.Control;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.resources.Resource;
import java.util.Collection;
import java.util.Dictionary;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongFunction;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/**
 * MOP's own metrics in the SDK of OpenTelemetry: asynchronous instruments over one {@link Reading} a collection, so
 * that a collection is one moment and nobody who does not ask pays. The SDK is made at the first collection.
 */
@Component(service = Metrics.class)
public final class Metrics {
  /** More series than MOP can have: what the SDK would drop silently is always there. */
  private static final int MOST_SERIES = 1_000_000;

  /** @param version of MOP @param commit of its source, empty = not known */
  record Build(String version, String commit) {}

  private final Control control;
  private final Build build;
  private final LongFunction<String> digests;
  private final Set<String> parts = new HashSet<>();
  private final Pull pull = new Pull();
  private SdkMeterProvider provider;
  private Meter meter;
  private Reading reading = new Reading();

  @Activate
  public Metrics(@Reference Control control, BundleContext bundles) {
    this(control, build(bundles.getBundle().getHeaders("")), id -> digest(bundles.getBundle(id)));
  }

  /** @param digests SHA-256 of a bundle's file by the bundle's id; empty = not known */
  Metrics(Control control, Build build, LongFunction<String> digests) {
    this.control = control;
    this.build = build;
    this.digests = digests;
  }

  private static Build build(Dictionary<String, String> headers) {
    String version = headers.get("MOP-Version");
    String commit = headers.get("MOP-Commit");
    return new Build(version == null ? "" : version, commit == null ? "" : commit.strip());
  }

  /** Reads everything once. */
  synchronized Collection<MetricData> collect() {
    if (provider == null) start();
    Reading next = new Reading();
    next.add(
        Metric.BUILD_INFO, 1, "version", build.version, "commit", build.commit, "java", Runtime.version().toString());
    EngineReading.read(control.status(), control.vitals(), digests, next);
    JvmReading.read(next);
    reading = next;
    next.parts().values().stream().filter(c -> parts.add(c.id())).forEach(this::register);
    return pull.collect();
  }

  private void start() {
    Attributes of =
        Attributes.builder()
            .put("service.name", "mop")
            .put("service.version", build.version)
            .put("service.instance.id", UUID.randomUUID().toString())
            .build();
    provider =
        SdkMeterProvider.builder()
            .setResource(Resource.create(of))
            .registerMetricReader(pull, type -> MOST_SERIES)
            .build();
    meter = provider.meterBuilder("io.mop").setInstrumentationVersion(build.version).build();
    for (Metric m : Metric.values()) register(m);
  }

  private void register(Metric m) {
    switch (m.kind) {
      case COUNTER -> counter(m.id, m.unit, m.description);
      case SECONDS ->
          meter.counterBuilder(m.id).ofDoubles().setUnit(m.unit).setDescription(m.description)
              .buildWithCallback(o -> reading.fractions(m.id, o::record));
      case LEVEL ->
          meter.upDownCounterBuilder(m.id).setUnit(m.unit).setDescription(m.description)
              .buildWithCallback(o -> reading.wholes(m.id, o::record));
      case GAUGE ->
          meter.gaugeBuilder(m.id).setUnit(m.unit).setDescription(m.description)
              .buildWithCallback(
                  o -> {
                    reading.wholes(m.id, (value, attributes) -> o.record(value, attributes));
                    reading.fractions(m.id, o::record);
                  });
    }
  }

  private void register(PartCounters.Counter c) {
    counter(c.id(), c.unit(), c.description());
  }

  private void counter(String id, String unit, String description) {
    meter.counterBuilder(id).setUnit(unit).setDescription(description)
        .buildWithCallback(o -> reading.wholes(id, o::record));
  }

  /** The deployer installs dropped-in files at {@code mop-plugin:NAME#SHA256}; what MOP ships has no digest there. */
  private static String digest(Bundle bundle) {
    String location = bundle == null ? "" : bundle.getLocation();
    return location.startsWith("mop-plugin:") ? location.substring(location.lastIndexOf('#') + 1) : "";
  }

  @Deactivate
  synchronized void close() {
    if (provider != null) provider.close();
  }
}
