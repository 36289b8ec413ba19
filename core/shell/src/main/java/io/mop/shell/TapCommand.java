package io.mop.shell;

import io.mop.control.Control;
import io.mop.control.Tap;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/** {@code mop:tap}: prints items as they pass, until the limit or until the client leaves. */
@Component(service = TapCommand.class, property = {"osgi.command.scope=mop", "osgi.command.function=tap"})
public final class TapCommand {
  private static final Duration LOOK = Duration.ofMillis(200);
  private static final long SECOND = 1_000_000_000;
  /** How often it says what it did not show. */
  private static final long REPORT = 5 * SECOND;

  @Reference(
      cardinality = ReferenceCardinality.OPTIONAL,
      policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  volatile Control control;

  private final LongSupplier nanos;

  @Activate
  public TapCommand() {
    this(System::nanoTime);
  }

  TapCommand(LongSupplier nanos) {
    this.nanos = nanos;
  }

  @Descriptor("shows a live, masked sample of the items at an edge of the pipelines; without an edge lists the edges")
  public void tap(
      CommandSession session,
      @Descriptor("[EDGE | --diff PROCESSOR] [--signal traces|metrics|logs] [--limit N] [--rate N/s]"
              + " [--match key=value] [-o text|json]")
          String... args)
      throws InterruptedException {
    TapOptions options = TapOptions.parse(args);
    Control engine = control;
    if (engine == null) throw new IllegalStateException(StatusCommand.NO_ENGINE);
    Tap tap = engine.tap();
    List<Tap.Edge> edges = tap.edges();
    PrintStream out = session.getConsole();
    if (options.edge().isEmpty()) {
      out.print(TapFormat.edges(edges, options.json()));
      return;
    }
    String edge = options.edge().get();
    if (edges.stream().noneMatch(e -> e.path().equals(edge))) {
      throw new NotFoundException(
          "There is no edge \"" + edge + "\"; there are: "
              + String.join(", ", edges.stream().map(Tap.Edge::path).toList()) + ".");
    }
    AtomicBoolean gone = new AtomicBoolean();
    if (session.get(ClientOutput.VARIABLE) instanceof ClientOutput client) client.onGone(() -> gone.set(true));
    try (Tap.Sample sample = tap.open(new Tap.Look(edge, options.signals(), options.diff(), options.copies()))) {
      show(sample, options, out, gone);
    }
  }

  private void show(Tap.Sample sample, TapOptions options, PrintStream out, AtomicBoolean gone)
      throws InterruptedException {
    boolean matching = !options.matches().isEmpty();
    long shown = 0;
    long second = nanos.getAsLong();
    int inSecond = 0;
    long reported = second;
    Optional<String> said = Optional.empty();
    while (!gone.get() && !out.checkError() && (options.limit() == 0 || shown < options.limit())) {
      Optional<Tap.Seen> seen = sample.next(LOOK);
      long now = nanos.getAsLong();
      if (now - second >= SECOND) {
        second = now;
        inSecond = 0;
      }
      boolean room = inSecond < options.rate();
      if (seen.isPresent() && room && options.matches().stream().allMatch(m -> m.of(seen.get().item()))) {
        out.println(
            options.json() ? TapFormat.json(seen.get(), options.diff()) : TapFormat.text(seen.get(), options.diff()));
        shown++;
        inSecond++;
      }
      if (now - reported >= REPORT) {
        reported = now;
        Optional<String> say = TapFormat.summary(sample.passed(), sample.copied(), shown, matching);
        if (!say.equals(said)) say.ifPresent(out::println);
        said = say;
      }
      if (seen.isEmpty() && sample.ended().isPresent()) {
        throw new IllegalStateException("The sample has ended: " + sample.ended().get() + ".");
      }
    }
    TapFormat.summary(sample.passed(), sample.copied(), shown, matching).ifPresent(out::println);
  }
}
