package io.mop.capture;

import io.mop.api.data.Text;
import java.util.Arrays;

/** What a decoder said about an exchange; used again for the next one. At most 32 attributes are kept. */
final class SpanData {
  private static final int MAX = 32;
  private static final int WEIGHT = 1024;
  private static final Text NONE = Text.of("");

  Text name = NONE;
  Text error = NONE;
  boolean failed;
  long traceHigh;
  long traceLow;
  long parentId;
  private final String[] keys = new String[MAX];
  private final Text[] texts = new Text[MAX];
  private final long[] numbers = new long[MAX];
  private int size;
  private long textBytes;

  void set(String key, Text text) {
    int i = index(key);
    if (i < 0) return;
    if (texts[i] != null) textBytes -= texts[i].length();
    texts[i] = text;
    textBytes += text.length();
  }

  void set(String key, long number) {
    int i = index(key);
    if (i < 0) return;
    if (texts[i] != null) textBytes -= texts[i].length();
    texts[i] = null;
    numbers[i] = number;
  }

  private int index(String key) {
    int i = find(key);
    if (i >= 0) return i;
    if (size == MAX) return -1;
    keys[size] = key;
    return size++;
  }

  private int find(String key) {
    for (int i = 0; i < size; i++) if (keys[i].equals(key)) return i;
    return -1;
  }

  boolean has(String key) {
    return find(key) >= 0;
  }

  /** Empty if there is no such text. */
  Text text(String key) {
    int i = find(key);
    return i < 0 || texts[i] == null ? NONE : texts[i];
  }

  /** Memory held, by estimate. */
  long weight() {
    return WEIGHT + textBytes + name.length();
  }

  void attributes(SpanSink sink) {
    for (int i = 0; i < size; i++) {
      if (texts[i] != null) sink.attribute(keys[i], texts[i]);
      else sink.attribute(keys[i], numbers[i]);
    }
  }

  void reset(Text defaultName) {
    name = defaultName;
    failed = false;
    traceHigh = traceLow = parentId = textBytes = 0;
    Arrays.fill(texts, 0, size, null);
    size = 0;
  }
}
