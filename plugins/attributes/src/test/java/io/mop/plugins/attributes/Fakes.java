package io.mop.plugins.attributes;

import io.mop.api.data.Edits;
import io.mop.api.data.Field;
import io.mop.api.data.Fields;
import io.mop.api.data.Items;
import io.mop.api.data.Reason;
import io.mop.api.data.Signal;
import io.mop.api.data.Text;
import io.mop.api.data.Value;
import io.mop.api.plugin.Context;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** What the engine gives a transform, over maps: items are shown as they came, edits are applied to copies in order. */
final class Fakes {
  private Fakes() {}

  private record TestField(String key) implements Field {}

  static String sha256(Object value) {
    try {
      byte[] text = value.toString().getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  /** Values: String, Long, Double, Boolean, List. One value object for all, as a cursor's flyweights are. */
  static final class Cursor implements Items, Value {
    private final List<Map<String, Object>> items;
    private int at = -1;
    private Object now;

    Cursor(List<Map<String, Object>> items) {
      this.items = items;
    }

    int index() {
      return at;
    }

    void rewind() {
      at = -1;
    }

    @Override
    public Signal signal() {
      return Signal.LOGS;
    }

    @Override
    public boolean next() {
      return ++at < items.size();
    }

    @Override
    public Value get(Field field) {
      now = items.get(at).get(field.key());
      return this;
    }

    @Override
    public Type type() {
      if (now == null) return Type.ABSENT;
      if (now instanceof Text || now instanceof String) return Type.TEXT;
      if (now instanceof Long) return Type.INT;
      if (now instanceof Double) return Type.DOUBLE;
      if (now instanceof Boolean) return Type.BOOL;
      return Type.ARRAY;
    }

    @Override
    public Text text() {
      return now instanceof Text t ? t : Text.of((String) now);
    }

    @Override
    public long integer() {
      return (Long) now;
    }

    @Override
    public double real() {
      return (Double) now;
    }

    @Override
    public boolean bool() {
      return (Boolean) now;
    }
  }

  /** Applies edits to {@code results}, one map an item. */
  record Applied(Cursor cursor, List<Map<String, Object>> results) implements Edits {
    private Map<String, Object> item() {
      return results.get(cursor.index());
    }

    @Override
    public void rename(Field field, Text key) {
      Object v = item().remove(field.key());
      if (v != null) item().put(key.toString(), v);
    }

    @Override
    public void set(Field field, Text value) {
      item().put(field.key(), value.toString());
    }

    @Override
    public void set(Field field, long value) {
      item().put(field.key(), value);
    }

    @Override
    public void set(Field field, double value) {
      item().put(field.key(), value);
    }

    @Override
    public void set(Field field, boolean value) {
      item().put(field.key(), value);
    }

    @Override
    public void hash(Field field) {
      item().computeIfPresent(field.key(), (k, v) -> sha256(v));
    }

    @Override
    public void remove(Field field) {
      item().remove(field.key());
    }

    @Override
    public void drop(Reason reason) {
      throw new AssertionError("attributes drops nothing");
    }
  }

  /** Counts edits and keeps nothing. */
  static final class Counted implements Edits {
    long edits;

    @Override
    public void rename(Field field, Text key) {
      edits++;
    }

    @Override
    public void set(Field field, Text value) {
      edits++;
    }

    @Override
    public void set(Field field, long value) {
      edits++;
    }

    @Override
    public void set(Field field, double value) {
      edits++;
    }

    @Override
    public void set(Field field, boolean value) {
      edits++;
    }

    @Override
    public void hash(Field field) {
      edits++;
    }

    @Override
    public void remove(Field field) {
      edits++;
    }

    @Override
    public void drop(Reason reason) {
      throw new AssertionError("attributes drops nothing");
    }
  }

  static final class TestContext implements Context {
    long uncopied;

    @Override
    public String id() {
      return "processors.attributes";
    }

    @Override
    public Fields fields() {
      return new Fields() {
        @Override
        public Field item(String key) {
          return new TestField(key);
        }

        @Override
        public Field scope(String key) {
          throw new AssertionError("not used");
        }

        @Override
        public Field resource(String key) {
          throw new AssertionError("not used");
        }
      };
    }

    @Override
    public long now() {
      throw new AssertionError("not used");
    }

    @Override
    public Counter counter(String name, String unit, String description) {
      if (!name.equals("uncopied")) throw new AssertionError(name);
      return n -> uncopied += n;
    }

    @Override
    public Path directory() {
      throw new AssertionError("not used");
    }

    @Override
    public Task every(Duration period, Runnable task) {
      throw new AssertionError("not used");
    }

    @Override
    public void healthy() {
      throw new AssertionError("not used");
    }

    @Override
    public void unhealthy(String reason) {
      throw new AssertionError(reason);
    }
  }
}
