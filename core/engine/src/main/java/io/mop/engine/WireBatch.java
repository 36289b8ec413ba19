package io.mop.engine;

import io.mop.api.data.Batch;
import io.mop.api.data.Items;
import io.mop.api.data.Signal;
import io.mop.otlp.ItemCursor;
import io.mop.otlp.Schema;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** One checked OTLP request held by the engine; immutable, counted. Made with one reference. */
final class WireBatch {
  final Signal signal;
  final int items;
  final String tenant;
  final Settlement settlement;
  private final Arena.Block block;
  private final ByteBuffer wire;
  private List<Settlement> joined = List.of();
  private final AtomicInteger references = new AtomicInteger(1);

  WireBatch(
      Signal signal, int items, String tenant, Arena.Block block, int offset, int length, Settlement settlement) {
    this.signal = signal;
    this.items = items;
    this.tenant = tenant;
    this.block = block;
    this.wire = block.memory().slice(offset, length).asReadOnlyBuffer();
    this.settlement = settlement;
  }

  /** One request of all; takes the caller's references over. Settles the shares of all when it ends. */
  static WireBatch concatenate(List<WireBatch> parts, Arena.Block block) {
    int items = 0;
    for (WireBatch p : parts) {
      block.memory().put(p.wire.duplicate());
      items += p.items;
      p.settlement.retain();
    }
    WireBatch first = parts.get(0);
    WireBatch all =
        new WireBatch(first.signal, items, first.tenant, block, 0, block.memory().position(), Settlement.NONE);
    all.joined = parts.stream().map(p -> p.settlement).toList();
    parts.forEach(WireBatch::release);
    return all;
  }

  /** The bytes, position 0 to limit; for absolute reads only. */
  ByteBuffer wire() {
    return wire;
  }

  int bytes() {
    return wire.limit();
  }

  WireBatch retain() {
    references.incrementAndGet();
    return this;
  }

  /** Drops one reference; the last one frees the memory and settles this batch's share of the request. */
  void release() {
    if (references.decrementAndGet() != 0) return;
    block.release();
    settlement.release();
    joined.forEach(Settlement::release);
  }

  /** As an exporter sees it. */
  Batch view(Schema schema) {
    return new Batch() {
      @Override
      public Signal signal() {
        return signal;
      }

      @Override
      public int items() {
        return items;
      }

      @Override
      public String tenant() {
        return tenant;
      }

      @Override
      public ByteBuffer wire() {
        return wire.duplicate();
      }

      @Override
      public Items read() {
        ItemCursor cursor = ItemCursor.of(signal);
        cursor.reset(schema, wire.duplicate());
        return cursor;
      }
    };
  }
}
