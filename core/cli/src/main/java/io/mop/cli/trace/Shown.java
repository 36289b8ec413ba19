package io.mop.cli.trace;

import java.util.concurrent.CompletableFuture;

/** What comes of watching, beside the spans. */
interface Shown {
  /** Completed when there is as much as was asked for. */
  CompletableFuture<Void> enough();

  /** Returns when all is out. */
  void drain() throws InterruptedException;

  /** One line for the end. */
  String summary(Books books, Selection selection);
}
