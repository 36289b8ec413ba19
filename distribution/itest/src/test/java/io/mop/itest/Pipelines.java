package io.mop.itest;

import io.mop.testkit.OtlpSink;
import io.mop.testkit.TestSpan;
import java.util.List;

/** What the tests with nginx run: capture, one edit, delivery. */
final class Pipelines {
  private Pipelines() {}

  /**
   * Text of a mop.yaml: spans of {@code nginx}, whose attribute http.request.method becomes {@code method}. The ring
   * holds all that a test makes nginx do, so that nothing is lost however busy the machine is.
   */
  static String nginxTo(OtlpSink sink, Nginx nginx) {
    return """
        receivers:
          ebpf: { select: [ { pid: %d } ], ring: 64MiB }
        processors:
          attributes:
            actions:
              - { key: http.request.method, action: rename, new_key: method }
        exporters:
          otlp:
            endpoint: %s
            retry_on_failure: { initial_interval: 50ms, max_interval: 500ms }
        service:
          pipelines:
            traces: { receivers: [ebpf], processors: [attributes], exporters: [otlp] }
        """
        .formatted(nginx.pid(), sink.url());
  }

  /** Of each span {@code METHOD PATH STATUS}, as {@link Traffic#answered} and nginx's log have it. */
  static List<String> requests(List<TestSpan> spans) {
    return spans.stream()
        .map(TestSpan::attributes)
        .map(a -> a.get("method") + " " + a.get("url.path") + " " + a.get("http.response.status_code"))
        .toList();
  }
}
