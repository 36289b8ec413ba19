package io.mop.plugins.redaction;

import io.mop.api.data.Edits;
import io.mop.api.data.Items;
import io.mop.api.data.Text;
import io.mop.api.data.TextChars;
import io.mop.api.data.Value;
import io.mop.api.data.ValueEditor;
import io.mop.api.pipeline.Transform;
import io.mop.api.plugin.Context;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;

/** Walks all values of a batch. Nothing is allocated per value, but with {@code summary: debug}. */
final class Redactor implements Transform, ValueEditor {
  private final KeyRules rules;
  private final boolean credentials;
  private final boolean creditCards;
  private final boolean allTypes;
  private final boolean looks;
  private final TextChars chars = new TextChars();
  private final Matcher[] blocked;
  private final Matcher[] allowed;
  private final Credentials finder = new Credentials();
  private final Ranges ranges = new Ranges();
  private final Replacement replacement;
  private final Notes[] notes = new Notes[Owner.values().length];
  private final Context.Counter maskedValues;
  private final Context.Counter removedAttributes;

  private byte[] key = new byte[128];
  private byte[] text = new byte[1024];
  private long masked;
  private long removed;

  Redactor(Redaction.Config config, Context context) {
    rules = new KeyRules(config);
    credentials = config.credentials();
    creditCards = config.creditCards();
    allTypes = config.redactAllTypes();
    blocked = KeyRules.matchers(config.blockedValues(), chars);
    allowed = KeyRules.matchers(config.allowedValues(), chars);
    looks = credentials || creditCards || blocked.length > 0;
    replacement = new Replacement(config);
    for (int i = 0; i < notes.length; i++) notes[i] = new Notes(config.summary());
    // a body has no attributes of its own: its record says it
    notes[Owner.BODY.ordinal()] = notes[Owner.ITEM.ordinal()];
    maskedValues = context.counter("redacted_values", "1", "Values masked, wholly or in part.");
    removedAttributes = context.counter("removed_attributes", "1", "Attributes removed, as allowed_keys has them not.");
  }

  @Override
  public void apply(Items items, Edits edits) {
    masked = 0;
    removed = 0;
    for (Notes n : notes) n.clear();
    edits.values(this);
    if (masked > 0) maskedValues.add(masked);
    if (removed > 0) removedAttributes.add(removed);
  }

  @Override
  public void value(Owner owner, Text name, Value value, Edit edit) {
    int keyLength = name.length();
    if (keyLength > key.length) key = new byte[2 * keyLength];
    name.copy(0, keyLength, key, 0);
    boolean inside = owner == Owner.BODY || edit.nested();
    if (!inside && notes[owner.ordinal()].takesOver(name, value, edit)) return;
    switch (rules.verdict(key, keyLength, inside)) {
      case KeyRules.REMOVE -> {
        edit.remove();
        removed++;
        notes[owner.ordinal()].removed(key, keyLength);
      }
      case KeyRules.MASK -> {
        if (mask(value)) replace(owner, keyLength, edit);
      }
      case KeyRules.LOOK -> {
        if (looks && find(value)) replace(owner, keyLength, edit);
      }
      default -> { }
    }
  }

  @Override
  public void end(Owner owner, Append append) {
    notes[owner.ordinal()].end(append);
  }

  private void replace(Owner owner, int keyLength, Edit edit) {
    edit.replace(replacement.bytes(), 0, replacement.size());
    masked++;
    notes[owner.ordinal()].masked(key, keyLength);
  }

  /** Masks the whole value; true and false tell nothing, and an empty value has nothing to tell. */
  private boolean mask(Value value) {
    switch (value.type()) {
      case TEXT -> {
        int length = copy(value.text());
        if (length == 0 || Replacement.isMask(text, 0, length)) return false;
        replacement.of(text, length);
      }
      case INT -> replacement.of(text, decimal(value.integer()));
      case DOUBLE -> {
        byte[] shown = Double.toString(value.real()).getBytes(StandardCharsets.US_ASCII);
        replacement.of(shown, shown.length);
      }
      case BYTES, ARRAY, MAP -> replacement.ofOther();
      case ABSENT, EMPTY, BOOL -> {
        return false;
      }
    }
    return true;
  }

  /** Masks what is found in a text. */
  private boolean find(Value value) {
    int length;
    if (value.type() == Value.Type.TEXT) length = copy(value.text());
    else if (allTypes && value.type() == Value.Type.INT) length = decimal(value.integer());
    else return false;
    ranges.clear();
    if (credentials) finder.find(text, length, ranges);
    if (creditCards) CreditCards.find(text, length, ranges);
    if (blocked.length > 0 || ranges.size() > 0 && allowed.length > 0) {
      chars.set(text, 0, length);
      for (Matcher m : allowed) if (m.reset().find()) return false;
      for (Matcher m : blocked) {
        m.reset();
        while (m.find()) ranges.add(chars.byteAt(m.start()), chars.byteAt(m.end()));
      }
    }
    if (ranges.size() == 0) return false;
    replacement.of(text, length, ranges);
    return true;
  }

  private int copy(Text from) {
    int length = from.length();
    if (length > text.length) text = new byte[length + length / 2];
    from.copy(0, length, text, 0);
    return length;
  }

  /** Writes the decimal form at the beginning of {@code text}; returns its length. */
  private int decimal(long v) {
    int at = 20;
    long rest = v;
    do {
      text[--at] = (byte) ('0' + Math.abs(rest % 10));
      rest /= 10;
    } while (rest != 0);
    if (v < 0) text[--at] = '-';
    int length = 20 - at;
    System.arraycopy(text, at, text, 0, length);
    return length;
  }
}
