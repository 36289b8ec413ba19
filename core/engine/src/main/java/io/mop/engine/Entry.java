package io.mop.engine;

import io.mop.api.data.Signal;
import io.mop.api.pipeline.Receiver;
import io.mop.api.pipeline.Receiver.Ack;
import io.mop.api.pipeline.Receiver.Landing;
import io.mop.api.pipeline.Receiver.Malformed;
import io.mop.api.pipeline.Receiver.Refused;
import io.mop.control.Topology.Durability;
import io.mop.otlp.Structure;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/** A receiver's door: memory, the structure check, and the lane that takes the request. */
final class Entry implements Receiver.Intake {
  private static final Duration AGAIN = Duration.ofSeconds(1);
  private static final String INVALID_ID = "invalid_id";
  private static final String WITHOUT_IDS =
      "spans without a trace_id of 16 bytes and a span_id of 8 bytes, not all of them 0, are rejected";

  private final DataPlane plane;
  private final Slot<Receiver> slot;
  private final LongAdder refusedRequests;
  private final LongAdder malformedRequests;
  private volatile Graph graph = Graph.EMPTY;

  Entry(DataPlane plane, Slot<Receiver> slot) {
    this.plane = plane;
    this.slot = slot;
    this.refusedRequests = plane.counter(slot.path(), "refused_requests");
    this.malformedRequests = plane.counter(slot.path(), "malformed_requests");
  }

  void graph(Graph next) {
    graph = next;
  }

  @Override
  public boolean carries(Signal signal) {
    return !graph.fedBy(slot.component().id(), signal).isEmpty();
  }

  @Override
  public Landing reserve(Signal signal, int bytes, String tenant) throws Refused {
    if (bytes > Arena.LARGEST) throw refuse("a request of " + bytes + " bytes; at most " + Arena.LARGEST + " fit");
    List<Graph.Run> fed = graph.fedBy(slot.component().id(), signal);
    if (fed.isEmpty()) throw refuse("no pipeline takes " + signal + " from " + slot.path());
    boolean wait = false;
    for (Graph.Run run : fed) {
      var closed = run.closed();
      if (closed.isPresent()) throw refuse(closed.get());
      for (Outlet outlet : run.outlets) {
        if (!outlet.room()) throw refuse("the sending queue of " + outlet.slot.path() + " is full");
      }
      wait |= run.pipeline.durability() == Durability.EXPORT;
    }
    Arena.Block block =
        plane.arena().reserve(bytes).orElseThrow(() -> refuse("the memory limit is reached (service.memory)"));
    return new Request(signal, tenant, block, wait);
  }

  private Refused refuse(String why) {
    refusedRequests.increment();
    return new Refused(why, AGAIN);
  }

  /** Acknowledges what is left of a request once some of its items were rejected. */
  private record Partly(Ack ack, int rejected, String why) implements Ack {
    @Override
    public void safe() {
      ack.safe(rejected, why);
    }

    @Override
    public void refused(String reason, Duration retryAfter) {
      ack.refused(reason, retryAfter);
    }
  }

  private final class Request implements Landing {
    private final Signal signal;
    private final String tenant;
    private final Arena.Block block;
    private final boolean wait;

    Request(Signal signal, String tenant, Arena.Block block, boolean wait) {
      this.signal = signal;
      this.tenant = tenant;
      this.block = block;
      this.wait = wait;
    }

    @Override
    public ByteBuffer buffer() {
      return block.memory();
    }

    @Override
    public void submit(Ack ack) throws Malformed {
      ByteBuffer wire = block.memory().flip();
      block.trim(wire.limit());
      Structure.Content content;
      try {
        content = Structure.inspect(signal, wire.duplicate());
      } catch (Malformed e) {
        block.release();
        malformedRequests.increment();
        throw e;
      }
      Account account = plane.account(slot.path(), signal);
      Ack told = ack;
      int items = content.items() - content.invalid();
      account.admit(content.items());
      if (content.invalid() > 0) {
        account.giveBack(content.invalid(), INVALID_ID);
        wire.limit(Structure.removeInvalid(signal, wire));
        told = new Partly(ack, content.invalid(), WITHOUT_IDS);
      }
      if (items == 0) {
        block.release();
        told.safe();
        return;
      }
      Settlement settlement = wait ? new Settlement(told) : Settlement.NONE;
      WireBatch batch = new WireBatch(signal, items, tenant, block, 0, wire.limit(), settlement);
      plane.shortestLane().add(new Job(slot.component().id(), account, batch));
      if (!wait) told.safe();
    }

    @Override
    public void cancel() {
      block.release();
    }
  }
}
