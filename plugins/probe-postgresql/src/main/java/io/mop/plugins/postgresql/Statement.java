package io.mop.plugins.postgresql;

import io.mop.api.data.Text;

/**
 * What may be told of a statement; empty texts are not known.
 *
 * @param summary verbs and their targets, at most 255 characters
 * @param text normalised, without literals, at most 1024 characters
 * @param operation the verb, if it is one statement
 * @param collection the table, if it is one statement with one table
 * @param forgets it may change what names of prepared statements mean
 */
record Statement(Text summary, Text text, Text operation, Text collection, boolean forgets) {
  private static final Text NONE = Text.of("");
  /** Memory of one beside its texts, by estimate. */
  private static final int WEIGHT = 200;

  /** Prepared before it could be seen. */
  static final Statement UNKNOWN = new Statement(NONE, NONE, NONE, NONE, false);
  /** Not to be told from what is secret in it. */
  static final Statement UNREADABLE = new Statement(NONE, NONE, NONE, NONE, true);

  /** One that is known by its verb only. */
  static Statement verb(String verb) {
    Text name = Text.of(verb);
    return new Statement(name, NONE, name, NONE, false);
  }

  int weight() {
    return WEIGHT + summary.length() + text.length() + operation.length() + collection.length();
  }
}
