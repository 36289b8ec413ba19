package io.mop.plugins.redis;

/** Commands without an answer yet, oldest first, each with a number: replies expected, or a database. */
final class Asked {
  private static final int MAX = 1 << 16;
  private Command[] commands = new Command[4];
  private int[] numbers = new int[4];
  private int head;
  private int size;

  boolean isEmpty() {
    return size == 0;
  }

  /** False if there are too many. */
  boolean add(Command command, int number) {
    if (size == MAX) return false;
    if (size == commands.length) grow();
    int at = head + size++ & commands.length - 1;
    commands[at] = command;
    numbers[at] = number;
    return true;
  }

  private void grow() {
    Command[] more = new Command[size * 2];
    int[] moreNumbers = new int[size * 2];
    for (int i = 0; i < size; i++) {
      more[i] = commands[head + i & size - 1];
      moreNumbers[i] = numbers[head + i & size - 1];
    }
    commands = more;
    numbers = moreNumbers;
    head = 0;
  }

  /** The oldest; {@link Command#OTHER} if there is none. */
  Command command() {
    return size == 0 ? Command.OTHER : commands[head];
  }

  int number() {
    return size == 0 ? 0 : numbers[head];
  }

  void remove() {
    if (size == 0) return;
    head = head + 1 & commands.length - 1;
    size--;
  }

  void clear() {
    head = size = 0;
  }
}
