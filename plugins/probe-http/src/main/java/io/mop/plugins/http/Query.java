package io.mop.plugins.http;

import io.mop.api.data.Text;
import java.io.ByteArrayOutputStream;

/** A query without its values: {@code user=eve&page=2} is {@code user=REDACTED&page=REDACTED}. */
final class Query {
  private static final byte[] REDACTED = {'R', 'E', 'D', 'A', 'C', 'T', 'E', 'D'};
  private static final int MAX_PARAMETERS = 16;

  private Query() {}

  /** What has no name, and a name that may be a value, is masked whole; parameters after the 16th are left out. */
  static Text masked(Text query) {
    byte[] in = new byte[query.length()];
    query.copy(0, in.length, in, 0);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int parameters = 0;
    for (int from = 0; from < in.length && parameters < MAX_PARAMETERS; parameters++) {
      int to = from;
      int equals = -1;
      for (; to < in.length && in[to] != '&'; to++) if (in[to] == '=' && equals < 0) equals = to;
      if (parameters > 0) out.write('&');
      if (equals > from && !Route.isValue(in, from, equals)) out.write(in, from, equals + 1 - from);
      if (to > from) out.write(REDACTED, 0, REDACTED.length);
      from = to + 1;
    }
    return Text.of(out.toByteArray());
  }
}
