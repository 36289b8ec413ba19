package io.mop.plugins.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import com.google.protobuf.InvalidProtocolBufferException;
import io.mop.api.data.Signal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** OTLP/HTTP with the JDK's client. */
class HttpTest {
  private static final String PROTOBUF = "application/x-protobuf";
  private static final String JSON = "application/json";
  private static final String LOG_JSON =
      "{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\"timeUnixNano\":\"7\","
      + "\"body\":{\"stringValue\":\"hello\"}}]}]}]}";

  private final Running running = new Running();
  private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @AfterEach
  void close() {
    running.close();
  }

  private HttpRequest.Builder request(String path, String type, String encoding, BodyPublisher body) {
    HttpRequest.Builder b = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + running.httpPort() + path))
        .timeout(Duration.ofSeconds(20)).POST(body);
    if (!type.isEmpty()) b.header("Content-Type", type);
    if (!encoding.isEmpty()) b.header("Content-Encoding", encoding);
    return b;
  }

  private HttpResponse<byte[]> post(String path, String type, String encoding, byte[] body) throws Exception {
    return client.send(request(path, type, encoding, BodyPublishers.ofByteArray(body)).build(),
        HttpResponse.BodyHandlers.ofByteArray());
  }

  private static byte[] encode(String encoding, byte[] bytes) {
    return switch (encoding) {
      case "gzip" -> Telemetry.gzip(bytes);
      case "zstd" -> Zstd.compress(bytes);
      default -> bytes;
    };
  }

  private static com.google.rpc.Status status(HttpResponse<byte[]> response) throws InvalidProtocolBufferException {
    assertThat(response.headers().firstValue("Content-Type")).hasValue(PROTOBUF);
    return com.google.rpc.Status.parseFrom(response.body());
  }

  @ParameterizedTest(name = "{0} {1} sent as {2}")
  @CsvSource({"/v1/traces,TRACES,''", "/v1/traces,TRACES,identity", "/v1/traces,TRACES,gzip", "/v1/traces,TRACES,zstd",
      "/v1/metrics,METRICS,gzip", "/v1/logs,LOGS,zstd", "/v1/logs?x=y,LOGS,''"})
  void bytesArriveUnchanged(String path, Signal signal, String encoding) throws Exception {
    byte[] message = signal == Signal.TRACES ? Telemetry.traces(512)
        : signal == Signal.METRICS ? Telemetry.metrics() : Telemetry.logs();
    byte[] body = encode(encoding, message);
    HttpResponse<byte[]> response = post(path, PROTOBUF, encoding, body);
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEmpty();
    assertThat(response.headers().firstValue("Content-Type")).hasValue(PROTOBUF);
    assertThat(running.intake.requests).hasSize(1);
    assertThat(running.intake.requests.get(0).signal()).isEqualTo(signal);
    assertThat(running.intake.requests.get(0).bytes()).isEqualTo(message);
    assertThat(running.context.count("wire_bytes")).isEqualTo(body.length);
  }

  @ParameterizedTest(name = "JSON sent as {0}")
  @ValueSource(strings = {"", "gzip", "zstd"})
  void jsonArrivesAsProtobuf(String encoding) throws Exception {
    byte[] body = encode(encoding, LOG_JSON.getBytes(StandardCharsets.UTF_8));
    HttpResponse<byte[]> response = post("/v1/logs", "Application/JSON; charset=utf-8", encoding, body);
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Type")).hasValue(JSON);
    assertThat(response.body()).asString().isEqualTo("{}");
    assertThat(running.intake.requests.get(0).bytes()).isEqualTo(Telemetry.logs());
  }

  @Test
  void brokenJsonIsToldInJsonWithItsPlace() throws Exception {
    HttpResponse<byte[]> response = post("/v1/logs", JSON, "",
        "{\"resourceLogs\":\n[{\"scopeLogs\": 7}]}".getBytes(StandardCharsets.UTF_8));
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.headers().firstValue("Content-Type")).hasValue(JSON);
    assertThat(response.body()).asString().isEqualTo("{\"code\":3,\"message\":\"line 2, column 16, "
        + "/resourceLogs/0/scopeLogs: expected an array, found 7\"}");
  }

  @Test
  void chunkedBodiesAreAccepted() throws Exception {
    byte[] message = Telemetry.traces(900);
    var chunked = BodyPublishers.ofByteArrays(split(message, 1000));
    HttpResponse<byte[]> response = client.send(request("/v1/traces", PROTOBUF, "", chunked).build(),
        HttpResponse.BodyHandlers.ofByteArray());
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(running.intake.requests.get(0).bytes()).isEqualTo(message);
  }

  private static List<byte[]> split(byte[] bytes, int size) {
    List<byte[]> pieces = new ArrayList<>();
    for (int i = 0; i < bytes.length; i += size) {
      pieces.add(Arrays.copyOfRange(bytes, i, Math.min(bytes.length, i + size)));
    }
    return pieces;
  }

  @Test
  void aClientMayAskBeforeItSends() throws Exception {
    HttpResponse<byte[]> response = client.send(request("/v1/traces", PROTOBUF, "",
        BodyPublishers.ofByteArray(Telemetry.traces(5))).expectContinue(true).build(),
        HttpResponse.BodyHandlers.ofByteArray());
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(running.intake.spans()).isEqualTo(5);
  }

  @ParameterizedTest(name = "{0} of {1}, encoding {2}: {3}")
  @CsvSource({
      "/v1/spans,application/x-protobuf,'',404,no OTLP path '/v1/spans'",
      "/v1/traces,text/plain,'',415,content type 'text/plain'",
      "/v1/traces,'','',415,content type ''",
      "/v1/traces,application/x-protobuf,br,415,content encoding 'br'",
      "/v1/traces,application/x-protobuf,'gzip, zstd',415,content encoding 'gzip",
  })
  void whatIsNotServedIsSaidSo(String path, String type, String encoding, int code, String message) throws Exception {
    for (int i = 0; i < 2; i++) { // the connection stays usable
      HttpResponse<byte[]> response = post(path, type, encoding, Telemetry.traces(50));
      assertThat(response.statusCode()).isEqualTo(code);
      assertThat(status(response).getMessage()).contains(message);
      assertThat(response.headers().firstValue("Connection")).isEmpty();
    }
    assertThat(running.context.count("requests_unsupported")).isEqualTo(2);
    assertThat(running.intake.requests).isEmpty();
  }

  @Test
  void onlyPostIsAllowed() throws Exception {
    HttpResponse<byte[]> response = client.send(request("/v1/traces", PROTOBUF, "", BodyPublishers.noBody()).GET()
        .build(), HttpResponse.BodyHandlers.ofByteArray());
    assertThat(response.statusCode()).isEqualTo(405);
    assertThat(response.headers().firstValue("Allow")).hasValue("POST");
  }

  @Test
  void unsupportedEncodingsNameTheSupported() throws Exception {
    HttpResponse<byte[]> response = post("/v1/traces", PROTOBUF, "br", new byte[1]);
    assertThat(response.headers().firstValue("Accept-Encoding")).hasValue("gzip, zstd");
  }

  @Test
  void aSignalWithoutPipelineIsNotFound() throws Exception {
    running.intake.carried.remove(Signal.METRICS);
    HttpResponse<byte[]> response = post("/v1/metrics", PROTOBUF, "", Telemetry.metrics());
    assertThat(response.statusCode()).isEqualTo(404);
    assertThat(status(response).getMessage()).isEqualTo("no pipeline of this receiver carries metrics");
    assertThat(status(response).getCode()).isEqualTo(com.google.rpc.Code.UNIMPLEMENTED_VALUE);
  }

  @Test
  void theLargestBodyIsAcceptedAndOneByteMoreIsNot() throws Exception {
    assertThat(post("/v1/traces", PROTOBUF, "", Telemetry.zeros(Running.WIRE_LIMIT)).statusCode()).isEqualTo(200);
    byte[] large = Telemetry.zeros(Running.WIRE_LIMIT + 1);
    HttpResponse<byte[]> response = post("/v1/traces", PROTOBUF, "", large);
    assertThat(response.statusCode()).isEqualTo(413);
    assertThat(response.headers().firstValue("Retry-After")).isEmpty();
    assertThat(status(response).getMessage()).contains("max_request_body_size");
    HttpResponse<byte[]> chunked = client.send(
        request("/v1/traces", PROTOBUF, "", BodyPublishers.ofByteArrays(split(large, 9000))).build(),
        HttpResponse.BodyHandlers.ofByteArray());
    assertThat(chunked.statusCode()).isEqualTo(413);
    running.settled();
    assertThat(running.context.count("requests_oversize")).isEqualTo(2);
    assertThat(running.intake.requests).hasSize(1);
  }

  @ParameterizedTest(name = "{0} bomb")
  @ValueSource(strings = {"gzip", "zstd"})
  void bombsAreCutOffWithinTheLimit(String encoding) throws Exception {
    byte[] bomb = encode(encoding, Telemetry.zeros(256 << 20));
    assertThat(bomb.length).isLessThan(Running.WIRE_LIMIT);
    HttpResponse<byte[]> response = post("/v1/traces", PROTOBUF, encoding, bomb);
    assertThat(response.statusCode()).isEqualTo(413);
    assertThat(status(response).getMessage()).contains("max_inflated_size");
    assertThat(running.context.count("requests_inflate_limit")).isEqualTo(1);
    assertThat(running.intake.peak.get()).isLessThan(2L * Running.INFLATED_LIMIT + bomb.length);
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"gzip", "zstd"})
  void brokenCompressionIsTheSendersFault(String encoding) throws Exception {
    byte[] noise = new byte[5000];
    new Random(1).nextBytes(noise);
    byte[] good = encode(encoding, Telemetry.traces(10));
    for (byte[] broken : List.of(noise, Arrays.copyOf(good, good.length - 20))) {
      HttpResponse<byte[]> response = post("/v1/traces", PROTOBUF, encoding, broken);
      assertThat(response.statusCode()).isEqualTo(400);
      assertThat(status(response).getMessage()).startsWith("the compressed body cannot be read");
    }
    assertThat(running.context.count("requests_malformed")).isEqualTo(2);
  }

  @Test
  void malformedIsBadRequestWithTheEnginesReason() throws Exception {
    running.intake.malformed = "byte 17: \"quoted\" and broken";
    HttpResponse<byte[]> response = post("/v1/traces", PROTOBUF, "", Telemetry.traces(1));
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(status(response).getMessage()).isEqualTo(running.intake.malformed);
    HttpResponse<byte[]> json = post("/v1/logs", JSON, "", LOG_JSON.getBytes(StandardCharsets.UTF_8));
    assertThat(json.body()).asString()
        .isEqualTo("{\"code\":3,\"message\":\"byte 17: \\\"quoted\\\" and broken\"}");
  }

  @ParameterizedTest(name = "no room for {0}")
  @ValueSource(strings = {"", "gzip", "zstd"})
  void noRoomIsRetryableAndSaysWhen(String encoding) throws Exception {
    running.intake.budget = 100;
    byte[] body = encode(encoding, Telemetry.traces(200));
    HttpResponse<byte[]> response = post("/v1/traces", PROTOBUF, encoding, body);
    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(response.headers().firstValue("Retry-After")).hasValue("2"); // 1.5 s in whole seconds
    assertThat(status(response).getMessage()).isEqualTo("memory is full");
    running.intake.budget = 1 << 30;
    assertThat(post("/v1/traces", PROTOBUF, encoding, body).statusCode()).isEqualTo(200);
    assertThat(running.context.count("requests_refused")).isEqualTo(1);
  }

  @Test
  void refusedAfterSubmitIsRetryable() throws Exception {
    running.intake.onSubmit = (request, ack) -> ack.refused("the segment log is full", Duration.ZERO);
    HttpResponse<byte[]> response = post("/v1/traces", PROTOBUF, "", Telemetry.traces(1));
    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(response.headers().firstValue("Retry-After")).hasValue("1");
  }

  @ParameterizedTest(name = "empty {0}: {1}")
  @CsvSource({"application/x-protobuf,200", "application/json,400"})
  void anEmptyBodyIsAnEmptyProtobufRequest(String type, int code) throws Exception {
    assertThat(post("/v1/traces", type, "", new byte[0]).statusCode()).isEqualTo(code);
    assertThat(running.intake.requests).isEmpty();
  }

  @Test
  void acknowledgementsMayComeLateAndFromAnyThread() {
    running.intake.hold = true;
    List<CompletableFuture<HttpResponse<byte[]>>> calls = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      calls.add(client.sendAsync(request("/v1/traces", PROTOBUF, "gzip",
          BodyPublishers.ofByteArray(Telemetry.gzip(Telemetry.traces(3)))).build(),
          HttpResponse.BodyHandlers.ofByteArray()));
    }
    Await.until("50 requests are held", () -> running.intake.held.size() == 50);
    assertThat(calls).noneMatch(CompletableFuture::isDone);
    running.intake.held.forEach(ack -> ack.safe());
    for (var call : calls) assertThat(call.join().statusCode()).isEqualTo(200);
    assertThat(running.intake.spans()).isEqualTo(150);
  }

  @Test
  void whilePausedNothingIsReadAndAfterwardsEverythingIs() throws Exception {
    assertThat(post("/v1/traces", PROTOBUF, "", Telemetry.traces(1)).statusCode()).isEqualTo(200);
    running.receiver.pause();
    // The connection made above is paused as well as new ones.
    List<CompletableFuture<HttpResponse<byte[]>>> calls = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      calls.add(client.sendAsync(request("/v1/traces", PROTOBUF, "", BodyPublishers.ofByteArray(Telemetry.traces(2)))
          .build(), HttpResponse.BodyHandlers.ofByteArray()));
    }
    // ten, or eleven if the first was not free yet
    Await.until("the connections are open", () -> running.receiver.http().connections() >= 10);
    assertThat(running.context.count("requests")).isEqualTo(1);
    running.receiver.resume();
    for (var call : calls) assertThat(call.join().statusCode()).isEqualTo(200);
    assertThat(running.intake.spans()).isEqualTo(21);
  }
}
