package io.mop.plugins.otlp;

import io.mop.api.data.Signal;
import io.mop.api.pipeline.Receiver.Ack;
import io.mop.api.pipeline.Receiver.Intake;
import io.mop.api.pipeline.Receiver.Landing;
import io.mop.api.pipeline.Receiver.Malformed;
import io.mop.api.plugin.Context;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/** What both servers share: the intake, the limit of inflated sizes and the counters. */
final class Gate {
  private static final System.Logger LOG = System.getLogger(Gate.class.getName());
  private static final Duration AFTER_FAULT = Duration.ofSeconds(1);

  final Intake intake;
  final int maxInflated;
  final Context.Counter requests;
  final Context.Counter wireBytes;
  final Context.Counter inflatedBytes;
  final Context.Counter connectionsRefused;
  private final Context.Counter itemsRejected;
  private final Map<Answer.Outcome, Context.Counter> outcomes = new EnumMap<>(Answer.Outcome.class);

  Gate(Intake intake, int maxInflated, Context context) {
    this.intake = intake;
    this.maxInflated = maxInflated;
    requests = context.counter("requests", "1", "Requests begun; each ends with one outcome");
    wireBytes = context.counter("wire_bytes", "By", "Bytes of messages as they arrived");
    inflatedBytes = context.counter("inflated_bytes", "By", "Bytes that compressed messages became");
    itemsRejected = context.counter("items_rejected", "1", "Invalid items of requests whose other items were taken");
    connectionsRefused = context.counter("connections_refused", "1", "Connections closed for max_connections");
    for (Answer.Outcome o : Answer.Outcome.values()) {
      outcomes.put(o, context.counter(o.counter, "1", o.description));
    }
  }

  void count(Answer.Outcome outcome) {
    outcomes.get(outcome).add(1);
  }

  /** Hands the filled landing over and calls {@code done} once, now or later, on any thread. */
  void submit(Signal signal, Landing landing, Consumer<Answer> done) {
    Answer answer;
    try {
      landing.submit(new Ack() {
        @Override
        public void safe() {
          done.accept(Answer.ACCEPTED);
        }

        @Override
        public void safe(int rejected, String why) {
          itemsRejected.add(rejected);
          done.accept(Answer.partly(new PartialSuccess(signal, rejected, why)));
        }

        @Override
        public void refused(String why, Duration retryAfter) {
          done.accept(Answer.refused(why, retryAfter));
        }
      });
      return;
    } catch (Malformed e) {
      answer = Answer.malformed(e.getMessage());
    } catch (RuntimeException e) {
      // The peer must not lose data over a fault of ours: it may come back.
      LOG.log(System.Logger.Level.ERROR, "a request could not be handed over", e);
      answer = Answer.refused("internal error", AFTER_FAULT);
    }
    done.accept(answer);
  }

  Answer notCarried(Signal signal) {
    return new Answer(Answer.Outcome.UNSUPPORTED,
        "no pipeline of this receiver carries " + signal.name().toLowerCase(Locale.ROOT));
  }

  /** A fault of ours while decoding: it would come again with the same bytes, so they are not asked for again. */
  Answer undecodable(RuntimeException fault) {
    LOG.log(System.Logger.Level.ERROR, "a request could not be decoded", fault);
    return Answer.malformed("the request could not be decoded");
  }

  Answer inflateLimit() {
    return new Answer(Answer.Outcome.INFLATE_LIMIT,
        "the request is larger than max_inflated_size, " + maxInflated + " bytes, once decoded");
  }
}
