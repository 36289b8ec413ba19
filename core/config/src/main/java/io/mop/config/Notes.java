package io.mop.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** What a file says and MOP does otherwise, one sentence each: nothing is ignored without a word. */
final class Notes {
  private record Note(int line, String text) {}

  private final Problems problems;
  private final List<Note> notes = new ArrayList<>();

  /** @param problems names the file */
  Notes(Problems problems) {
    this.problems = problems;
  }

  void add(At at, String sentence) {
    notes.add(new Note(at.line(), problems.text(at, sentence)));
  }

  void withoutEffect(At at, String why) {
    add(at, "accepted, without effect: " + why);
  }

  /** In the order of the file. */
  List<String> texts() {
    return notes.stream().sorted(Comparator.comparingInt(Note::line)).map(Note::text).toList();
  }
}
