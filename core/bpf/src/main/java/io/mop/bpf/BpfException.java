package io.mop.bpf;

/** Why capture cannot work here: one clear sentence for the operator. */
final class BpfException extends Exception {
  private static final long serialVersionUID = 1;

  BpfException(String sentence) {
    super(sentence);
  }
}
