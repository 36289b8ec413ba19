package io.mop.plugins.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.mop.api.data.Signal;
import io.mop.api.net.ServerAuth;
import io.mop.api.plugin.Secret;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AuthTest {
  private static final byte[] BODY = Telemetry.traces(3);
  /** user:password */
  private static final String BASIC = "Basic dXNlcjpwYXNzd29yZA==";

  private static Running running() {
    ServerAuth auth = new ServerAuth(
        Optional.of(new ServerAuth.Bearer(Optional.of(new Secret("s3cret")), List.of(), Optional.empty(), "Bearer",
            Duration.ZERO)),
        Optional.of(new ServerAuth.Basic(Optional.empty(), Optional.empty(), Map.of("user", new Secret("password")),
            Optional.empty(), Duration.ZERO)));
    return new Running(Running.config(Optional.empty(), Optional.of(auth)));
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"Bearer s3cret", BASIC})
  void knownClientsAreLetIn(String authorization) throws Exception {
    try (Running running = running(); RawHttp http = new RawHttp(running.httpPort());
        GrpcClient grpc = new GrpcClient(running.grpcPort()).authorized(authorization)) {
      grpc.export(Signal.TRACES, BODY, GrpcClient.IDENTITY);
      http.send(RawHttp.head(BODY.length, "Authorization: " + authorization + "\r\n")).send(BODY);
      assertThat(http.status()).isEqualTo(200);
      assertThat(running.context.count("requests_unauthenticated")).isZero();
      assertThat(running.intake.spans()).isEqualTo(6);
    }
  }

  @ParameterizedTest(name = "''{0}''")
  @ValueSource(strings = {"", "Bearer wrong", "Bearer", "Basic s3cret", "s3cret"})
  void othersAreAnsweredBeforeTheirBodyIsRead(String authorization) throws Exception {
    String header = authorization.isEmpty() ? "" : "Authorization: " + authorization + "\r\n";
    try (Running running = running(); RawHttp http = new RawHttp(running.httpPort());
        GrpcClient grpc = new GrpcClient(running.grpcPort()).authorized(authorization)) {
      http.send(RawHttp.head(1 << 19, header)); // and no body
      String head = http.head();
      assertThat(head).startsWith("HTTP/1.1 401 ").contains("www-authenticate: Bearer realm=\"mop\"")
          .contains("www-authenticate: Basic realm=\"mop\"").contains("connection: close");
      var failure = grpc.failure(Signal.TRACES, BODY, GrpcClient.IDENTITY);
      assertThat(GrpcClient.code(failure)).isEqualTo(Status.Code.UNAUTHENTICATED);
      assertThat(failure.getMessage()).contains("authorization").doesNotContain("s3cret");
      assertThat(running.context.count("requests_unauthenticated")).isEqualTo(2);
      assertThat(running.intake.peak.get()).as("memory asked for").isZero();
    }
  }

  @Test
  void aStrangerCostsOthersNothing() throws Exception {
    try (Running running = running(); GrpcClient grpc = new GrpcClient(running.grpcPort()).authorized("Bearer s3cret");
        GrpcClient stranger = new GrpcClient(running.grpcPort()).authorized("Bearer x")) {
      byte[] large = Telemetry.traces(1000);
      for (int i = 0; i < 20; i++) {
        stranger.failure(Signal.TRACES, large, "gzip");
        grpc.export(Signal.TRACES, BODY, GrpcClient.IDENTITY);
      }
      Await.until("nothing of the strangers' is left", () -> running.receiver.grpc().buffered() == 0);
      assertThat(running.intake.spans()).isEqualTo(60);
      assertThat(running.context.count("requests_unauthenticated")).isEqualTo(20);
    }
  }
}
