package io.mop.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What the value of a key may be. */
sealed interface Shape {
  /** As in {@code expected …}. */
  String expected();

  /** One value without parts. */
  enum Plain implements Shape {
    TEXT("text"),
    SECRET("text"),
    BOOLEAN("true or false"),
    INT("a whole number"),
    LONG("a whole number"),
    DOUBLE("a number"),
    DURATION("a duration such as 250ms, 10s or 1m30s"),
    SIZE("a size such as 512KiB, 4MiB or 64KB"),
    /** Text, number or boolean, as YAML has it. */
    TYPED("text, a number, true or false"),
    /** Read by the caller: any value. */
    ANY("any value");

    private final String expected;

    Plain(String expected) {
      this.expected = expected;
    }

    @Override
    public String expected() {
      return expected;
    }
  }

  /** A constant of an enum: in any case, with {@code -} and {@code _} alike. */
  record Choice(Class<?> type) implements Shape {
    /** The names as the file writes them. */
    List<String> names() {
      List<String> names = new ArrayList<>();
      for (Object constant : type.getEnumConstants()) names.add(name((Enum<?>) constant));
      return names;
    }

    static String name(Enum<?> constant) {
      return constant.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public String expected() {
      return "one of " + String.join(", ", names());
    }
  }

  /** Absent = empty. */
  record Maybe(Shape of) implements Shape {
    @Override
    public String expected() {
      return of.expected();
    }
  }

  /** A list; absent = empty. */
  record Many(Shape of) implements Shape {
    @Override
    public String expected() {
      return "a list";
    }
  }

  /** A map with keys of the user's choice; absent = empty. */
  record Table(Shape of) implements Shape {
    @Override
    public String expected() {
      return "a map";
    }
  }

  /** A nested record; resolved when needed, for records may hold lists of themselves. */
  record Section(Class<? extends Record> type) implements Shape {
    @Override
    public String expected() {
      return "a map";
    }
  }
}
