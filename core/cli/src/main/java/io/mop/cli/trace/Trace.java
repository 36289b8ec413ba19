package io.mop.cli.trace;

import io.mop.cli.CommandException;
import io.mop.cli.ExitCode;
import io.mop.launcher.Attendant;
import io.mop.launcher.LaunchException;
import io.mop.launcher.Signals;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** One trace: lets the command go when it is watched, knows when to end, and says at the end what was seen. */
final class Trace implements Attendant {
  private final Selection selection;
  private final Optional<HeldCommand> command;
  private final Optional<Duration> duration;
  private final Shown shown;
  private final String verb;
  private final PrintStream err;
  private final CompletableFuture<Integer> stop = new CompletableFuture<>();
  private volatile boolean ended;
  private Path state;

  /**
   * @param verb what is done with what is watched, e.g. {@code traced}
   * @param err messages to the user
   */
  Trace(
      Selection selection,
      Optional<HeldCommand> command,
      Optional<Duration> duration,
      Shown shown,
      String verb,
      PrintStream err) {
    this.selection = selection;
    this.command = command;
    this.duration = duration;
    this.shown = shown;
    this.verb = verb;
    this.err = err;
    // SIGINT reaches a command on the same terminal as well, and it may be one that goes on.
    CompletableFuture<Integer> signal = command.isPresent() ? Signals.terminated() : Signals.first();
    signal.thenRun(this::end);
    command.ifPresent(c -> c.ended().thenAccept(code -> stop.complete(ended ? ExitCode.OK : code)));
  }

  /** The command's exit code when it has ended, or 0 at a limit or signal. */
  CompletableFuture<Integer> stop() {
    return stop;
  }

  private void end() {
    ended = true;
    command.ifPresentOrElse(HeldCommand::end, () -> stop.complete(ExitCode.OK));
  }

  @Override
  public void running(Path state) throws LaunchException {
    this.state = state;
    Optional<String> unhealthy;
    try {
      unhealthy = Books.ask(state).unhealthy();
    } catch (CommandException e) {
      throw new LaunchException(ExitCode.FAILURE, e.getMessage());
    }
    if (unhealthy.isPresent()) {
      throw new LaunchException(
          ExitCode.FAILURE,
          "Nothing can be " + verb + ": " + unhealthy.get() + ". \"mop doctor\" says more.");
    }
    if (command.isEmpty()) say("Watching " + selection + "; Ctrl-C ends it.");
    shown.enough().thenRun(this::end);
    duration.ifPresent(d -> new CompletableFuture<Void>().completeOnTimeout(null, d.toMillis(), TimeUnit.MILLISECONDS)
        .thenRun(this::end));
    if (command.isEmpty() && selection.endsWithPids()) endsWith(selection.pids());
    if (command.isPresent()) letGo(command.get());
  }

  private static void letGo(HeldCommand command) throws LaunchException {
    try {
      command.letGo();
    } catch (IOException e) {
      throw new LaunchException(ExitCode.FAILURE, "CMD cannot be let go: " + e.getMessage() + ".");
    }
  }

  private void endsWith(List<Integer> pids) {
    CompletableFuture<?>[] ends =
        pids.stream().map(ProcessHandle::of).flatMap(Optional::stream).map(ProcessHandle::onExit)
            .toArray(CompletableFuture[]::new);
    CompletableFuture.allOf(ends).thenRun(() -> stop.complete(ExitCode.OK));
  }

  @Override
  public void drained() {
    try {
      shown.drain();
      say(shown.summary(Books.ask(state), selection));
    } catch (CommandException e) {
      say(e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void say(String sentence) {
    err.println("mop: " + sentence);
    err.flush();
  }
}
