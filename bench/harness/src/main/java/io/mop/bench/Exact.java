package io.mop.bench;

import jakarta.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What real clients counted against the spans of their servers, for three protocols and both front ends. */
final class Exact {
  private static final int CLIENTS = 8;
  /** Exchanges of a protocol that the wire shows too; their times are compared. */
  private static final int TIMED = 2000;
  /** Number of the first request of those. */
  private static final int FIRST_TIMED = 1_000_000_000;

  private static final String SELECT = "SELECT abalance FROM pgbench_accounts WHERE aid = ";

  private final Places places;
  private final List<String> hooks;
  private final int requests;
  private final int operations;
  private final int transactions;
  private final List<String> problems = new ArrayList<>();

  Exact(Places places, Options options) {
    this.places = places;
    hooks = options.hooks();
    requests = options.number("requests", 200_000);
    operations = options.number("operations", 200_000);
    transactions = options.number("transactions", 2_000);
  }

  /** True if all is exact. */
  boolean run() throws IOException, InterruptedException {
    if (!Wire.available()) {
      System.err.println("bench/run exact: tshark is missing, which shows what is on the wire: apt-get install tshark");
      return false;
    }
    for (String hook : hooks) {
      Path directory = Files.createTempDirectory("mop-exact-");
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x")); // PostgreSQL is nobody
      int before = problems.size();
      new Run(hook, directory).run();
      if (problems.size() == before) Host.delete(directory); // else what MOP logged is of use
    }
    problems.forEach(p -> System.out.println("NOT EXACT: " + p));
    return problems.isEmpty();
  }

  /** Requests to one server, {@code depth} of them at a time on each connection. */
  private record Load(int requests, int connections, int depth) {}

  /** Asks one by one; how many answers it has counted. */
  private interface Client {
    long run() throws IOException, InterruptedException;
  }

  /** One front end. */
  private final class Run {
    private final String hook;
    private final Path directory;
    private long httpClient;
    private long httpSpans;
    private long redisClient;
    private long redisSpans;
    private long pgClient;
    private long pgSpans;
    private long wireClient;
    private long wireSpans;
    private long wireWithin;
    private HttpLoad.Done timed = new HttpLoad.Done();

    Run(String hook, Path directory) {
      this.hook = hook;
      this.directory = directory;
    }

    void run() throws IOException, InterruptedException {
      System.out.println("hook " + hook + ", " + Host.load());
      System.out.printf("%-28s %10s %10s %10s  %s%n", "load", "client", "spans", "other view", "");
      try (WebServer nginx = WebServer.nginx(directory);
          WebServer jdk = WebServer.jdk(directory);
          WebServer node = WebServer.node(directory);
          WebServer python = WebServer.python(directory);
          Redis redis = new Redis(directory.resolve("redis"));
          Postgres postgres = new Postgres(directory.resolve("postgres"))) {
        List<Long> pids = List.of(nginx.pid(), jdk.pid(), node.pid(), python.pid(), redis.pid(), postgres.pid());
        String receiver = Captured.select(pids) + ", ring: 64MiB, hook: " + hook;
        try (Captured captured = new Captured(places.home(), Files.createDirectory(directory.resolve("mop")), receiver)) {
          HttpSpans times = new HttpSpans(nginx.port());
          wire(captured, Wired.HTTP, nginx.pid(), nginx.port(), () -> oneByOne(nginx)).forEach(times::add);
          wire(captured, Wired.REDIS, redis.pid(), redis.port(), () -> OneByOne.redis(redis, TIMED));
          Path script = directory.resolve("statements.sql");
          wire(
              captured, Wired.POSTGRESQL, postgres.pid(), postgres.port(),
              () -> OneByOne.postgresql(postgres, script, TIMED));
          http(captured, nginx, new Load(requests, 64, 1), new Load(requests, 64, 4));
          Clocks clocks = new Clocks(timed.times, times.times(), nginx.log());
          System.out.println(clocks);
          check(clocks.agree(), hook + ": times do not agree: " + clocks);
          http(captured, jdk, new Load(Math.max(1, requests / 10), 8, 1));
          http(captured, node, new Load(Math.max(1, requests / 10), 16, 1));
          http(captured, python, new Load(Math.max(1, requests / 40), 8, 1));
          redis(captured, redis);
          for (String mode : List.of("simple", "extended", "prepared")) {
            for (boolean unix : new boolean[] {false, true}) postgres(captured, postgres, mode, unix);
          }
          result(captured, captured.drained(60));
        }
      }
    }

