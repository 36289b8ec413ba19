package io.mop.exporters.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.RetryInfo;
import io.opentelemetry.proto.collector.trace.v1.ExportTracePartialSuccess;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;

/** Against protobuf-java: what both read is equal, and what only this reader refuses is of two known kinds. */
class ReplyTest {
  @Property(tries = 5000)
  void anyBytes(@ForAll @Size(max = 40) byte[] bytes) {
    same(bytes);
  }

  @Property(tries = 5000)
  void damagedAnswers(@ForAll long rejected, @ForAll String message, @ForAll long seed, @ForAll boolean twice) {
    var partial = ExportTracePartialSuccess.newBuilder();
    partial.setRejectedSpans(rejected).setErrorMessage(wellFormed(message));
    byte[] once = ExportTraceServiceResponse.newBuilder().setPartialSuccess(partial).build().toByteArray();
    same(once);
    byte[] bytes = new byte[once.length * (twice ? 2 : 1)];
    for (int i = 0; i < bytes.length; i++) bytes[i] = once[i % once.length];
    same(bytes);
    Random random = new Random(seed);
    for (int i = 0; i < 8 && bytes.length > 0; i++) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      same(bytes);
      same(Arrays.copyOf(bytes, random.nextInt(bytes.length)));
    }
  }

  @Property(tries = 5000)
  void damagedRetryInfos(@ForAll long seconds, @ForAll int nanos, @ForAll String message, @ForAll long seed) {
    var delay = com.google.protobuf.Duration.newBuilder().setSeconds(seconds).setNanos(nanos);
    byte[] bytes = com.google.rpc.Status.newBuilder().setCode(14).setMessage(wellFormed(message))
        .addDetails(Any.pack(com.google.rpc.ErrorInfo.newBuilder().setReason("x").build()))
        .addDetails(Any.pack(RetryInfo.newBuilder().setRetryDelay(delay).build())).build().toByteArray();
    sameDelay(bytes);
    Random random = new Random(seed);
    for (int i = 0; i < 8; i++) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      sameDelay(bytes);
      sameDelay(Arrays.copyOf(bytes, random.nextInt(bytes.length)));
    }
  }

  private static void sameDelay(byte[] bytes) {
    Optional<Duration> mine;
    try {
      mine = Reply.retryDelay(bytes);
    } catch (Reply.Malformed e) {
      return; // that it is no other exception is the point; what is read is compared below
    }
    Optional<Duration> theirs = Optional.empty();
    try {
      for (Any any : com.google.rpc.Status.parseFrom(bytes).getDetailsList()) {
        if (any.is(RetryInfo.class)) {
          var d = any.unpack(RetryInfo.class).getRetryDelay();
          long held = Math.max(-315_576_000_000L, Math.min(315_576_000_000L, d.getSeconds()));
          theirs = Optional.of(Duration.ofSeconds(held, d.getNanos()));
          break;
        }
      }
    } catch (InvalidProtocolBufferException e) {
      return; // theirs checks more: UTF-8, what follows the RetryInfo
    }
    assertThat(mine).as(HexFormat.of().formatHex(bytes)).isEqualTo(theirs);
  }

  private static String wellFormed(String s) {
    return new String(s.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
  }

  private static void same(byte[] bytes) {
    Reply mine = null;
    String refused = "";
    try {
      mine = Reply.response(bytes);
    } catch (Reply.Malformed e) {
      refused = e.getMessage();
    }
    ExportTracePartialSuccess theirs;
    try {
      theirs = ExportTraceServiceResponse.parseFrom(bytes).getPartialSuccess();
    } catch (InvalidProtocolBufferException e) {
      return; // theirs checks more: UTF-8, ends of groups
    }
    if (mine == null) {
      // protobuf-java 4.36 reads an 11th byte's announcement away.
      assertThat(refused).as("refused, unlike by protobuf-java: %s", HexFormat.of().formatHex(bytes))
          .containsAnyOf("group", "more than 10 bytes");
      return;
    }
    assertThat(mine).isEqualTo(new Reply(theirs.getRejectedSpans(), theirs.getErrorMessage()));
  }
}
