package io.mop.api.data;

import java.util.regex.Pattern;

/** Why an item ended, as in the ledger and the metric label: {@code [a-z0-9_]{1,40}}; made once, never per item. */
public record Reason(String code) {
  private static final Pattern CODE = Pattern.compile("[a-z0-9_]{1,40}");

  public Reason {
    if (!CODE.matcher(code).matches()) throw new IllegalArgumentException("reason '" + code + "': expected " + CODE);
  }
}
