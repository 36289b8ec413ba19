package io.mop.bench;

/**
 * A request and its answer, as somebody has seen them.
 *
 * @param what was asked and answered, without values
 * @param start Unix nanoseconds
 * @param end Unix nanoseconds
 */
record Exchange(String what, long start, long end) {
  long nanos() {
    return end - start;
  }
}
