package io.mop.plugins.redaction;

import io.mop.api.data.Text;
import io.mop.api.data.Value;
import io.mop.api.data.ValueEditor.Append;
import io.mop.api.data.ValueEditor.Edit;
import io.mop.plugins.redaction.Redaction.Summary;
import java.nio.charset.StandardCharsets;

/** What one kind of owner says of its redaction, in attributes that the Collector's redaction processor names. */
final class Notes {
  private static final class Note {
    final Text countKey;
    final Text keysKey;
    long count;
    final StringBuilder keys = new StringBuilder();

    Note(String what) {
      countKey = Text.of("redaction." + what + ".count");
      keysKey = Text.of("redaction." + what + ".keys");
    }

    /** Takes over what an earlier redaction said, to say it again with the rest. */
    boolean takesOver(Text key, Value value, Edit edit) {
      boolean ofCount = value.type() == Value.Type.INT && key.is(countKey);
      boolean ofKeys = value.type() == Value.Type.TEXT && key.is(keysKey);
      if (ofCount) count += value.integer();
      else if (ofKeys) keys.insert(0, value.text() + (keys.length() > 0 ? "," : ""));
      else return false;
      edit.remove();
      return true;
    }

    void name(String key) {
      keys.append(keys.length() > 0 ? "," : "").append(key);
    }

    void end(Append append) {
      if (count > 0) append.add(countKey, count);
      if (keys.length() > 0) append.add(keysKey, Text.of(keys.toString()));
      clear();
    }

    void clear() {
      count = 0;
      keys.setLength(0);
    }
  }

  private final Summary summary;
  private final Note masked = new Note("masked");
  private final Note removed = new Note("redacted");

  Notes(Summary summary) {
    this.summary = summary;
  }

  /** Forgets what a call that failed left. */
  void clear() {
    masked.clear();
    removed.clear();
  }

  boolean takesOver(Text key, Value value, Edit edit) {
    return summary != Summary.SILENT && (masked.takesOver(key, value, edit) || removed.takesOver(key, value, edit));
  }

  void masked(byte[] key, int length) {
    note(masked, key, length);
  }

  void removed(byte[] key, int length) {
    note(removed, key, length);
  }

  private void note(Note note, byte[] key, int length) {
    if (summary == Summary.SILENT) return;
    note.count++;
    if (summary == Summary.DEBUG) note.name(new String(key, 0, length, StandardCharsets.UTF_8));
  }

  void end(Append append) {
    if (summary == Summary.SILENT) return;
    masked.end(append);
    removed.end(append);
  }
}
