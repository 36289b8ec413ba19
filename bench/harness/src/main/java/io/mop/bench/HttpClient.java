package io.mop.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;

/** {@link HttpLoad} in a process of its own, so that MOP can be told to observe it. */
public final class HttpClient implements AutoCloseable {
  private static final String DONE = "done";

  private final Process process;

  HttpClient() throws IOException {
    process = Host.java(HttpClient.class).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  /** For each line {@code PORT CONNECTIONS REQUESTS FIRST} makes the requests on connections of their own. */
  public static void main(String[] args) throws IOException {
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
    for (String line; (line = lines.readLine()) != null; ) {
      String[] words = line.split(" ");
      int first = Integer.parseInt(words[3]);
      try (HttpLoad load = new HttpLoad(Integer.parseInt(words[0]), Integer.parseInt(words[1]), 1, first)) {
        load.run(Integer.parseInt(words[2]));
      }
      System.out.println(DONE);
    }
  }

  long pid() {
    return process.pid();
  }

  /**
   * Returns when all is answered.
   *
   * @param first number of the first request
   */
  void ask(int port, int connections, int requests, int first) throws IOException {
    process.outputWriter().append(port + " " + connections + " " + requests + " " + first + "\n").flush();
    String said = process.inputReader().readLine();
    if (!DONE.equals(said)) throw new IOException("the client ended, it said: " + said);
  }

  @Override
  public void close() {
    Host.stop(process);
  }
}
