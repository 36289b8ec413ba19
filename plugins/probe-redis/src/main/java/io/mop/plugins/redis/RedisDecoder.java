package io.mop.plugins.redis;

import io.mop.api.capture.Decoder;
import io.mop.api.capture.Exchanges;
import io.mop.api.capture.Exchanges.Exchange;
import io.mop.api.capture.Protocol.Direction;
import io.mop.api.capture.Protocol.Guess;
import io.mop.api.capture.Stream;
import io.mop.api.data.Text;
import io.mop.plugins.redis.Command.Effect;
import java.util.Optional;

/**
 * Finds the commands and replies of one connection. Replies come in the order of commands; what no command asked for
 * (pushes, messages of subscriptions, lines of MONITOR) comes between them.
 */
final class RedisDecoder implements Decoder {
  private static final Text SYSTEM = Text.of("redis");
  private static final int UNKNOWN = -1;
  private static final Text[] DATABASES = new Text[16];

  static {
    for (int i = 0; i < DATABASES.length; i++) DATABASES[i] = Text.of(Integer.toString(i));
  }

  private final RedisProtocol redis;
  private final Exchanges out;
  private final Request request = new Request();
  private final Reply reply = new Reply();
  private final Asked asked = new Asked();
  private final Subscriptions subscriptions = new Subscriptions();
  private final ReplyMode mode = new ReplyMode();
  /** The command whose arguments are passing, if it gets no reply. */
  private Optional<Exchange> silent = Optional.empty();
  /** The command whose reply is passing, or that has had some of its replies. */
  private Optional<Exchange> answering = Optional.empty();
  private int repliesSoFar;
  /** No command waited for an answer when the reply began. */
  private boolean unasked;
  private long lastReply;
  private int database = UNKNOWN;
  private boolean monitoring;
  private boolean left;

  RedisDecoder(RedisProtocol redis, Exchanges out) {
    this.redis = redis;
    this.out = out;
  }

  @Override
  public void decode(Direction direction, Stream in) throws Stream.Gap {
    try {
      if (direction == Direction.REQUEST) {
        while (arguments(in) && request(in)) {}
      } else {
        while (!left && reply(in)) {}
      }
    } catch (Malformed e) {
      redis.malformed().add(1);
      throw Stream.Gap.GAP;
    }
  }

  private boolean arguments(Stream in) throws Stream.Gap, Malformed {
    if (!request.arguments(in)) return false;
    silent.ifPresent(x -> x.complete(request.time()));
    silent = Optional.empty();
    return true;
  }

  /** Takes the head of one command; false if it is not whole. */
  private boolean request(Stream in) throws Stream.Gap, Malformed {
    int length;
    try {
      length = request.head(in);
    } catch (Stream.Gap | Malformed e) {
      out.request(Exchanges.NEXT, in.time(0));
      throw e;
    }
    if (length == Request.MORE) return false;
    if (request.words > 0) begin(in);
    request.take(in, length);
    return true;
  }

  private void begin(Stream in) throws Stream.Gap {
    Command c = request.command;
    Exchange x = out.request(Exchanges.NEXT, in.time(0)).name(c.name);
    x.set("db.system.name", SYSTEM).set("db.operation.name", c.name);
    if (c != Command.OTHER) x.set("db.query.text", c.text(request.words));
    if (mode.answers(request, in, asked.isEmpty())) {
      int number = c.effect == Effect.SELECT ? request.number(in, 1) : request.words - 1;
      if (!asked.add(c, number)) throw Stream.Gap.GAP;
      return;
    }
    if (c.effect == Effect.SELECT) database = UNKNOWN;
    namespace(x);
    silent = Optional.of(x);
  }

  private void namespace(Exchange x) {
    if (database == UNKNOWN) return;
    boolean usual = database < DATABASES.length;
    x.set("db.namespace", usual ? DATABASES[database] : Text.of(Integer.toString(database)));
  }

  private boolean reply(Stream in) throws Stream.Gap, Malformed {
    if (asked.command().effect == Effect.REPLICATION && !reply.open() && snapshot(in)) return false;
    if (!reply.open()) unasked = asked.isEmpty();
    boolean whole;
    try {
      whole = reply.read(in);
    } catch (Stream.Gap | Malformed e) {
      answers();
      throw e;
    }
    if (whole) take();
    else if (reply.open()) answers();
    return whole;
  }

  /** A primary that prepares a snapshot sends empty lines; the snapshot is no reply, and has no end of its own. */
  private boolean snapshot(Stream in) throws Stream.Gap {
    while (in.length() > 0 && in.at(0) == '\n') in.skip(1);
    if (in.length() == 0 || in.at(0) != '$') return false;
    complete(out.response(Exchanges.NEXT), in.time(0));
    leaves();
    return true;
  }

