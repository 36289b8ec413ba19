package io.mop.capture;

import java.nio.file.Path;

/** Looks once for processes with the privileges it is started with, by a port or an exe, and prints what it found. */
final class LookMain {
  private LookMain() {}

  public static void main(String[] args) {
    Rule rule = new Rule(args[1].equals("port") ? new Rule.Port(Integer.parseInt(args[2])) : new Rule.Exe(args[2]));
    Look look = FakeProc.look(Path.of(args[0]), rule);
    long selected = look.candidates().stream().filter(pid -> look.select(pid).isPresent()).count();
    System.out.println(selected + " selected, " + look.hidden() + " hidden, " + look.problem().orElse("no problem"));
  }
}
