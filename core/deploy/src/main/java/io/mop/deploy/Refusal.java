package io.mop.deploy;

/** What was asked for is not done. The message is one sentence: what, why, and what was expected. */
public final class Refusal extends Exception {
  private static final long serialVersionUID = 1;

  public Refusal(String sentence) {
    super(sentence);
  }
}
