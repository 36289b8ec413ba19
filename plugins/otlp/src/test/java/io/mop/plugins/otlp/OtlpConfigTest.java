package io.mop.plugins.otlp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mop.api.plugin.InvalidConfig;
import io.mop.api.plugin.Key;
import io.mop.api.plugin.Size;
import java.lang.reflect.RecordComponent;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OtlpConfigTest {
  private static final Size LIMIT = new Size(32 << 20);

  @Test
  void withoutProtocolsBothRunAndNamedAloneOnlyThatOne() {
    OtlpConfig both = new OtlpConfig(Optional.empty(), LIMIT);
    assertThat(both.grpc()).hasValue(OtlpConfig.Grpc.DEFAULT);
    assertThat(both.http()).hasValue(OtlpConfig.Http.DEFAULT);
    OtlpConfig one = new OtlpConfig(Optional.of(
        new OtlpConfig.Protocols(Optional.empty(), Optional.of(OtlpConfig.Http.DEFAULT))), LIMIT);
    assertThat(one.grpc()).isEmpty();
    assertThat(one.http()).isPresent();
  }

  @Test
  void noProtocolAtAllIsAnError() {
    assertThatThrownBy(() -> new OtlpConfig(Optional.of(
        new OtlpConfig.Protocols(Optional.empty(), Optional.empty())), LIMIT))
        .isInstanceOfSatisfying(InvalidConfig.class, e -> assertThat(e.key()).isEqualTo("protocols"))
        .hasMessage("at least one of grpc and http");
  }

  @Test
  void theDefaultsAreThoseTheKeysSay() throws Exception {
    compare(OtlpConfig.Grpc.DEFAULT);
    compare(OtlpConfig.Http.DEFAULT);
    compare(OtlpConfig.ServerParameters.DEFAULT);
    compare(OtlpConfig.EnforcementPolicy.DEFAULT);
  }

  private static void compare(Record defaults) throws Exception {
    for (RecordComponent component : defaults.getClass().getRecordComponents()) {
      Object value = component.getAccessor().invoke(defaults);
      String written = component.getAnnotation(Key.class).value();
      if (value instanceof Record && !(value instanceof Size)) continue;
      if (value instanceof Optional<?> optional) {
        assertThat(optional).isEmpty();
      } else if (value instanceof Size size) {
        assertThat(written).isEqualTo((size.bytes() >> 20) + "MiB");
      } else if (value instanceof Duration duration) {
        assertThat(Duration.parse("PT" + written)).isEqualTo(duration);
      } else {
        assertThat(written).isEqualTo(String.valueOf(value));
      }
    }
  }

  @Test
  void theCollectorsSizeKeyWins() {
    OtlpConfig.Grpc d = OtlpConfig.Grpc.DEFAULT;
    assertThat(d.messageLimit()).isEqualTo(16 << 20);
    assertThat(new OtlpConfig.Grpc(d.endpoint(), d.maxRecvMsgSize(), Optional.of(64), 1, 1, d.keepalive())
        .messageLimit()).isEqualTo(64 << 20);
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"v1/traces", "traces", "/a?b", "/a#b"})
  void pathsAreChecked(String path) {
    OtlpConfig.Http h = OtlpConfig.Http.DEFAULT;
    assertThatThrownBy(() -> new OtlpConfig.Http(h.endpoint(), h.maxRequestBodySize(), path, "/m", "/l",
        h.readTimeout(), h.idleTimeout(), 1)).isInstanceOfSatisfying(InvalidConfig.class,
            e -> assertThat(e.key()).isEqualTo("protocols.http.traces_url_path"));
    assertThatThrownBy(() -> new OtlpConfig.Http(h.endpoint(), h.maxRequestBodySize(), "/x", "/y", "/x",
        h.readTimeout(), h.idleTimeout(), 1)).isInstanceOf(InvalidConfig.class);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"127.0.0.1:4317,127.0.0.1:4317", "localhost:0,127.0.0.1:0", ":80,0.0.0.0:80",
      "[::1]:9,[0:0:0:0:0:0:0:1]:9",
      "0.0.0.0:65535,0.0.0.0:65535"})
  void endpoints(String text, String expected) {
    assertThat(Endpoint.text(Endpoint.of("k", text).address())).isEqualTo(expected);
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"4317", "localhost", "localhost:", "localhost:65536", "localhost:-1", "http://localhost:4318",
      "::1:4317", "localhost:x"})
  void endpointsThatAreNone(String text) {
    assertThatThrownBy(() -> Endpoint.of("protocols.grpc.endpoint", text))
        .isInstanceOfSatisfying(InvalidConfig.class, e -> assertThat(e.key()).isEqualTo("protocols.grpc.endpoint"))
        .hasMessageStartingWith("host:port with a port of 0 to 65535");
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"grpc", "http"})
  void aPortInUseIsAnErrorThatNamesItsHolderAndTheKey(String protocol) throws Exception {
    try (ServerSocket holder = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String taken = "127.0.0.1:" + holder.getLocalPort();
      OtlpConfig.Grpc g = OtlpConfig.Grpc.DEFAULT;
      OtlpConfig.Http h = OtlpConfig.Http.DEFAULT;
      OtlpConfig config = new OtlpConfig(Optional.of(new OtlpConfig.Protocols(
          Optional.of(new OtlpConfig.Grpc(protocol.equals("grpc") ? taken : "127.0.0.1:0", g.maxRecvMsgSize(),
              Optional.empty(), 1, 1, g.keepalive())),
          Optional.of(new OtlpConfig.Http(protocol.equals("http") ? taken : "127.0.0.1:0", h.maxRequestBodySize(),
              h.tracesUrlPath(), h.metricsUrlPath(), h.logsUrlPath(), h.readTimeout(), h.idleTimeout(), 1)))), LIMIT);
      String key = "protocols." + protocol + ".endpoint";
      assertThatThrownBy(() -> new Running(config))
          .isInstanceOfSatisfying(InvalidConfig.class, e -> assertThat(e.key()).isEqualTo(key))
          .hasMessage("an address that is free: " + taken
              + " is in use by this process, by another receiver; stop it or change " + key);
    }
  }

  @Test
  void anAddressOfAnotherMachineIsAnError() {
    OtlpConfig.Grpc g = OtlpConfig.Grpc.DEFAULT;
    OtlpConfig config = new OtlpConfig(Optional.of(new OtlpConfig.Protocols(Optional.of(new OtlpConfig.Grpc(
        "192.0.2.1:4317", g.maxRecvMsgSize(), Optional.empty(), 1, 1, g.keepalive())), Optional.empty())), LIMIT);
    assertThatThrownBy(() -> new Running(config)).isInstanceOf(InvalidConfig.class)
        .hasMessageContaining("an address this process may listen on: 192.0.2.1:4317");
  }
}
