package io.mop.bpf;

import io.mop.api.capture.Protocol;
import io.mop.api.pipeline.Receiver;
import io.mop.api.plugin.Context;
import io.mop.api.plugin.Plugin;
import io.mop.api.plugin.Provides.Kind;
import io.mop.capture.Capture;
import io.mop.capture.Counters;
import io.mop.capture.GoBinary;
import io.mop.capture.Limits;
import io.mop.capture.MetricBatches;
import io.mop.capture.NamedProtocol;
import io.mop.capture.Policies;
import io.mop.capture.ProcProcesses;
import io.mop.capture.Record;
import io.mop.capture.RecordTo;
import io.mop.capture.Resource;
import io.mop.capture.Rule;
import io.mop.capture.Selector;
import io.mop.capture.SpanBatches;
import io.mop.capture.UnixClock;
import io.mop.control.ConfigError;
import io.mop.control.Defaults;
import io.mop.control.PluginCatalog;
import io.mop.control.PluginType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Gives records to the capture core, with the protocols that are installed now, and selects processes by /proc. */
final class CaptureReader implements RecordReader {
  private static final System.Logger LOG = System.getLogger(CaptureReader.class.getName());
  private static final Path PROC = Path.of("/proc");
  private static final String VERSION = "0.1.0";
  /** What goes up and down is no counter: published as one, it would be the highest value ever seen. */
  private static final Set<String> LEVELS =
      Set.of(Counters.CONNECTIONS_OPEN, Counters.EXCHANGES_IN_FLIGHT, Counters.STREAM_BYTES);
  private static final String FAILURES = Counters.DECODER_FAILURES + "{";

  private final Context context;
  private final PluginCatalog catalog;
  private final Defaults defaults;
  private final Selector selector;
  private final SpanBatches spans;
  private final Capture capture;
  private final Record record = new Record();
  private final Map<Plugin<?>, NamedProtocol> protocols = new HashMap<>();
  private final Map<Plugin<?>, PluginCatalog.Use> uses = new HashMap<>();
  private final PluginCatalog.Listening listening;
  private Optional<Classifiers> classifiers = Optional.empty();
  private final Map<String, Long> published = new HashMap<>();
  private final Unread unread = new Unread();
  private final CaptureWhy why;
  private Optional<String> problem = Optional.empty();
  private Optional<String> unreadBefore = Optional.empty();

  CaptureReader(
      EbpfPlugin.Config config,
      Bits bits,
      Context context,
      Receiver.Intake intake,
      PluginCatalog catalog,
      Defaults defaults) {
    this(PROC, config, bits, context, intake, catalog, defaults);
  }

  CaptureReader(
      Path proc,
      EbpfPlugin.Config config,
      Bits bits,
      Context context,
      Receiver.Intake intake,
      PluginCatalog catalog,
      Defaults defaults) {
    this.context = context;
    this.catalog = catalog;
    this.defaults = defaults;
    ProcProcesses processes = new ProcProcesses(proc);
    List<Rule> rules = config.select().stream().map(CaptureReader::rule).toList();
    selector = new Selector(proc, rules, bits(bits));
    spans = new SpanBatches(intake, VERSION, context);
    Optional<Predicate<Resource>> edges = config.edges() ? Optional.of(new GoBinary(proc)) : Optional.empty();
    capture = new Capture(spans, Limits.standard(), new UnixClock(), processes, edges);
    warmUp(processes);
    boolean suppress = config.ownSdk() == EbpfPlugin.OwnSdk.SUPPRESS;
    if (suppress) capture.suppressOwnSdk();
    why = new CaptureWhy(proc, rules, bits, selector, capture, suppress);
    if (!config.metricsInterval().isZero()) {
      capture.measure(new MetricBatches(intake, VERSION, context), config.metricsInterval());
    }
    listening = catalog.onChange(this::protocols);
    protocols();
  }

  /**
   * Writes what passes into a new file, if one is wanted.
   *
   * @throws BpfException if it cannot be made; the reader is closed
   */
  CaptureReader recordsTo(Optional<EbpfPlugin.Recording> recording) throws BpfException {
    if (recording.isEmpty()) return this;
    EbpfPlugin.Recording to = recording.get();
    Path file = Path.of(to.file());
    try {
      capture.record(new RecordTo(file, to.raw(), to.maxSize().bytes(), to.connections()), VERSION);
      LOG.log(System.Logger.Level.INFO, "what passes is recorded in {0}, {1}", file, to.raw() ? "unmasked" : "masked");
      return this;
    } catch (IOException e) {
      close();
      String why = e instanceof FileAlreadyExistsException ? " exists, and is not overwritten" : " cannot be made: " + e;
      throw new BpfException("nothing is recorded: " + file + why);
    }
  }

  /**
   * The first record must not wait for classes to be loaded: a process that lives for milliseconds would be gone before
   * its name is read.
   */
  private void warmUp(ProcProcesses processes) {
    ByteBuffer open = ByteBuffer.allocate(Record.HEADER + Record.OPEN_LENGTH).order(ByteOrder.nativeOrder());
    open.put(Record.KIND, (byte) Record.OPEN).putShort(Record.CAP, (short) Record.OPEN_LENGTH);
    open.putInt(Record.HEADER, Math.toIntExact(ProcessHandle.current().pid()));
    Capture other = new Capture(spans, Limits.standard(), new UnixClock(), processes);
    other.accept(new Record().wrap(open, 0));
    other.close();
  }

