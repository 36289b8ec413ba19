package io.mop.bench;

/** A sum over lines of text that tells whether two sets of them are the same, in whatever order. */
final class Lines {
  private long count;
  private long sum;

  Lines add(String line) {
    long hash = 0xcbf29ce484222325L; // FNV-1a, then the finaliser of SplitMix64, so that the sum is of spread numbers
    for (int i = 0; i < line.length(); i++) hash = (hash ^ line.charAt(i)) * 0x100000001b3L;
    hash = (hash ^ hash >>> 30) * 0xbf58476d1ce4e5b9L;
    hash = (hash ^ hash >>> 27) * 0x94d049bb133111ebL;
    sum += hash ^ hash >>> 31;
    count++;
    return this;
  }

  long count() {
    return count;
  }

  /** 64 bits: other lines have another one, but for chance. */
  long sum() {
    return sum;
  }

  boolean same(Lines other) {
    return count == other.count && sum == other.sum;
  }
}
