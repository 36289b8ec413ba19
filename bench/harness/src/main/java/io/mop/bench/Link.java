package io.mop.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Both ends of connections are captured: the parent of each span is the one that it belongs to, and none is missing.
 */
final class Link {
  /** Requests at one time to the server that asks another. */
  private static final int[] CHAINED = {1, 16, 64};

  private final Places places;
  private final List<String> hooks;
  private final int connections;
  private final int requests;
  private final List<String> problems = new ArrayList<>();

  Link(Places places, Options options) {
    this.places = places;
    hooks = options.hooks();
    connections = options.number("connections", 64);
    requests = options.number("requests", 64_000);
  }

  /** True if each span of nginx is the child of its client's, and no span has a wrong parent. */
  boolean run() throws IOException {
    for (String hook : hooks) {
      Path directory = Files.createTempDirectory("mop-link-");
      int before = problems.size();
      new Run(hook, directory).run();
      if (problems.size() == before) Host.delete(directory);
    }
    problems.forEach(p -> System.out.println("NOT EXACT: " + p));
    return problems.isEmpty();
  }

  /** One front end. */
  private final class Run {
    private final String hook;
    private final Path directory;
    /** Number of the next request: no path is asked for twice. */
    private int next = 1;
    private long wrong;

    Run(String hook, Path directory) {
      this.hook = hook;
      this.directory = directory;
    }

    void run() throws IOException {
      int before = problems.size();
      System.out.println("hook " + hook + ", " + Host.load());
      System.out.printf(
          "%-24s %10s %12s %10s %10s %10s %10s%n",
          "load", "requests", "server_spans", "linked", "calls", "linked", "wrong");
      try (WebServer nginx = WebServer.nginx(directory);
          WebServer front = WebServer.front(directory, nginx.port());
          HttpClient client = new HttpClient()) {
        List<Long> pids = List.of(nginx.pid(), front.pid(), client.pid());
        String receiver = Captured.select(pids) + ", ring: 64MiB, hook: " + hook;
        try (Captured captured =
            new Captured(places.home(), Files.createDirectory(directory.resolve("mop")), receiver)) {
          Parents direct = new Parents(nginx.port());
          load(captured, client, direct, connections, requests);
          int unlinked = direct.servers() - direct.linked();
          check(unlinked == 0, hook + ": " + unlinked + " spans not linked");
          for (int concurrent : CHAINED) chain(captured, client, new Parents(front.port(), nginx.port()), concurrent);
          if (problems.size() > before) captured.print(captured.mop().status());
          System.out.println(Host.load());
          System.out.printf(
              "RESULT link hook=%s server_spans=%d linked=%d wrong=%d%n",
              hook, direct.servers(), direct.linked(), wrong);
        }
      }
    }

    private void chain(Captured captured, HttpClient client, Parents parents, int concurrent) throws IOException {
      load(captured, client, parents, concurrent, Math.max(1, requests / 10));
      // Calls whose request is not certain have no parent; that there are others makes 0 wrong ones tell something.
      check(parents.calledBy() > 0, hook + ": no call of " + concurrent + " at a time is linked");
    }

    private void load(Captured captured, HttpClient client, Parents parents, int concurrent, int n) throws IOException {
      client.ask(parents.port(), concurrent, n, next);
      next += n;
      captured.drained(60);
      captured.take(parents::add);
      parents.check();
      String load = (parents.hops() == 1 ? "nginx" : "chain") + ", " + concurrent + " at a time";
      System.out.printf(
          "%-24s %10d %12d %10d %10d %10d %10d%n",
          load, n, parents.servers(), parents.linked(), parents.calls(), parents.calledBy(), parents.wrong().size());
      parents.wrong().stream().limit(5).forEach(System.out::println);
      wrong += parents.wrong().size();
      check(parents.wrong().isEmpty(), hook + ": " + load + ": " + parents.wrong().size() + " wrong parents");
      int expected = n * parents.hops();
      check(parents.servers() == expected,
          hook + ": " + load + ": " + parents.servers() + " server spans of " + expected);
    }

    private void check(boolean holds, String problem) {
      if (!holds) problems.add(problem);
    }
  }
}