  static Rule rule(EbpfPlugin.Rule rule) {
    List<Rule.Condition> conditions = new ArrayList<>();
    rule.port().map(Rule.Port::new).ifPresent(conditions::add);
    rule.pid().map(Rule.Pid::new).ifPresent(conditions::add);
    rule.exe().map(Rule.Exe::new).ifPresent(conditions::add);
    rule.command().map(Rule.Command::new).ifPresent(conditions::add);
    rule.cgroup().map(Rule.Cgroup::new).ifPresent(conditions::add);
    rule.container().map(Rule.Container::new).ifPresent(conditions::add);
    return new Rule(conditions);
  }

  private static Selector.Bits bits(Bits bits) {
    return new Selector.Bits() {
      @Override
      public void set(int tgid) {
        bits.set(tgid);
      }

      @Override
      public void clear(int tgid) {
        bits.clear(tgid);
      }

      @Override
      public Set<Integer> all() {
        return bits.all();
      }
    };
  }

  /** The installed protocols are those in use: new ones are made, and those that are gone are closed when none uses them. */
  private synchronized void protocols() {
    List<Plugin<?>> installed = new ArrayList<>();
    for (PluginType type : catalog.all()) {
      if (type.kind() != Kind.PROTOCOL) continue;
      installed.add(type.plugin());
      if (protocols.containsKey(type.plugin())) continue;
      try {
        NamedProtocol made = new NamedProtocol(type.name(), make(type.plugin()));
        protocols.put(type.plugin(), made);
        classifiers.ifPresent(c -> c.load(made.name(), made.protocol()));
        uses.put(type.plugin(), catalog.use(type));
      } catch (ConfigError | RuntimeException | LinkageError e) {
        LOG.log(System.Logger.Level.WARNING, "protocol " + type.name() + " of " + type.bundle() + " cannot be used", e);
        catalog.quarantine(type, "cannot be used: " + e.getMessage());
        return; // called again
      }
    }
    Map<Plugin<?>, NamedProtocol> gone = new HashMap<>(protocols);
    gone.keySet().removeAll(installed);
    protocols.keySet().retainAll(installed);
    gone.keySet().forEach(plugin -> Optional.ofNullable(uses.remove(plugin)).ifPresent(PluginCatalog.Use::close));
    capture.protocols(List.copyOf(protocols.values())).thenRun(() -> gone.values().forEach(p -> close(p.protocol())));
  }

  private void close(Protocol protocol) {
    classifiers.ifPresent(c -> c.unload(protocol));
    protocol.close();
  }

  private <C extends java.lang.Record> Protocol make(Plugin<C> plugin) throws ConfigError {
    return (Protocol) plugin.create(defaults.of(plugin.config()), context);
  }

  @Override
  public synchronized void kernel(Policies policies, Classifiers classifiers) {
    capture.policies(policies);
    this.classifiers = Optional.of(classifiers);
    protocols.values().forEach(p -> classifiers.load(p.name(), p.protocol()));
  }

  @Override
  public void tls(IntFunction<Optional<String>> libraries) {
    capture.tls(libraries);
    why.tls(libraries);
  }

  @Override
  public Set<Integer> selected() {
    return selector.selected();
  }

  @Override
  public void accept(ByteBuffer data, int offset) {
    record.wrap(data, offset);
    capture.accept(record);
  }

  @Override
  public void drained(long monotonicNanos) {
    capture.drained(monotonicNanos);
  }

  @Override
  public void refresh() {
    selector.refresh();
    tellProblems();
    publish();
  }

  /** Only news of its own, so that what others said of the receiver's health stands. */
  private void tellProblems() {
    String both = Stream.concat(selector.problem().stream(), unread().stream()).collect(Collectors.joining("; "));
    Optional<String> now = Optional.of(both).filter(s -> !s.isEmpty());
    if (now.equals(problem)) return;
    problem = now;
    now.ifPresentOrElse(context::unhealthy, context::healthy);
  }

  private Optional<String> unread() {
    Map<String, Long> counts = capture.counters().byReason(Counters.BYTES_UNREAD);
    Optional<String> warning = unread.look(System.nanoTime(), capture.counters().get(Counters.BYTES), counts);
    boolean news = warning.isPresent() && !warning.equals(unreadBefore);
    if (news) capture.connections().thenAccept(unread::seen); // named from the next look on
    unreadBefore = warning;
    return warning;
  }

  @Override
  public Optional<CaptureWhy> why() {
    return Optional.of(why);
  }

  /** By the refreshing thread while capture runs, and by the ring's when it ends. */
  private synchronized void publish() {
    capture.counters().snapshot().forEach((name, now) -> {
      if (LEVELS.contains(name)) return;
      long before = published.getOrDefault(name, 0L);
      if (now > before) context.counter("capture_" + name, "1", "").add(now - before);
      if (now > before && name.startsWith(FAILURES)) {
        failed(name.substring(FAILURES.length(), name.length() - 1), now - before);
      }
      published.put(name, Math.max(now, before));
    });
  }

  /** A decoder's failures are its plugin's errors. */
  private synchronized void failed(String protocol, long times) {
    protocols.forEach((plugin, named) -> {
      PluginCatalog.Use use = uses.get(plugin);
      if (use != null && named.name().equals(protocol)) use.failed(times);
    });
  }

  @Override
  public void close() {
    listening.close();
    synchronized (this) {
      uses.values().forEach(PluginCatalog.Use::close);
      uses.clear();
    }
    selector.close();
    capture.close();
    spans.close();
    publish(); // what closing counted, and what was since the last refresh
    protocols.values().forEach(p -> close(p.protocol()));
  }
}