  private void leaves() {
    left = true;
    out.leave("replication");
  }

  /** Says which command is being answered, if the reply as far as it has come can only be what that one waits for. */
  private void answers() {
    Command c = asked.command();
    boolean list = reply.type == '*' && c.kind == Kind.NONE && !subscriptions.inArrays();
    boolean sure = reply.type == '$' || list && c.effect != Effect.WHILE_SUBSCRIBED;
    if (sure && !unasked && answering.isEmpty()) answering = Optional.of(out.response(Exchanges.NEXT));
  }

  private void take() {
    Command c = asked.command();
    boolean list = reply.type == '>' || reply.type == '*' && (c.kind == reply.kind || subscriptions.inArrays());
    if (list && reply.kind != Kind.NONE && !reply.kind.message()) {
      subscriptions.told(reply.kind, reply.integer, reply.type == '*');
      if (c.kind == reply.kind) {
        subscription(c);
        return;
      }
    }
    if (pushed(c)) {
      redis.pushed().add(1);
      return;
    }
    if (repliesSoFar > 0) subscriptionEnds();
    answer(asked.command());
  }

  /** One of the replies to a subscription: there is one for each channel. */
  private void subscription(Command c) {
    if (repliesSoFar++ == 0) answering = Optional.of(out.response(Exchanges.NEXT));
    lastReply = reply.time;
    boolean all = c.kind.leaves() && asked.number() == 0;
    boolean last = all ? subscriptions.left(c.kind, reply.integer) : repliesSoFar >= asked.number();
    if (last) subscriptionEnds();
  }

  private void subscriptionEnds() {
    answering.ifPresent(x -> complete(x, lastReply));
  }

  /** Whether no command asked for what has come. */
  private boolean pushed(Command c) {
    if (reply.type == '>') return true;
    if (reply.type == '+' && reply.monitored && (monitoring || unasked)) return monitoring = true;
    if (reply.type != '*' || reply.kind == Kind.NONE) return false;
    if (subscriptions.inArrays()) return true;
    boolean noAnswer = unasked || c.effect == Effect.WHILE_SUBSCRIBED || c.effect == Effect.SUBSCRIPTION;
    if (!noAnswer || !reply.kind.message()) return false;
    subscriptions.messageInArray();
    return true;
  }

  private void answer(Command c) {
    mode.answered(unasked);
    if (unasked) {
      if (asked.isEmpty()) out.response(Exchanges.NEXT).complete(reply.time);
      return;
    }
    Exchange x = answering.orElseGet(() -> out.response(Exchanges.NEXT));
    boolean failed = reply.type == '-' || reply.type == '!';
    if (failed || c.effect == Effect.EXEC && reply.error != ErrorPrefix.NONE) error(x);
    if (c.effect == Effect.EXEC && reply.type == '*' && reply.count > 1) x.set("db.operation.batch.size", reply.count);
    if (!failed) changes(c);
    complete(x, reply.time);
    if (c.effect == Effect.REPLICATION && !failed && !reply.queued) leaves();
  }

  private void error(Exchange x) {
    x.error(reply.error.type);
    if (reply.error != ErrorPrefix.OTHER) x.set("db.response.status_code", reply.error.code);
  }

  /** What a command that was carried out has changed; of one that waits for EXEC it is not known whether it will. */
  private void changes(Command c) {
    switch (c.effect) {
      case SELECT -> database = reply.queued ? UNKNOWN : asked.number();
      case MONITOR -> monitoring = !reply.queued;
      case RESET -> {
        database = 0;
        monitoring = false;
        subscriptions.clear();
      }
      default -> {}
    }
  }

  private void complete(Exchange x, long time) {
    namespace(x);
    x.complete(time);
    asked.remove();
    answering = Optional.empty();
    repliesSoFar = 0;
  }

  /** Without bytes it is a loss: what was agreed before may have been changed by what was lost. */
  @Override
  public boolean resync(Direction direction, Stream in) {
    boolean request = direction == Direction.REQUEST;
    if (in.length() == 0) {
      if (request) forgetRequests();
      else forgetReplies();
      return false;
    }
    Guess guess = request ? MessageStart.nextCommand(in) : MessageStart.reply(in);
    if (guess == Guess.NO) in.skip(in.length());
    return guess == Guess.YES;
  }

  private void forgetRequests() {
    request.reset();
    silent = Optional.empty();
    asked.clear();
    mode.forget();
  }

  private void forgetReplies() {
    reply.reset();
    answering = Optional.empty();
    repliesSoFar = 0;
    subscriptions.clear();
    monitoring = false;
    database = UNKNOWN;
  }
}
