package io.mop.capture;

import io.mop.api.capture.Measure;
import io.mop.api.data.Text;
import java.util.Arrays;

/**
 * What tells a series from others. One is filled again for each look-up; a {@link #copy} stays as it is.
 */
final class SeriesKey {
  /** A number that stands for: there is no such attribute. */
  static final long ABSENT = Long.MIN_VALUE;

  private Resource process;
  private Measure measure;
  private Text[] texts;
  private long[] numbers;
  private int size;

  SeriesKey() {
    texts = new Text[0];
    numbers = new long[0];
  }

  private SeriesKey(SeriesKey o) {
    process = o.process;
    measure = o.measure;
    size = o.size;
    texts = Arrays.copyOf(o.texts, size);
    numbers = Arrays.copyOf(o.numbers, size);
  }

  SeriesKey copy() {
    return new SeriesKey(this);
  }

  /** Without attributes, to which those of the measure are added in its order. */
  void begin(Resource process, Measure measure) {
    this.process = process;
    this.measure = measure;
    size = 0;
    int n = measure.attributes().size();
    if (texts.length >= n) return;
    texts = new Text[n];
    numbers = new long[n];
  }

  void add(Text text) {
    numbers[size] = 0;
    texts[size++] = text;
  }

  /** {@link #ABSENT} where there is none. */
  void add(long number) {
    texts[size] = null;
    numbers[size++] = number;
  }

  Resource process() {
    return process;
  }

  Measure measure() {
    return measure;
  }

  /** The attributes there are. */
  void each(Values to) {
    for (int i = 0; i < size; i++) {
      String name = measure.attributes().get(i);
      if (texts[i] != null) to.text(name, texts[i]);
      else if (numbers[i] != ABSENT) to.number(name, numbers[i]);
    }
  }

  /** Takes attributes. */
  interface Values {
    void text(String name, Text value);

    void number(String name, long value);
  }

  @Override
  public int hashCode() {
    int h = System.identityHashCode(process) * 31 + measure.name().hashCode();
    for (int i = 0; i < size; i++) h = h * 31 + (texts[i] == null ? Long.hashCode(numbers[i]) : texts[i].hashCode());
    return h;
  }

  @Override
  public boolean equals(Object other) {
    if (!(other instanceof SeriesKey o) || process != o.process || size != o.size) return false;
    return measure.equals(o.measure)
        && Arrays.equals(texts, 0, size, o.texts, 0, size)
        && Arrays.equals(numbers, 0, size, o.numbers, 0, size);
  }
}