    private long oneByOne(WebServer server) throws IOException {
      try (HttpLoad load = HttpLoad.timed(server.port(), FIRST_TIMED)) {
        timed = load.run(TIMED);
        return timed.answered();
      }
    }

    /**
     * Exchanges with a server, one by one, against what the wire shows of them; all spans that came meanwhile. The
     * server takes precedence: how long it waits for a processor is a part of the time on the wire, but not of a span.
     */
    private List<SpanRow> wire(Captured captured, Wired protocol, long pid, int port, Client client)
        throws IOException, InterruptedException {
      String load = protocol.name().toLowerCase(Locale.ROOT) + " on the wire";
      long counted;
      List<Exchange> seen;
      List<Exchange> spans;
      List<SpanRow> rows = new ArrayList<>();
      Host.first(pid, true);
      try (Wire wire = new Wire(protocol, port, directory.resolve(protocol.dissector + ".pcapng"))) {
        counted = client.run();
        seen = wire.exchanges(counted);
        captured.drained(60);
        captured.take(rows::add);
        spans = wire.spans(rows);
      }
      Host.first(pid, false);
      Durations durations = new Durations(spans, seen);
      row(load, counted, spans.size(), seen.size(), durations.toString());
      check(durations.same(), hook + " " + load + ": spans are not what the wire shows: " + durations);
      check(durations.agree(), hook + " " + load + ": durations are not those on the wire: " + durations);
      wireClient += counted;
      wireSpans += spans.size();
      wireWithin += durations.within();
      return rows;
    }

    private static void take(Captured captured, HttpSpans to) {
      captured.drained(60);
      captured.take(to::add);
    }

    private void http(Captured captured, WebServer server, Load... loads) throws IOException {
      Lines exchanges = new Lines();
      Map<Integer, Integer> statuses = new TreeMap<>();
      List<String> rates = new ArrayList<>();
      HttpSpans spans = new HttpSpans(server.port());
      int first = 1;
      for (Load load : loads) {
        try (HttpLoad client = new HttpLoad(server.port(), load.connections, load.depth, first)) {
          HttpLoad.Done done = client.run(load.requests);
          exchanges.add(done.exchanges);
          done.statuses.forEach((status, times) -> statuses.merge(status, times, Integer::sum));
          rates.add(String.format(Locale.ROOT, "%.0f/s at depth %d", done.perSecond(), load.depth));
        }
        first += load.requests;
        take(captured, spans);
      }
      server.close(); // its log is complete then
      Lines logged = new Lines();
      for (String line : server.log()) {
        String exchange = HttpSpans.exchange(line);
        if (HttpSpans.number(exchange) < FIRST_TIMED) logged.add(exchange);
      }
      row(
          "http " + server.name(), exchanges.count(), spans.exchanges().count(), logged.count(),
          rates + " " + statuses);
      check(exchanges.same(spans.exchanges()), server.name() + ": the client's exchanges are not those of the spans");
      check(logged.same(spans.exchanges()), server.name() + ": the log's exchanges are not those of the spans");
      check(statuses.equals(spans.statuses()), server.name() + ": statuses " + statuses + ", spans " + spans.statuses());
      check(spans.otherRoutes().isEmpty(), server.name() + ": routes " + spans.otherRoutes());
      httpClient += exchanges.count();
      httpSpans += spans.exchanges().count();
    }

