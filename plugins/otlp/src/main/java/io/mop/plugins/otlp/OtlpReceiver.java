package io.mop.plugins.otlp;

import io.mop.api.pipeline.Receiver;
import io.mop.api.plugin.Context;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;

/** One instance of the receiver: a gRPC server, an HTTP server or both, on event loops of their own. */
final class OtlpReceiver implements Receiver {
  private static final System.Logger LOG = System.getLogger(OtlpReceiver.class.getName());
  /** How long requests that wait for their acknowledgement may delay the end. */
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

  private final OtlpConfig config;
  private final Context context;
  private final Optional<Endpoint> grpcEndpoint;
  private final Optional<Endpoint> httpEndpoint;
  private final Optional<Door> grpcDoor;
  private final Optional<Door> httpDoor;
  private Loops loops;
  private GrpcServer grpc;
  private HttpServer http;

  OtlpReceiver(OtlpConfig config, Context context) {
    this.config = config;
    this.context = context;
    grpcEndpoint = config.grpc().map(c -> Endpoint.of("protocols.grpc.endpoint", c.endpoint()));
    httpEndpoint = config.http().map(c -> Endpoint.of("protocols.http.endpoint", c.endpoint()));
    grpcDoor = config.grpc().map(c -> new Door("protocols.grpc", c.tls(), c.auth(), context));
    httpDoor = config.http().map(c -> new Door("protocols.http", c.tls(), c.auth(), context));
  }

  @Override
  public synchronized void start(Intake intake) {
    Gate gate = new Gate(intake, Math.toIntExact(config.maxInflatedSize().bytes()), context);
    loops = new Loops("mop-" + context.id(), Runtime.getRuntime().availableProcessors());
    try {
      grpcEndpoint.ifPresent(e -> grpc = new GrpcServer(config.grpc().get(), e, grpcDoor.get(), gate, loops));
      httpEndpoint.ifPresent(e -> http = new HttpServer(config.http().get(), e, httpDoor.get(), gate, loops));
    } catch (RuntimeException e) {
      close();
      throw e;
    }
    if (grpc != null) tell("OTLP/gRPC", grpc.listening(), grpcDoor.get());
    if (http != null) tell("OTLP/HTTP", http.listening(), httpDoor.get());
  }

  private void tell(String protocol, InetSocketAddress address, Door door) {
    LOG.log(System.Logger.Level.INFO,
        context.id() + ": " + protocol + " on " + Endpoint.text(address) + door.note(address.getAddress()));
  }

  @Override
  public synchronized void pause() {
    if (grpc != null) grpc.pause();
    if (http != null) http.pause();
  }

  @Override
  public synchronized void resume() {
    if (grpc != null) grpc.resume();
    if (http != null) http.resume();
  }

  /** Stops listening, lets requests that wait for their acknowledgement end, within a limit, and ends the threads. */
  @Override
  public synchronized void close() {
    if (grpc != null) grpc.stopListening();
    if (http != null) http.stopListening();
    long deadline = System.nanoTime() + CLOSE_LIMIT.toNanos();
    if (grpc != null) grpc.close(deadline);
    if (http != null) http.close(deadline);
    if (loops != null) loops.close();
    grpc = null;
    http = null;
    loops = null;
  }

  /** The running gRPC server. */
  synchronized GrpcServer grpc() {
    return grpc;
  }

  /** The running HTTP server. */
  synchronized HttpServer http() {
    return http;
  }
}
