package io.mop.otlp;

import java.util.Arrays;

/**
 * Edits in the order they were made, chained per owner. An owner is an item, scope or resource: items have the numbers
 * from 0, scopes those after the items, resources those after the scopes.
 */
final class EditList {
  static final int RENAME = 0;
  static final int HASH = 1;
  static final int REMOVE = 2;
  static final int TEXT = 3;
  static final int INT = 4;
  static final int DOUBLE = 5;
  static final int BOOL = 6;

  /** Most bytes of one call's edits. */
  static final int LIMIT = 64 << 20;

  /** Memory of more bytes than this is given back after the call that needed it. */
  private static final int KEEP = 1 << 20;

  private static final int STRIDE = 8;
  private static final int FIELD = 1;
  private static final int ITEM = 2;
  private static final int NEXT = 3;
  /** Where the text begins in the pool and its bytes, or the high and low half of a number. */
  private static final int A = 4;
  private static final int B = 5;
  private static final int OWNER = 6;
  private static final int HASH_CODE = 7;

  /** Texts and new keys; while they are applied also hashes, which are part of the limit as well. */
  final GrowingBytes pool = new GrowingBytes(2 * LIMIT);
  private int[] edits = new int[64 * STRIDE];
  private int size;
  /** First and last edit + 1 of an owner, 0 = none. */
  private int[] first = {};
  private int[] last = {};
  /** Edits of scopes and resources + 1 by hash, 0 = free. */
  private int[] shared = new int[64];
  private int sharedSize;

  void clear(int owners) {
    size = 0;
    if (edits.length > KEEP / Integer.BYTES) edits = new int[64 * STRIDE];
    pool.clear(KEEP);
    if (shared.length > KEEP / Integer.BYTES) shared = new int[64];
    else if (sharedSize > 0) Arrays.fill(shared, 0);
    sharedSize = 0;
    if (first.length < owners || first.length > KEEP / Integer.BYTES) {
      first = new int[Math.max(64, owners + owners / 4)];
      last = new int[first.length];
    } else {
      Arrays.fill(first, 0, owners, 0);
    }
  }

  /** The owner's first edit, or -1. */
  int first(int owner) {
    return first[owner] - 1;
  }

  /** The owner's next edit, or -1. */
  int next(int edit) {
    return edits[edit * STRIDE + NEXT] - 1;
  }

  int kind(int edit) {
    return edits[edit * STRIDE];
  }

  /** Index of the edited field in the schema. */
  int field(int edit) {
    return edits[edit * STRIDE + FIELD];
  }

  int textAt(int edit) {
    return edits[edit * STRIDE + A];
  }

  int textLength(int edit) {
    return edits[edit * STRIDE + B];
  }

  long bits(int edit) {
    return (long) textAt(edit) << 32 | textLength(edit) & 0xFFFFFFFFL;
  }

  /** Adds an edit that takes part in nothing yet; returns its number. */
  int add(int kind, int field, int item, int owner, int a, int b) {
    int at = size * STRIDE;
    if (at == edits.length) {
      if (Integer.BYTES * (long) at >= LIMIT) {
        throw new IllegalStateException("edits: expected at most " + LIMIT + " bytes in one call");
      }
      edits = Arrays.copyOf(edits, 2 * at);
    }
    edits[at] = kind;
    edits[at + FIELD] = field;
    edits[at + ITEM] = item;
    edits[at + NEXT] = 0;
    edits[at + A] = a;
    edits[at + B] = b;
    edits[at + OWNER] = owner;
    return size++;
  }

  /** Takes the newest edit back. */
  void undo() {
    size--;
  }

  /** Makes the newest edit the last of its owner. */
  void chain(int owner) {
    if (first[owner] == 0) first[owner] = size;
    else edits[(last[owner] - 1) * STRIDE + NEXT] = size;
    last[owner] = size;
  }

  /** Remembers the newest edit, of a scope or resource; false if an equal one was made at an earlier item. */
  boolean share() {
    int edit = size - 1;
    int hash = hash(edit);
    edits[edit * STRIDE + HASH_CODE] = hash;
    int mask = shared.length - 1;
    int h = hash & mask;
    for (; shared[h] != 0; h = h + 1 & mask) {
      if (equal(shared[h] - 1, edit)) return edits[(shared[h] - 1) * STRIDE + ITEM] == edits[edit * STRIDE + ITEM];
    }
    shared[h] = edit + 1;
    if (2 * ++sharedSize > shared.length) grow();
    return true;
  }

  private void grow() {
    int[] old = shared;
    shared = new int[2 * old.length];
    int mask = shared.length - 1;
    for (int edit : old) {
      if (edit == 0) continue;
      int h = edits[(edit - 1) * STRIDE + HASH_CODE] & mask;
      while (shared[h] != 0) h = h + 1 & mask;
      shared[h] = edit;
    }
  }

  private int hash(int edit) {
    int at = edit * STRIDE;
    int hash = (edits[at + OWNER] * 31 + edits[at + FIELD]) * 31 + edits[at];
    if (hasText(edits[at])) {
      byte[] bytes = pool.array();
      for (int i = textAt(edit), end = i + textLength(edit); i < end; i++) hash = hash * 31 + bytes[i];
    } else {
      hash = (hash * 31 + edits[at + A]) * 31 + edits[at + B];
    }
    return hash * 0x9E3779B9 >>> 8;
  }

  private boolean equal(int one, int two) {
    int a = one * STRIDE;
    int b = two * STRIDE;
    if (edits[a + HASH_CODE] != edits[b + HASH_CODE] || edits[a + OWNER] != edits[b + OWNER] || edits[a] != edits[b]
        || edits[a + FIELD] != edits[b + FIELD] || edits[a + B] != edits[b + B]) {
      return false;
    }
    return hasText(edits[a]) ? pool.equal(edits[a + A], edits[b + A], edits[a + B]) : edits[a + A] == edits[b + A];
  }

  private static boolean hasText(int kind) {
    return kind == RENAME || kind == TEXT;
  }
}
