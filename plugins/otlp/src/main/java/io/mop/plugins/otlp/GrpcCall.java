package io.mop.plugins.otlp;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.mop.api.data.Signal;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;

/**
 * One Export call: counted when its stream opens, ended exactly once. It is the stream's tracer as well, to see bytes
 * of a message that is still arriving and the end of streams that gRPC itself ends.
 */
final class GrpcCall extends ServerStreamTracer {
  static final Context.Key<GrpcCall> KEY = Context.key("mop-otlp-call");
  static final byte[] RESPONSE = {}; // an Export…ServiceResponse without partial_success
  private static final Metadata.Key<byte[]> DETAILS =
      Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER);

  private enum State { RECEIVING, RECEIVED, ENDED }

  private final GrpcServer server;
  private final Gate gate;
  private final AtomicReference<State> state = new AtomicReference<>(State.RECEIVING);
  private ServerCall<RequestMarshaller.Received, byte[]> call;
  private Signal signal = Signal.TRACES;
  private long buffered;
  private boolean reading;
  private long readingSince;

  GrpcCall(GrpcServer server, Gate gate) {
    this.server = server;
    this.gate = gate;
    gate.requests.add(1);
  }

  @Override
  public Context filterContext(Context context) {
    return context.withValue(KEY, this);
  }

  /** The method is known: the message may come, unless the server pauses or does not know the client. */
  ServerCall.Listener<RequestMarshaller.Received> begin(ServerCall<RequestMarshaller.Received, byte[]> started,
      Signal signal, boolean authenticated) {
    call = started;
    this.signal = signal;
    if (!authenticated) {
      endEarly(Door.UNAUTHENTICATED);
    } else if (gate.intake.carries(signal)) {
      server.receiving(this);
    } else {
      endEarly(gate.notCarried(signal));
    }
    return new ServerCall.Listener<>() {
      @Override
      public void onMessage(RequestMarshaller.Received received) {
        received(received);
      }
    };
  }

  private void received(RequestMarshaller.Received received) {
    release();
    server.received(this);
    if (!state.compareAndSet(State.RECEIVING, State.RECEIVED)) {
      if (received.message() != null) received.message().cancel();
    } else if (received.message() == null) {
      finish(received.answer());
    } else {
      gate.submit(signal, received.message().landing(), this::finish);
    }
  }

  /** Asks for the message, once. */
  synchronized void read() {
    if (reading) return;
    reading = true;
    readingSince = System.nanoTime();
    call.request(1);
  }

  /** Ends the call if its message has not arrived. */
  void endEarly(Answer answer) {
    if (!state.compareAndSet(State.RECEIVING, State.RECEIVED)) return;
    server.received(this);
    finish(answer);
  }

  /** How long the message has been asked for. */
  synchronized long readingNanos() {
    return reading ? System.nanoTime() - readingSince : 0;
  }

  private void finish(Answer answer) {
    state.set(State.ENDED);
    gate.count(answer.outcome());
    try {
      reply(answer);
    } catch (RejectedExecutionException e) {
      // The receiver is closed, and so is the connection.
    }
  }

  private void reply(Answer answer) {
    if (answer.outcome() == Answer.Outcome.ACCEPTED) {
      call.sendHeaders(new Metadata());
      call.sendMessage(answer.partial().map(PartialSuccess::protobuf).orElse(RESPONSE));
      call.close(Status.OK, new Metadata());
      return;
    }
    Status status = status(answer.outcome()).withDescription(answer.message());
    Metadata trailers = new Metadata();
    if (answer.outcome() == Answer.Outcome.REFUSED) {
      trailers.put(DETAILS, RpcStatus.of(status.getCode().value(), answer.message(), answer.retryAfter()));
    }
    call.close(status, trailers);
  }

  private static Status status(Answer.Outcome outcome) {
    return switch (outcome) {
      case ACCEPTED -> Status.OK;
      case REFUSED -> Status.UNAVAILABLE;
      case MALFORMED -> Status.INVALID_ARGUMENT;
      case OVERSIZE, INFLATE_LIMIT -> Status.RESOURCE_EXHAUSTED; // without RetryInfo: the same bytes never fit
      case UNSUPPORTED -> Status.UNIMPLEMENTED;
      case UNAUTHENTICATED -> Status.UNAUTHENTICATED;
      case ABORTED -> Status.DEADLINE_EXCEEDED;
    };
  }

  @Override
  public void inboundWireSize(long bytes) {
    gate.wireBytes.add(bytes);
    buffered += bytes;
    if (!server.buffer(bytes) && call != null) {
      endEarly(Answer.refused("too many bytes of unfinished messages", GrpcServer.RETRY_AFTER));
    }
  }

  /** gRPC's own end of a stream: the client went away, or the message was refused before this call saw it. */
  @Override
  public void streamClosed(Status status) {
    release();
    server.received(this);
    if (!state.compareAndSet(State.RECEIVING, State.ENDED)) return;
    gate.count(switch (status.getCode()) {
      case RESOURCE_EXHAUSTED -> Answer.Outcome.OVERSIZE;
      case UNIMPLEMENTED -> Answer.Outcome.UNSUPPORTED;
      default -> Answer.Outcome.ABORTED;
    });
  }

  private void release() {
    server.buffer(-buffered);
    buffered = 0;
  }
}
