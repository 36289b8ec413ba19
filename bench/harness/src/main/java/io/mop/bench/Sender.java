package io.mop.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The {@link SdkSender} process as the harness sees it. */
final class Sender implements AutoCloseable {
  /**
   * What MOP acknowledged.
   *
   * @param sum of the span ids as numbers
   * @param failed exports that were repeated
   */
  record Acked(long spans, long sum, long xor, long requests, long failed) {}

  private final Process process;
  private final Thread reader;
  private volatile Optional<Acked> acked = Optional.empty();

  Sender(String url, long requests, int each, int rate) throws IOException {
    process =
        Host.java(SdkSender.class, url, Long.toString(requests), Integer.toString(each), Integer.toString(rate))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    reader = new Thread(this::read, "bench-sender");
    reader.setDaemon(true);
    reader.start();
  }

  private void read() {
    try (var in = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        String[] w = line.split(" ");
        if (!w[0].equals("acked")) continue;
        acked = Optional.of(new Acked(number(w[1]), number(w[2]), number(w[3]), number(w[4]), number(w[5])));
      }
    } catch (IOException e) {
      // The process ended; whether all was said shows in acked.
    }
  }

  private static long number(String text) {
    return Long.parseLong(text);
  }

  boolean running() {
    return process.isAlive();
  }

  /**
   * Lets it send what is left of its requests.
   *
   * @throws IOException if it ended without saying what was acknowledged
   */
  Acked finish() throws IOException, InterruptedException {
    process.getOutputStream().close();
    process.waitFor();
    reader.join();
    return acked.orElseThrow(
        () -> new IOException("the SDK's process ended with " + process.exitValue() + " before it was done"));
  }

  @Override
  public void close() {
    Host.stop(process);
  }
}
