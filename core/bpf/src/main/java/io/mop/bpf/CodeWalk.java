package io.mop.bpf;

import java.io.IOException;

/**
 * Follows the first instructions of a function of x86-64 to the function that does its work, as long as the first three
 * arguments are what the caller gave. Knows the few instructions that stand there; any other ends the walk.
 */
final class CodeWalk {
  /** Where the number of bytes moved goes to. */
  enum Moved {
    /** The function's own result, or not known. */
    RETURNED,
    /** Through the fourth argument. */
    ARGUMENT_4,
    /** Through the fifth. */
    ARGUMENT_5
  }

  private static final int LENGTH = 128;
  private static final int MOST_CALLS = 3;
  private static final int RCX = 1;
  private static final int RDX = 2;
  private static final int RSP = 4;
  private static final int RSI = 6;
  private static final int RDI = 7;
  private static final int R8 = 8;

  private final ElfFile elf;
  private byte[] code = {};
  private int at;
  private Moved moved;

  private CodeWalk(ElfFile elf, Moved moved) {
    this.elf = elf;
    this.moved = moved;
  }

  /** @param address of an instruction that a probe replaces cheaply */
  record Callee(long address, Moved moved) {}

  /** The address behind a leading endbr64, which is dear to replace. */
  static long entry(ElfFile elf, long function) throws IOException {
    byte[] c = elf.code(function, 4);
    boolean endbr64 = c.length == 4 && c[0] == (byte) 0xf3 && c[1] == 0x0f && c[2] == 0x1e && c[3] == (byte) 0xfa;
    return endbr64 ? function + 4 : function;
  }

  /** Whether the kernel does the instruction's work itself, instead of a single step: a push or a nop. */
  static boolean cheap(ElfFile elf, long address) throws IOException {
    byte[] c = elf.code(address, 5);
    if (c.length < 5) return false;
    int first = c[0] & 0xff;
    boolean push = first >= 0x50 && first <= 0x57 || first == 0x41 && (c[1] & 0xf8) == 0x50;
    boolean nop = first == 0x90 || first == 0x0f && c[1] == 0x1f && c[2] == 0x44 && c[3] == 0 && c[4] == 0;
    return push || nop;
  }

  /**
   * The function that is called first and begins cheaply.
   *
   * @param moved where {@code function} says how much it has moved
   * @return address 0 if there is none
   */
  static Callee callee(ElfFile elf, long function, Moved moved) throws IOException {
    CodeWalk walk = new CodeWalk(elf, moved);
    long address = function;
    for (int i = 0; i < MOST_CALLS; i++) {
      address = walk.nextCall(entry(elf, address));
      if (address == 0) break;
      long entry = entry(elf, address);
      if (cheap(elf, entry)) return new Callee(entry, walk.moved);
    }
    return new Callee(0, Moved.RETURNED);
  }

  /** Target of the first direct call, or jump out of what was read; 0 if the walk ends before. */
  private long nextCall(long address) throws IOException {
    code = elf.code(address, LENGTH);
    at = 0;
    while (at < code.length - 16) {
      int op = u8(at);
      if (op == 0xe8 || op == 0xe9) return address + at + 5 + s32(at + 1);
      int length = step();
      if (length == 0) return 0;
      at += length;
    }
    return 0;
  }

  private int u8(int i) {
    return code[i] & 0xff;
  }

  private int s32(int i) {
    return u8(i) | u8(i + 1) << 8 | u8(i + 2) << 16 | u8(i + 3) << 24;
  }

  /** Length of the instruction if it leaves the arguments as they are, else 0. */
  private int step() {
    int i = at;
    if (u8(i) == 0x64) i++; // %fs: the stack guard
    int rex = (u8(i) & 0xf0) == 0x40 ? u8(i++) : 0;
    int op = u8(i++);
    if (op >= 0x50 && op <= 0x57) return i - at;
    if (op >= 0x70 && op <= 0x7f) return i + 1 - at; // a condition that does not hold
    if (op == 0x0f && (u8(i) & 0xf0) == 0x80) return i + 5 - at;
    int reg = u8(i) >> 3 & 7 | (rex & 4) << 1;
    boolean register = u8(i) >= 0xc0;
    int rm = u8(i) & 7 | (rex & 1) << 3;
    int end = operands(i);
    return switch (op) {
      case 0x85, 0x39, 0x3b -> end - at; // test, cmp
      case 0x83 -> group(reg, register, rm) ? end + 1 - at : 0;
      case 0x81 -> group(reg, register, rm) ? end + 4 - at : 0;
      case 0x63 -> reg == RDX && register && rm == RDX ? end - at : 0; // the number with its sign
      case 0x31, 0x33 -> zero(register, reg, rm) ? end - at : 0;
      case 0x89 -> !register || set(rm, reg == RSP) ? end - at : 0;
      case 0x8b -> set(reg, register && rm == RSP) ? end - at : 0;
      case 0x8d -> set(reg, !register && rm == RSP) ? end - at : 0; // lea
      case 0xc7 -> !register ? end + 4 - at : 0;
      default -> 0;
    };
  }

  /** End of the mod-rm byte at {@code i} and what belongs to it. */
  private int operands(int i) {
    int mod = u8(i) >> 6;
    int rm = u8(i) & 7;
    int end = i + 1;
    if (mod == 3) return end;
    boolean noBase = mod == 0 && rm == 5;
    if (rm == 4) {
      int base = u8(end++) & 7;
      noBase = mod == 0 && base == 5;
    }
    return end + (mod == 1 ? 1 : mod == 2 || noBase ? 4 : 0);
  }

  /** cmp, or arithmetic on the stack pointer. */
  private static boolean group(int operation, boolean register, int rm) {
    return (operation & 7) == 7 || register && rm == RSP;
  }

  private boolean zero(boolean register, int reg, int rm) {
    return register && reg == rm && set(rm, false);
  }

  /** A register gets a value; false if it held one of the arguments. */
  private boolean set(int register, boolean stackAddress) {
    if (register == RDI || register == RSI || register == RDX || register == RSP) return false;
    boolean argument = register == RCX || register == R8;
    if (argument && stackAddress) moved = register == RCX ? Moved.ARGUMENT_4 : Moved.ARGUMENT_5;
    return true;
  }
}
