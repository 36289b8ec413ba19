package io.mop.shell;

import io.mop.control.Why;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Answers for programs: the names of {@link Why} in snake case. */
final class WhyJson {
  private WhyJson() {}

  static String of(List<Why.Answer> answers) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("receivers", answers.stream().map(WhyJson::answer).toList());
    return Json.of(json);
  }

  private static Map<String, Object> answer(Why.Answer a) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("receiver", a.receiver());
    json.put("state", a.state());
    json.put("running", a.running());
    json.put("rules", a.rules());
    json.put("processes", a.processes().stream().map(WhyJson::process).toList());
    json.put("counters", a.counters().stream().map(WhyJson::count).toList());
    return json;
  }

  private static Map<String, Object> process(Why.Process p) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("pid", p.pid());
    json.put("program", p.program());
    json.put("part", p.part());
    json.put("selected", p.selected());
    json.put("reason", p.reason());
    json.put("rules", p.rules().stream().map(WhyJson::rule).toList());
    json.put("notes", p.notes());
    json.put("connections", p.connections().stream().map(WhyJson::connections).toList());
    return json;
  }

  private static Map<String, Object> rule(Why.Rule r) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("rule", r.rule());
    json.put("conditions", r.conditions().stream().map(WhyJson::condition).toList());
    return json;
  }

  private static Map<String, Object> condition(Why.Condition c) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("condition", c.condition());
    json.put("holds", c.holds());
    json.put("found", c.found());
    return json;
  }

  private static Map<String, Object> connections(Why.Connections c) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("peer", c.peer());
    json.put("port", c.port());
    json.put("role", c.role());
    json.put("protocol", c.protocol());
    json.put("kind", c.kind());
    json.put("reason", c.reason());
    json.put("open", c.open());
    json.put("ended", c.ended());
    json.put("exchanges", c.exchanges());
    json.put("bytes_received", c.bytesReceived());
    json.put("bytes_sent", c.bytesSent());
    json.put("records_lost", c.recordsLost());
    json.put("bytes_lost", c.bytesLost());
    json.put("last_loss", c.lastLoss());
    json.put("last_decoder_error", c.lastDecoderError());
    return json;
  }

  private static Map<String, Object> count(Why.Count c) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("counter", c.name());
    json.put("value", c.value());
    json.put("meaning", c.meaning());
    return json;
  }
}
