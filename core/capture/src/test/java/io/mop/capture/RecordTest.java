package io.mop.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecordTest {
  private final List<Record> seen = new ArrayList<>();
  private final Wire wire = new Wire(7, seen::add);

  @Test
  void aCloseSaysWhatTcpHasCounted() {
    ByteBuffer p = ByteBuffer.allocate(Record.CLOSE_LENGTH).order(ByteOrder.nativeOrder());
    p.putInt(250).putInt(-1).putInt(3).putInt(4).putLong(5_000_000_000L).putLong(6);
    wire.put(Record.CLOSE, 0, 0, p.array(), Record.CLOSE_LENGTH, 0).close();
    assertThat(seen).allMatch(Record::valid).extracting(Record::counted).containsExactly(true, false);
    Record close = seen.get(0);
    assertThat(close.closeInt(Record.CLOSE_RTT)).isEqualTo(250);
    assertThat(close.closeInt(Record.CLOSE_RETRANSMITS)).isEqualTo(4_294_967_295L);
    assertThat(close.closeInt(Record.CLOSE_SEGMENTS_IN)).isEqualTo(3);
    assertThat(close.closeInt(Record.CLOSE_SEGMENTS_OUT)).isEqualTo(4);
    assertThat(close.closeLong(Record.CLOSE_BYTES_IN)).isEqualTo(5_000_000_000L);
    assertThat(close.closeLong(Record.CLOSE_BYTES_OUT)).isEqualTo(6);
  }

  @Test
  void furtherBytesOfACallAreBytes() {
    wire.sendOn("more").put(Record.CONT, Record.SEND, 0, new byte[0], 0, 0).eof();
    assertThat(seen).extracting(Record::valid).containsExactly(true, false, true);
    assertThat(seen).extracting(Record::bytes).containsExactly(true, true, false);
  }
}
