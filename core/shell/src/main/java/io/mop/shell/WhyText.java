package io.mop.shell;

import io.mop.control.Why;
import java.util.ArrayList;
import java.util.List;

/** Answers for people. */
final class WhyText {
  private WhyText() {}

  static String of(List<Why.Answer> answers) {
    StringBuilder b = new StringBuilder();
    for (Why.Answer a : answers) {
      if (!b.isEmpty()) b.append('\n');
      b.append(a.receiver()).append(": ").append(Table.cell(a.state())).append('\n');
      if (a.running()) b.append("selects: ").append(a.rules().isEmpty() ? "nothing" : rules(a)).append('\n');
      for (Why.Process p : a.processes()) process(p, b.append('\n'));
      counters(a.counters(), b);
    }
    return b.toString();
  }

  private static String rules(Why.Answer a) {
    return Table.cell(String.join("; ", a.rules()));
  }

  private static void process(Why.Process p, StringBuilder b) {
    b.append("process ").append(p.pid()).append(p.program().isEmpty() ? "" : " " + Table.cell(p.program()));
    b.append(p.part().isEmpty() ? "" : ", " + p.part()).append('\n');
    b.append(p.selected() ? "  selected" : "  NOT SELECTED");
    b.append(p.reason().isEmpty() ? ": no rule names it" : ": " + Table.cell(p.reason())).append('\n');
    for (Why.Rule r : p.rules()) {
      for (Why.Condition c : r.conditions()) {
        String holds = c.holds() ? "holds: " : "does not hold: ";
        b.append("    ").append(Table.cell(c.condition())).append(' ').append(holds).append(Table.cell(c.found()));
        b.append(r.conditions().size() > 1 ? " (of rule " + Table.cell(r.rule()) + ")\n" : "\n");
      }
    }
    for (String note : p.notes()) b.append("  ").append(Table.cell(note)).append('\n');
    if (!p.connections().isEmpty()) connections(p.connections(), b);
    else if (p.selected()) b.append("  no connection was seen since capture began, or it ended long ago\n");
  }

  private static void connections(List<Why.Connections> connections, StringBuilder b) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("  ROLE", "PEER", "PROTOCOL", "OPEN", "ENDED", "EXCHANGES", "RECEIVED", "SENT", "LOST", "REMARK"));
    for (Why.Connections c : connections) {
      rows.add(List.of(
          "  " + c.role() + (c.port() > 0 ? " on " + c.port() : ""),
          c.peer().isEmpty() ? "-" : c.peer(),
          c.protocol().isEmpty() ? "NOT READ" : c.protocol(),
          "" + c.open(),
          "" + c.ended(),
          "" + c.exchanges(),
          Table.size(c.bytesReceived()),
          Table.size(c.bytesSent()),
          Table.size(c.bytesLost()),
          Table.cell(remark(c))));
    }
    b.append(Table.of(rows, 3, 6));
  }

  private static String remark(Why.Connections c) {
    List<String> all = new ArrayList<>();
    if (!c.reason().isEmpty()) all.add(c.reason());
    if (c.recordsLost() > 0) all.add(c.recordsLost() + " records lost");
    if (!c.lastLoss().isEmpty()) all.add("read anew after " + c.lastLoss());
    if (!c.lastDecoderError().isEmpty()) all.add("decoder failed: " + c.lastDecoderError());
    return String.join("; ", all);
  }

  private static void counters(List<Why.Count> counters, StringBuilder b) {
    if (counters.isEmpty()) return;
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("COUNTER OF ALL PROCESSES", "VALUE", "MEANING"));
    for (Why.Count c : counters) rows.add(List.of(c.name(), "" + c.value(), c.meaning()));
    b.append('\n').append(Table.of(rows, 1, 1));
  }
}
