package io.mop.plugins.http;

import io.mop.testkit.Conversation;
import java.util.List;
import java.util.function.UnaryOperator;

/** A conversation in the wording of real programs, and the exchanges that it holds. */
record Fixture(String name, Conversation conversation, List<String> exchanges) {
  private static final String CURL = "Host: localhost:8080\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n";
  private static final String NGINX =
      "Server: nginx/1.22.1\r\nDate: Tue, 24 Nov 2026 10:00:00 GMT\r\nContent-Type: text/html\r\n";

  @Override
  public String toString() {
    return name;
  }

  /** What passes up to a turn of the direction. */
  private record Script(Conversation conversation) {
    Script c(String... lines) {
      return new Script(conversation.request(String.join("\r\n", lines)));
    }

    Script s(String... lines) {
      return new Script(conversation.response(String.join("\r\n", lines)));
    }

    Script close() {
      return new Script(conversation.end());
    }
  }

  private static Fixture of(String name, UnaryOperator<Script> script, String... exchanges) {
    Conversation conversation = script.apply(new Script(Conversation.empty())).conversation;
    return new Fixture(name, conversation, List.of(exchanges));
  }

  static List<Fixture> all() {
    return List.of(
        of("curl and nginx, keep-alive", s -> s
                .c("GET /hello?name=x HTTP/1.1\r\n" + CURL, "")
                .s("HTTP/1.1 200 OK\r\n" + NGINX + "Content-Length: 6\r\nConnection: keep-alive\r\n", "hello\n")
                .c("GET /missing HTTP/1.1\r\n" + CURL, "")
                .s("HTTP/1.1 404 Not Found\r\n" + NGINX + "Content-Length: 3\r\n", "no\n"),
            "GET /hello 200", "GET /missing 404"),
        of("POST with a body of known length", s -> s
                .c("POST /orders HTTP/1.1\r\n" + CURL + "Content-Length: 27\r\n", "GET /fake HTTP/1.1\r\nx: y\r\n\r")
                .s("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n", ""),
            "POST /orders 201"),
        of("chunked in both directions, extensions and trailers", s -> s
                .c("PUT /up HTTP/1.1\r\n" + CURL + "Transfer-Encoding: chunked\r\n", "5", "hello", "0", "", "")
                .s("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked\r\n", "a;q=\"1\"", "HTTP/1.1 2", "1 ", "0",
                    "00", "X-Sum: 1", "Expires: 0", "", "")
                .c("GET /next HTTP/1.1\r\n" + CURL, "")
                .s("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n", ""),
            "PUT /up 200", "GET /next 200"),
        of("responses without a body", s -> s
                .c("HEAD /big HTTP/1.1\r\n" + CURL, "")
                .s("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n", "")
                .c("DELETE /x HTTP/1.1\r\n" + CURL, "")
                .s("HTTP/1.1 204 No Content\r\n", "")
                .c("GET /cached HTTP/1.1\r\n" + CURL + "If-None-Match: \"1\"\r\n", "")
                .s("HTTP/1.1 304 Not Modified\r\nContent-Length: 77\r\nTransfer-Encoding: chunked\r\n", "")
                .c("GET /end HTTP/1.1\r\n" + CURL, "")
                .s("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n", "x"),
            "HEAD /big 200", "DELETE /x 204", "GET /cached 304", "GET /end 200"),
        of("100 Continue and 103 Early Hints", s -> s
                .c("POST /form HTTP/1.1\r\n" + CURL + "Expect: 100-continue\r\nContent-Length: 4\r\n", "")
                .s("HTTP/1.1 100 Continue\r\n", "")
                .c("a=b&")
                .s("HTTP/1.1 103 Early Hints\r\nLink: </s.css>\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n", "ok"),
            "POST /form 200"),
        of("an answer before the body has passed", s -> s
                .c("POST /huge HTTP/1.1\r\n" + CURL + "Content-Length: 30\r\n", "0123456789")
                .s("HTTP/1.1 413 Payload Too Large\r\nContent-Length: 0\r\n", "")
                .c("01234567890123456789GET /after HTTP/1.1\r\n" + CURL, "")
                .s("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n", ""),
            "POST /huge 413", "GET /after 200"),
        of("HTTP/1.0 until close", s -> s
                .c("GET /old HTTP/1.0\r\n", "")
                .s("HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n", "all that", " follows: HTTP/1.1 200 OK\r\n\r\n")
                .close(),
            "GET /old 200"),
        of("pipelined, several heads in one piece", s -> s
                .c("GET /1 HTTP/1.1\r\n" + CURL, "GET /2 HTTP/1.1\r\n" + CURL, "HEAD /3 HTTP/1.1\r\n" + CURL,
                    "GET /4 HTTP/1.1\r\n" + CURL, "")
                .s("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n", "1HTTP/1.1 500 Oops\r\nContent-Length: 2\r\n",
                    "22HTTP/1.1 200 OK\r\nContent-Length: 3\r\n", "HTTP/1.1 200\r\nContent-Length: 4, 4\r\n", "4444"),
            "GET /1 200", "GET /2 500", "HEAD /3 200", "GET /4 200"),
        of("websocket", s -> s
                .c("GET /chat HTTP/1.1\r\n" + CURL + "Upgrade: websocket\r\nConnection: Upgrade\r\n", "")
                .s("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n", "\201\5hello")
                .c("\201\205GET / HTTP/1.1\r\n\r\n"),
            "GET /chat 101"),
        of("CONNECT refused, then a tunnel", s -> s
                .c("CONNECT db.example:5432 HTTP/1.1\r\nHost: db.example:5432\r\n", "")
                .s("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 2\r\n", "no")
                .c("CONNECT db.example:5432 HTTP/1.1\r\nHost: db.example:5432\r\n", "")
                .s("HTTP/1.1 200 Connection established\r\n", "")
                .c("GET /inside HTTP/1.1\r\n", "")
                .s("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n", ""),
            "CONNECT null 407", "CONNECT null 200"),
        of("odd but legal", s -> s
                .c("", "", "GET http://user:pw@shop.example:81/a;jsessionid=1?q#f HTTP/1.1\r\nhost:other\r\n", "",
                    "OPTIONS * HTTP/1.1\nHOST: [::1]:8080\n\nget /low HTTP/1.1\r\nHost:\r\n X: folded\r\n", "")
                .s("HTTP/1.1 200 \r\ncontent-LENGTH:\t 0 \r\n", "HTTP/1.1 200 OK\nContent-Length: 0\n\n"
                    + "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n", ""),
            "GET /a 200", "OPTIONS * 200", "_OTHER /low 200"));
  }
}
