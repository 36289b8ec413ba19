package io.mop.engine;

import java.util.List;

/**
 * One request on its way through the pipelines of its receiver, and how far it has come: a lane that takes over from
 * another goes on from here. Written by its owner only.
 */
final class Job {
  final String receiver;
  final Account arrived;
  final WireBatch batch;
  /** Pipelines, set when a lane takes it up. */
  List<Graph.Run> runs = List.of();
  /** Index of the pipeline it is in. */
  int run;
  /** Index of the stage it is before. */
  int stage;
  /** The batch as the stages before have left it; a reference of its own. */
  WireBatch current;
  /** To be run instead of anything else, when all that was queued before is done; null = this is a request. */
  final Runnable mark;

  Job(String receiver, Account arrived, WireBatch batch) {
    this.receiver = receiver;
    this.arrived = arrived;
    this.batch = batch;
    this.mark = null;
  }

  private Job(Runnable mark) {
    this.receiver = "";
    this.arrived = null;
    this.batch = null;
    this.mark = mark;
  }

  static Job mark(Runnable mark) {
    return new Job(mark);
  }

  /** The rest of the current pipeline as a job of its own, which takes {@link #current} along. */
  Job split() {
    Job rest = new Job(receiver, arrived, batch.retain());
    rest.runs = List.of(run());
    rest.stage = stage;
    rest.current = current;
    return rest;
  }

  Graph.Run run() {
    return runs.get(run);
  }
}
