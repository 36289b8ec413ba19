package io.mop.shell;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.control.Why;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** As a client of the socket sees it, with receivers that know what the test says. */
@Timeout(30)
class WhyCommandTest {
  private static final Why.Connections READ =
      new Why.Connections(
          "127.0.0.1", 8080, "server", "http", "", "", 2, 1, 40, 4096, 1 << 20, 1, 0, "record_lost", "");
  private static final Why.Connections TLS =
      new Why.Connections(
          "10.0.0.2:443", 0, "client", "", "tls", "TLS: not readable without a TLS probe", 1, 0, 0, 500, 600, 0, 7, "",
          "");
  private static final Why.Process SELECTED =
      new Why.Process(
          411, "/usr/sbin/nginx", "listens on 8080", true, "descendant of 400, port 8080", List.of(),
          List.of("TLS: OpenSSL is mapped"), List.of(READ, TLS));
  private static final Why.Process OTHER =
      new Why.Process(
          12, "/usr/bin/redis-server", "", false, "",
          List.of(
              new Why.Rule("port 8080", List.of(new Why.Condition("port 8080", false, "it listens on 6379"))),
              new Why.Rule(
                  "exe */nginx and port 6379",
                  List.of(
                      new Why.Condition("exe */nginx", false, "the program is /usr/bin/redis-server"),
                      new Why.Condition("port 6379", true, "it listens on 6379")))),
          List.of(), List.of());
  private static final Why.Process UNREAD =
      new Why.Process(13, "/bin/c", "", true, "pid 13", List.of(), List.of(), List.of(TLS));
  private static final Why.Process QUIET =
      new Why.Process(14, "/bin/d", "", true, "pid 14", List.of(), List.of(), List.of());

  private final WhyCommand command = new WhyCommand();
  @TempDir Path dir;
  private GogoSocket socket;

  /** Knows the four processes. */
  private record Receiver(boolean running) implements Why {
    private Answer answer(List<Process> processes) {
      return running
          ? new Answer(
              "receivers.ebpf", "captures by hook sock", true, List.of("port 8080", "exe */nginx and port 6379"),
              processes, List.of(new Count("capture_records", 12, "records taken")))
          : new Answer("receivers.ebpf", "CAP_BPF is missing", false, List.of(), List.of(), List.of());
    }

    @Override
    public List<Answer> process(int pid) {
      return List.of(answer(List.of(SELECTED, OTHER, UNREAD, QUIET).stream().filter(p -> p.pid() == pid).toList()));
    }

    @Override
    public List<Answer> port(int port) {
      return List.of(answer(port == 8080 ? List.of(SELECTED) : List.of()));
    }
  }

  @BeforeEach
  void open() throws Exception {
    socket = new GogoSocket(dir).command("why", command);
    command.services = List.of(new Receiver(true));
  }

  @AfterEach
  void close() throws Exception {
    socket.close();
  }

  private String send(String line) throws Exception {
    return socket.send(line);
  }

  @Test
  void whoServesAPort() throws Exception {
    assertThat(send("mop:why --port 8080"))
        .isEqualTo(
            """
            receivers.ebpf: captures by hook sock
            selects: port 8080; exe */nginx and port 6379

            process 411 /usr/sbin/nginx, listens on 8080
              selected: descendant of 400, port 8080
              TLS: OpenSSL is mapped
              ROLE            PEER          PROTOCOL  OPEN  ENDED  EXCHANGES  RECEIVED     SENT  LOST  REMARK
              server on 8080  127.0.0.1     http         2      1         40   4.0 KiB  1.0 MiB   0 B  1 records lost; read anew after record_lost
              client          10.0.0.2:443  NOT READ     1      0          0     500 B    600 B   7 B  TLS: not readable without a TLS probe

            COUNTER OF ALL PROCESSES  VALUE  MEANING
            capture_records              12  records taken
            0
            """);
  }

  @Test
  void aProcessThatIsNotSelectedAndWhatEachRuleFound() throws Exception {
    assertThat(send("mop:why --pid 12"))
        .contains(
            """
            process 12 /usr/bin/redis-server
              NOT SELECTED: no rule names it
                port 8080 does not hold: it listens on 6379
                exe */nginx does not hold: the program is /usr/bin/redis-server (of rule exe */nginx and port 6379)
                port 6379 holds: it listens on 6379 (of rule exe */nginx and port 6379)
            """)
        .endsWith("\nmop: No requests of process 12 are seen: it is not selected.\n1\n");
  }

  @ParameterizedTest(name = "mop:why {0}")
  @CsvSource(
      delimiter = ';',
      value = {
        "--pid 13 ; No requests of process 13 are seen: no decoder reads its connections. ; 1",
        "--pid 14 ; No requests of process 14 are seen: it is selected, and no connection was seen yet. ; 1",
        "--pid 15 ; There is no process 15. ; 4",
        "--port 81 ; Nothing listens on port 81, and no connection to it was seen. ; 4",
        "--pid x ; --pid is \"x\", expected 1 to 4194304. ; 2",
        "--port 65536 ; --port is \"65536\", expected 1 to 65535. ; 2",
        "--port ; --port lacks its value: expected mop:why --pid P | --port N [-o text|json]. ; 2",
        "--pid 1 --port 2 ; A process or a port: expected mop:why --pid P | --port N [-o text|json]. ; 2",
        "x ; \"x\": expected mop:why --pid P | --port N [-o text|json]. ; 2",
        "--pid 12 -o xml ; Output \"xml\" is unknown: expected text or json. ; 2",
      })
  void whatThereIsNotIsASentenceAndACode(String arguments, String sentence, int code) throws Exception {
    assertThat(send("mop:why " + arguments)).endsWith("mop: " + sentence + "\n" + code + "\n");
  }

  @Test
  void withoutACaptureItSaysWhatIsMissing() throws Exception {
    command.services = List.of(new Receiver(false));
    assertThat(send("mop:why --pid 411"))
        .isEqualTo(
            "receivers.ebpf: CAP_BPF is missing\nmop: Nothing is captured: receivers.ebpf: CAP_BPF is missing.\n1\n");
    command.services = List.of();
    assertThat(send("mop:why --pid 411")).isEqualTo("mop: " + WhyCommand.NO_RECEIVER + "\n4\n");
  }

  @Test
  void jsonIsForPrograms() throws Exception {
    assertThat(send("mop:why --pid 12 -o json"))
        .startsWith(
            """
            {"receivers":[{"receiver":"receivers.ebpf","state":"captures by hook sock","running":true,
            "rules":["port 8080","exe */nginx and port 6379"],"processes":[{"pid":12,"program":"/usr/bin/redis-server",
            "part":"","selected":false,"reason":"","rules":[{"rule":"port 8080","conditions":[
            {"condition":"port 8080","holds":false,"found":"it listens on 6379"}]},"""
                .replace("\n", ""))
        .contains(
            "\"counters\":[{\"counter\":\"capture_records\",\"value\":12,\"meaning\":\"records taken\"}]}]}\nmop: ");
    assertThat(send("mop:why --port 8080 -o json"))
        .contains(
            "{\"peer\":\"127.0.0.1\",\"port\":8080,\"role\":\"server\",\"protocol\":\"http\",\"kind\":\"\","
                + "\"reason\":\"\",\"open\":2,\"ended\":1,\"exchanges\":40,\"bytes_received\":4096,"
                + "\"bytes_sent\":1048576,"
                + "\"records_lost\":1,\"bytes_lost\":0,\"last_loss\":\"record_lost\",\"last_decoder_error\":\"\"}")
        .endsWith("]}\n0\n");
  }
}
