package io.mop.plugins.filter;

import io.mop.api.data.Field;
import io.mop.api.data.Fields;
import io.mop.api.data.Items;
import io.mop.api.data.Text;
import io.mop.api.data.Value;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/** One side of a comparison; holds what it read last, so that reading allocates nothing. */
abstract class Operand {
  enum Type {
    NIL,
    TEXT,
    INT,
    DOUBLE,
    BOOL,
    /** Arrays, maps, bytes: equal to nothing. */
    OTHER;

    /** As an error names it. */
    String words() {
      return switch (this) {
        case NIL -> "nil";
        case TEXT -> "a string";
        case INT -> "an int";
        case DOUBLE -> "a double";
        case BOOL -> "true or false";
        case OTHER -> "any value";
      };
    }
  }

  Type type = Type.NIL;
  Text text = Text.of("");
  long integer;
  double real;
  boolean bool;
  private final boolean fixed;

  /** @param always the type of each value, or OTHER if it differs from item to item */
  Operand(Type always) {
    fixed = always != Type.OTHER;
    type = always;
  }

  /** Reads the value on the cursor's item. */
  abstract void load(Items items);

  /** Declares the attributes it reads. */
  void declare(Fields fields) {}

  /** True if every item gives a value of {@link #type}. */
  boolean hasOneType() {
    return fixed;
  }

  boolean isNumber() {
    return type == Type.INT || type == Type.DOUBLE;
  }

  double number() {
    return type == Type.INT ? integer : real;
  }

  static Operand nil() {
    return new Operand(Type.NIL) {
      @Override
      void load(Items items) {}
    };
  }

  static Operand text(String s) {
    Text constant = Text.of(s);
    return text(items -> constant);
  }

  static Operand integer(long n) {
    return integer(items -> n);
  }

  static Operand real(double d) {
    return new Operand(Type.DOUBLE) {
      @Override
      void load(Items items) {
        real = d;
      }
    };
  }

  static Operand bool(boolean b) {
    return new Operand(Type.BOOL) {
      @Override
      void load(Items items) {
        bool = b;
      }
    };
  }

  static Operand text(Function<Items, Text> of) {
    return new Operand(Type.TEXT) {
      @Override
      void load(Items items) {
        text = of.apply(items);
      }
    };
  }

  static Operand integer(ToLongFunction<Items> of) {
    return new Operand(Type.INT) {
      @Override
      void load(Items items) {
        integer = of.applyAsLong(items);
      }
    };
  }

  static Operand sum(Operand a, Operand b, int sign) {
    return new Operand(Type.INT) {
      @Override
      void load(Items items) {
        a.load(items);
        b.load(items);
        integer = a.integer + sign * b.integer;
      }

      @Override
      void declare(Fields fields) {
        a.declare(fields);
        b.declare(fields);
      }
    };
  }

  static Operand value(Function<Items, Value> of) {
    return new Dynamic() {
      @Override
      void load(Items items) {
        show(of.apply(items));
      }
    };
  }

  /** @param declare which of the fields it is */
  static Operand attribute(Function<Fields, Field> declare) {
    return new Dynamic() {
      private Field field;

      @Override
      void declare(Fields fields) {
        field = declare.apply(fields);
      }

      @Override
      void load(Items items) {
        show(items.get(field));
      }
    };
  }

  private abstract static class Dynamic extends Operand {
    Dynamic() {
      super(Type.OTHER);
    }

    void show(Value v) {
      switch (v.type()) {
        case ABSENT, EMPTY -> type = Type.NIL;
        case TEXT -> {
          type = Type.TEXT;
          text = v.text();
        }
        case INT -> {
          type = Type.INT;
          integer = v.integer();
        }
        case DOUBLE -> {
          type = Type.DOUBLE;
          real = v.real();
        }
        case BOOL -> {
          type = Type.BOOL;
          bool = v.bool();
        }
        case BYTES, ARRAY, MAP -> type = Type.OTHER;
      }
    }
  }
}
