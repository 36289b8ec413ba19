package io.mop.otlp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mop.api.data.Reason;
import io.mop.api.data.Text;
import io.mop.otlp.AttributeField.Level;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class EditLogTest {
  private static final Reason NOISE = new Reason("noise");

  private final FieldTable table = new FieldTable();
  private final AttributeField a = table.field(Level.ITEM, "a");
  private final AttributeField absent = table.field(Level.ITEM, "absent");
  private final AttributeField service = table.field(Level.RESOURCE, "service.name");
  private final AttributeField scope = table.field(Level.SCOPE, "absent");
  private final SpanCursor cursor = new SpanCursor();
  private final EditLog log = new EditLog();

  @BeforeEach
  void twoSpans() {
    byte[] span = Hex.field(2, Hex.keyValue(9, "a", "value"));
    cursor.reset(Schema.of(List.of(a, absent, service, scope)),
        ByteBuffer.wrap(Hex.field(1, Hex.field(2, span, span))));
    log.begin(cursor);
    cursor.next();
  }

  private List<ThrowingCallable> edits() {
    return List.of(() -> log.rename(a, Text.of("b")), () -> log.set(a, Text.of("v")), () -> log.set(a, 1),
        () -> log.set(a, 1.5), () -> log.set(a, true), () -> log.hash(a), () -> log.remove(a), () -> log.drop(NOISE));
  }

  @Test
  void everyEditCounts() {
    for (ThrowingCallable edit : edits()) {
      log.begin(cursor);
      assertThat(log.isEmpty()).isTrue();
      try {
        edit.call();
      } catch (Throwable e) {
        throw new AssertionError(e);
      }
      assertThat(log.isEmpty()).isFalse();
    }
  }

  @Test
  void whatChangesNothingLeavesTheLogEmpty() {
    log.rename(a, Text.of("a"));
    log.rename(absent, Text.of("b"));
    log.hash(absent);
    log.remove(absent);
    log.remove(service);
    log.hash(scope);
    assertThat(log.isEmpty()).isTrue();
    assertThat(Rewriter.bound(cursor, log)).isEqualTo(cursor.index().end);
  }

  @Test
  void editsAfterTheCallThrow() {
    log.set(a, 1);
    log.close();
    assertThat(edits()).allSatisfy(edit -> assertThatThrownBy(edit).isInstanceOf(IllegalStateException.class)
        .hasMessage("edit made after its call ended"));
    assertThat(log.isEmpty()).isFalse();
    log.begin(cursor);
    assertThat(log.isEmpty()).isTrue();
  }

  @Test
  void aRevokedLogIsDeadForEver() {
    log.revoke();
    assertThat(edits()).allSatisfy(edit -> assertThatThrownBy(edit).isInstanceOf(IllegalStateException.class));
    assertThatThrownBy(() -> log.begin(cursor)).isInstanceOf(IllegalStateException.class)
        .hasMessage("edit log was revoked; expected a new one");
  }

  @Test
  @Timeout(30)
  void aThreadThatNeverEndsIsStoppedByRevoke() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    AtomicReference<Throwable> end = new AtomicReference<>();
    Thread zombie = new Thread(() -> {
      try {
        while (true) {
          log.rename(a, Text.of("a"));
          running.countDown();
        }
      } catch (IllegalStateException e) {
        end.set(e);
      }
    });
    zombie.setDaemon(true);
    zombie.start();
    running.await();
    log.revoke();
    zombie.join();
    assertThat(end.get()).hasMessage("edit made after its call ended");
  }

  @Test
  void editsNeedACurrentSpan() {
    cursor.next();
    assertThat(cursor.next()).isFalse();
    assertThat(edits()).allSatisfy(edit -> assertThatThrownBy(edit).isInstanceOf(IllegalStateException.class));
  }

  @Test
  void anUndeclaredFieldIsRefused() {
    AttributeField undeclared = table.field(Level.ITEM, "undeclared");
    assertThatThrownBy(() -> log.set(undeclared, 1)).isInstanceOf(IllegalArgumentException.class);
    assertThat(log.isEmpty()).isTrue();
  }

  @Test
  void anEmptyKeyIsRefused() {
    assertThatThrownBy(() -> log.rename(a, Text.of(""))).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("rename of 'a': expected a key of 1 or more bytes");
    assertThat(log.isEmpty()).isTrue();
  }

  @Test
  void dropsAreCountedByReasonAndOncePerSpan() {
    log.drop(NOISE);
    log.drop(new Reason("other"));
    cursor.next();
    log.drop(new Reason("noise"));
    Map<String, Integer> counts = new HashMap<>();
    log.drops((reason, n) -> counts.put(reason.code(), n));
    assertThat(counts).containsOnly(Map.entry("noise", 2));
    assertThat(log.dropped()).isEqualTo(2);
  }

  @Test
  void editsOfADroppedSpanAreVoid() {
    log.drop(NOISE);
    int bound = Rewriter.bound(cursor, log);
    log.set(a, Text.of("value"));
    assertThat(Rewriter.bound(cursor, log)).isEqualTo(bound);
  }

  @Test
  void textsAreCopiedWhenRecorded() {
    byte[] bytes = {'x', 'y'};
    log.set(a, Text.of(bytes));
    bytes[0] = 'z';
    assertThat(RewriterTest.rewrite(cursor, log).getResourceSpans(0).getScopeSpans(0).getSpans(0).getAttributes(0)
        .getValue().getStringValue()).isEqualTo("xy");
  }

  @Test
  void whatIsNotUtf8IsReplaced() {
    log.set(a, Text.of(new byte[] {'x', (byte) 0xC3, 'y'}));
    assertThat(RewriterTest.rewrite(cursor, log).getResourceSpans(0).getScopeSpans(0).getSpans(0).getAttributes(0)
        .getValue().getStringValue()).isEqualTo("x\uFFFDy");
  }

  @Test
  void aCallCannotRecordWithoutEnd() {
    Text big = Text.of(new byte[1 << 20]);
    assertThatThrownBy(() -> {
      for (int i = 0; i < 65; i++) log.set(a, big);
    }).isInstanceOf(IllegalStateException.class).hasMessage("edits: expected at most 67108864 bytes in one call");
    assertThatThrownBy(() -> {
      for (int i = 0; i < 1_000_000; i++) log.set(service, i);
    }).isInstanceOf(IllegalStateException.class);
    log.begin(cursor);
    assertThatThrownBy(() -> {
      for (int i = 0; i < 3_000_000; i++) log.set(a, i);
    }).isInstanceOf(IllegalStateException.class);
    log.begin(cursor);
    log.set(a, 1);
    assertThat(RewriterTest.rewrite(cursor, log).getResourceSpans(0).getScopeSpans(0).getSpansCount()).isEqualTo(2);
  }

  @Test
  void reasonsAreFew() {
    byte[] spans = new byte[600];
    for (int i = 0; i < spans.length; i += 2) spans[i] = 0x12;
    cursor.reset(Schema.EMPTY, ByteBuffer.wrap(Hex.field(1, Hex.field(2, spans))));
    log.begin(cursor);
    assertThatThrownBy(() -> {
      for (int i = 0; cursor.next(); i++) log.drop(new Reason("r" + i));
    }).isInstanceOf(IllegalStateException.class).hasMessage("drops: expected at most 256 reasons in one call");
    assertThat(log.dropped()).isEqualTo(256);
  }
}
