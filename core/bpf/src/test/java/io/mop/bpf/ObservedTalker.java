package io.mop.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.api.capture.Protocol;
import io.mop.capture.Policy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Optional;

/** A selected {@link HttpTalker} whose connection to a test a protocol's classifier knows. */
final class ObservedTalker implements AutoCloseable {
  /** Bytes that it sends before anything else. */
  static final int HELLO = 5;
  private static final int LINE = 64;

  final Socket peer;
  final long conn;
  private final ServerSocket server;
  private final Child child;

  ObservedTalker(Probe probe, Recording recording, Protocol protocol) throws IOException {
    server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    server.setSoTimeout(60_000);
    child = Child.java(HttpTalker.class, "" + server.getLocalPort(), "" + LINE);
    probe.selection().set(child.pid());
    child.run();
    peer = server.accept();
    assertThat(peer.getInputStream().readNBytes(HELLO)).hasSize(HELLO);
    recording.until("the connection", () -> recording.moved(peer.getLocalPort(), 0, HELLO));
    conn = recording.all().get(recording.all().size() - 1).conn();
    probe.policies().set(conn, Policy.FULL, Optional.of(protocol));
  }

  /** What it sends now. */
  HttpMessages talk(long seed, int messages, boolean requests, int bytesToRead) throws IOException {
    HttpMessages all = HttpMessages.of(seed, requests, messages);
    String line = seed + " " + messages + " " + requests + " " + bytesToRead;
    child.tell(line + " ".repeat(LINE - line.length() - 1));
    assertThat(peer.getInputStream().readNBytes(all.bytes().length)).isEqualTo(all.bytes());
    return all;
  }

  void awaitEnd() {
    assertThat(child.awaitExit()).isZero();
  }

  @Override
  public void close() throws IOException {
    peer.close();
    server.close();
    child.close();
  }
}