    private void redis(Captured captured, Redis redis) throws IOException, InterruptedException {
      Map<String, Integer> before = redis.calls();
      for (int depth : new int[] {1, 32}) {
        // redis-benchmark sends whole pipelines only.
        int n = depth == 1 ? Math.max(1, operations / 4) : (operations + depth - 1) / depth * depth;
        redis.tool("redis-benchmark", "-t", "set,get", "-n", "" + n, "-c", "" + CLIENTS, "-P", "" + depth, "-q");
        redisClient += 2L * n;
      }
      captured.drained(60);
      Map<String, Integer> named = new TreeMap<>();
      captured.take(s -> {
        boolean ours = s.get("db.system.name").equals("redis") && s.kind() == 2;
        if (ours) named.merge(s.get("db.operation.name"), 1, Integer::sum);
      });
      Map<String, Integer> calls = redis.calls();
      before.forEach((name, times) -> calls.merge(name, -times, Integer::sum));
      calls.values().removeIf(times -> times == 0);
      calls.remove("INFO"); // this bench's own question
      named.remove("INFO");
      redisSpans = named.getOrDefault("GET", 0) + named.getOrDefault("SET", 0);
      int carriedOut = calls.getOrDefault("GET", 0) + calls.getOrDefault("SET", 0);
      row("redis depth 1 and 32", redisClient, redisSpans, carriedOut, calls.toString());
      check(named.equals(calls), "redis carried out " + calls + ", spans " + named);
    }

    private void postgres(Captured captured, Postgres server, String mode, boolean unix)
        throws IOException, InterruptedException {
      server.rows("select pg_stat_statements_reset()");
      int counted = server.bench(mode, unix, CLIENTS, transactions);
      int executed = Integer.parseInt(
          server.rows("select sum(calls) from pg_stat_statements where query like '" + SELECT + "%'").get(0));
      captured.drained(60);
      Lines spans = new Lines();
      String text = SELECT + (mode.equals("simple") ? "?" : "$1");
      captured.take(s -> {
        if (s.get("db.query.text").equals(text)) spans.add(text);
      });
      row("postgresql " + mode + (unix ? " unix" : " tcp"), counted, spans.count(), executed, "");
      pgClient += counted;
      pgSpans += spans.count();
    }

    private void row(String load, long client, long spans, long server, String more) {
      boolean same = client == spans && spans == server;
      System.out.printf("%-28s %10d %10d %10d  %s%n", load, client, spans, server, (same ? "" : "DIFFERENT ") + more);
      check(same, hook + " " + load + ": client " + client + ", spans " + spans + ", server " + server);
    }

    private void check(boolean holds, String problem) {
      if (!holds) problems.add(problem);
    }

    private void result(Captured captured, JsonObject end) throws IOException {
      long incomplete =
          captured.reasons(end, "capture_exchanges_incomplete") + captured.reasons(end, "capture_exchanges_discarded");
      check(incomplete == 0, hook + ": " + incomplete + " exchanges without a span");
      for (String loss : List.of("kernel_reserve_failed", "capture_records_lost", "capture_bytes_lost", "records_failed")) {
        check(captured.counter(end, loss) == 0, hook + ": " + loss + " " + captured.counter(end, loss));
      }
      if (!problems.isEmpty()) captured.print(end);
      System.out.println(Host.load());
      System.out.printf(
          "RESULT exact hook=%s http_client=%d http_spans=%d redis_client=%d redis_spans=%d pg_client=%d pg_spans=%d"
              + " incomplete=%d wire_client=%d wire_spans=%d wire_within_1ms=%d%n",
          hook, httpClient, httpSpans, redisClient, redisSpans, pgClient, pgSpans, incomplete, wireClient, wireSpans,
          wireWithin);
    }
  }
}
