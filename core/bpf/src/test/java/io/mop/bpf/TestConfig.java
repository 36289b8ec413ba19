package io.mop.bpf;

import io.mop.api.plugin.Size;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Configurations of the receiver that differ from the defaults in what a test is about. */
final class TestConfig {
  private static final Duration INTERVAL = Duration.ofMillis(50);
  private static final Size RING = new Size(1 << 20);

  private TestConfig() {}

  static EbpfPlugin.Config of(EbpfPlugin.Rule... rules) {
    return of(EbpfPlugin.Hook.AUTO, rules);
  }

  static EbpfPlugin.Config of(EbpfPlugin.Hook hook, EbpfPlugin.Rule... rules) {
    return of(List.of(rules), RING, INTERVAL, hook);
  }

  static EbpfPlugin.Config edges(EbpfPlugin.Hook hook, EbpfPlugin.Rule... rules) {
    return new EbpfPlugin.Config(
        List.of(rules), RING, INTERVAL, hook, true, false, EbpfPlugin.OwnSdk.KEEP, Duration.ZERO, Optional.empty());
  }

  static EbpfPlugin.Config ring(Size ring) {
    return of(List.of(), ring, INTERVAL, EbpfPlugin.Hook.AUTO);
  }

  static EbpfPlugin.Config interval(Duration interval) {
    return of(List.of(), RING, interval, EbpfPlugin.Hook.AUTO);
  }

  static EbpfPlugin.Config of(List<EbpfPlugin.Rule> rules, Size ring, Duration interval, EbpfPlugin.Hook hook) {
    return new EbpfPlugin.Config(
        rules, ring, interval, hook, false, false, EbpfPlugin.OwnSdk.KEEP, Duration.ZERO, Optional.empty());
  }
}
