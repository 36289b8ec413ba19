package io.mop.bench;

import java.util.List;
import java.util.regex.Pattern;

/** A protocol as tshark and as spans tell of it: they must call the same exchange the same. */
enum Wired {
  HTTP("http", List.of("http.request.method", "http.request.uri"), "http.response.code") {
    @Override
    String asked(List<String> fields) {
      return fields.get(0) + " " + fields.get(1);
    }

    @Override
    String what(SpanRow s) {
      return s.get("http.request.method") + " " + s.get("url.path") + " " + s.get("http.response.status_code");
    }
  },

  /** The words of a command come in hexadecimal; the first word of an error is its code. */
  REDIS("resp", List.of("resp.bulk_string.value", "resp.array.length"), "resp.error") {
    @Override
    String asked(List<String> fields) {
      String name = fields.get(0).split(",")[0];
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < name.length(); i += 2) text.append((char) Integer.parseInt(name, i, i + 2, 16));
      return text + " ?".repeat(Integer.parseInt(fields.get(1)) - 1);
    }

    @Override
    String answered(String field) {
      return field.split(" ")[0];
    }
  },

  /** Of the simple protocol. */
  POSTGRESQL("pgsql", List.of("pgsql.query"), "pgsql.code") {
    @Override
    String asked(List<String> fields) {
      return LITERAL.matcher(fields.get(0)).replaceAll("?").replaceFirst(";$", "");
    }
  };

  private static final Pattern LITERAL = Pattern.compile("'[^']*'|\\b\\d[\\d.]*");

  /** tshark's name of it. */
  final String dissector;
  /** Fields of a request; the first is empty where there is none. */
  final List<String> request;
  /** Field of an answer: its status, or empty. */
  final String answer;

  Wired(String dissector, List<String> request, String answer) {
    this.dissector = dissector;
    this.request = request;
    this.answer = answer;
  }

  /** What was asked, without values, by the values of {@link #request}. */
  abstract String asked(List<String> fields);

  /** The status, by the value of {@link #answer}. */
  String answered(String field) {
    return field;
  }

  /** The same by a span. */
  String what(SpanRow s) {
    return s.get("db.query.text") + " " + s.get("db.response.status_code");
  }
}
