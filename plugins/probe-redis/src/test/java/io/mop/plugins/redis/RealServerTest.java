package io.mop.plugins.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The machine's redis-server, on a Unix socket; the decoder sees the bytes that pass. */
@Timeout(120)
class RealServerTest {
  @TempDir Path directory;
  private Process server;
  private SocketChannel channel;
  private InputStream in;
  private final Random random = new Random(1);
  private final Tap tap = Tap.client();
  private final ByteArrayOutputStream read = new ByteArrayOutputStream();

  @BeforeEach
  void start() throws Exception {
    Path socket = directory.resolve("socket");
    server =
        new ProcessBuilder(binary(), "--port", "0", "--unixsocket", socket.toString(), "--save", "", "--dir",
                directory.toString())
            .redirectOutput(directory.resolve("log").toFile())
            .start();
    channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    while (!channel.isConnected()) {
      try {
        channel.connect(UnixDomainSocketAddress.of(socket));
      } catch (IOException e) {
        if (server.waitFor(20, TimeUnit.MILLISECONDS)) throw new AssertionError("redis-server ended", e);
        channel = SocketChannel.open(StandardProtocolFamily.UNIX);
      }
    }
    in = Channels.newInputStream(channel);
  }

  private static String binary() {
    return Stream.of(System.getenv("PATH").split(":"))
        .map(d -> Path.of(d, "redis-server"))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseGet(() -> Assumptions.abort("needs redis-server on PATH"))
        .toString();
  }

  @AfterEach
  void stop() throws Exception {
    channel.close();
    server.destroy();
    server.waitFor();
  }

  /** Sends a command and reads its reply; the decoder gets it in pieces of any length. */
  private Object call(String... words) throws IOException {
    String command = Tap.array(words);
    tap.request(command);
    channel.write(ByteBuffer.wrap(command.getBytes(StandardCharsets.ISO_8859_1)));
    read.reset();
    Object value = value();
    String bytes = read.toString(StandardCharsets.ISO_8859_1);
    for (int at = 0; at < bytes.length(); ) {
      int n = Math.min(bytes.length() - at, 1 + random.nextInt(700));
      tap.response(bytes.substring(at, at += n));
    }
    return value;
  }

  private Object value() throws IOException {
    String header = line();
    String rest = header.substring(1);
    return switch (header.charAt(0)) {
      case '$', '=' -> string(Integer.parseInt(rest));
      case '*', '~' -> values(Integer.parseInt(rest));
      case '%' -> values(2 * Integer.parseInt(rest));
      default -> rest;
    };
  }

  private String string(int length) throws IOException {
    byte[] bytes = length < 0 ? new byte[0] : in.readNBytes(length + 2);
    read.write(bytes);
    return new String(bytes, StandardCharsets.ISO_8859_1).strip();
  }

  private List<Object> values(int n) throws IOException {
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < n; i++) values.add(value());
    return values;
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) throw new IOException("redis-server has closed the connection");
      read.write(b);
      line.append((char) b);
    }
    read.write('\n');
    return line.toString().strip();
  }

  @Test
  void theTableHasEveryCommandOfTheServer() throws IOException {
    List<String> unknown = new ArrayList<>();
    List<?> commands = (List<?>) call("COMMAND");
    assertThat(commands).hasSizeGreaterThan(200);
    for (Object command : commands) {
      check((List<?>) command, unknown);
      for (Object subcommand : (List<?>) ((List<?>) command).get(9)) check((List<?>) subcommand, unknown);
    }
    assertThat(unknown).isEmpty();
    assertThat(tap.exchanges()).containsExactly("COMMAND");
  }

  private static void check(List<?> command, List<String> unknown) {
    String[] words = ((String) command.get(0)).split("\\|");
    int arity = Math.abs(Integer.parseInt((String) command.get(1)));
    String name = String.join(" ", words).toUpperCase();
    List<String> sent = new ArrayList<>(List.of(words));
    while (sent.size() < arity) sent.add("x");
    Tap tap = Tap.server().command(sent.toArray(String[]::new)).response("+OK\r\n");
    if (!tap.exchanges().toString().startsWith("[" + name)) unknown.add(name + " " + arity);
  }

  @Test
  void everyKindOfReply() throws IOException {
    List<String> expected = new ArrayList<>();
    for (String version : List.of("2", "3")) {
      call("HELLO", version);
      call("COMMAND", "DOCS");
      call("SET", "big", "x".repeat(100_000));
      call("GET", "big");
      call("INFO", "everything");
      call("SELECT", "7");
      call("LPUSH", "big", "x");
      call("EVAL", "return {1, {2, {3, {'x', redis.error_reply('MINE x')}}}}", "0");
      boolean again = version.equals("3");
      String database = again ? " @7" : "";
      for (String name : List.of("HELLO", "COMMAND DOCS", "SET", "GET", "INFO")) expected.add(name + database);
      expected.addAll(List.of("SELECT @7", again ? "LPUSH @7 !WRONGTYPE" : "LPUSH @7", "EVAL @7"));
    }
    assertThat(tap.exchanges()).isEqualTo(expected);
    assertThat(tap.counted()).isEmpty();
  }
}
