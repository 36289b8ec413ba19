package io.mop.plugins.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.api.data.Text;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RouteTest {
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  private static final String NOT_FOUND = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";

  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {
        "/", "//", "/users", "/users/", "/api/v1/users", "/api/v2beta1", "/v1.2.3/x", "/oauth2/token", "/s3/ipv4",
        "/sha256", "/index.html", "/static/js/app.min.js", "/img/logo@2x.png", "/fonts/a.woff2", "/en-US/help",
        "/deadbeef", "/getAllActiveCustomerOrders", "/.well-known/openid-configuration", "/users/~eve", "/a.b/c_d/e-f",
        "/@angular/core", "/how-to-build-a-house", "/graphql", "/facade", "/2fa", "/covid19/cases", "/~", "/-",
        "/example.com"
      })
  void wordsStay(String path) {
    assertThat(template(path)).isEqualTo(path);
  }

  @ParameterizedTest(name = "{0} is {1}")
  @CsvSource({
    "/users/42, /users/{id}",
    "/users/42/orders/7/, /users/{id}/orders/{id}/",
    "/users/-1/1.5, /users/{id}/{id}",
    "/o/6ba7b810-9dad-11d1-80b4-00c04fd430c8, /o/{id}",
    "/o/6BA7B8109DAD11D180B400C04FD430C8/x, /o/{id}/x",
    "/blobs/deadbee1, /blobs/{id}",
    "/o/01ARZ3NDEKTSV4RRFFQ69G5FAV, /o/{id}",
    "/o/507f1f77bcf86cd799439011, /o/{id}",
    "/v/dQw4w9WgXcQ, /v/{id}",
    "/t/V1StGXR8_Z5jdHi6B-myT, /t/{id}",
    "/t/eyJhbGciOiJIUzI1NiJ9, /t/{id}",
    "/t/aGVsbG8gd29ybGQ=, /t/{id}",
    "/d/2026-11-24, /d/{date}",
    "/d/2026-11/x, /d/{date}/x",
    "/d/2026-11-24T10:00:00Z, /d/{date}",
    "/d/2026/11/24, /d/{id}/{id}/{id}",
    "/u/eve@example.com/x, /u/{email}/x",
    "/u/eve%40example.com, /u/{email}",
    "/npm/react@18.2.0/x, /npm/{id}/x",
    "/item-12/page_3, /{id}/{id}",
    "/order2024, /{id}",
    "/user:42, /{id}",
    "/a%20b/x, /{id}/x",
    "/js/main.8f3a2b1c.js, /js/{id}.js",
    "/js/chunk-2f9a8b7c.css, /js/{id}.css",
    "/img/12345.png, /img/{id}.png",
    "/reports/2026-11-24.csv, /reports/{date}.csv",
    "/how-i-learned-to-stop-worrying-and-love-it-all/x, /{id}/x",
    "/10.0.0.1/x, /{id}/x",
    "/\u00fcber, /{id}"
  })
  void valuesBecomeTemplates(String path, String route) {
    assertThat(template(path)).isEqualTo(route);
  }

  private static String template(String path) {
    return Route.of(Text.of(path)).toString();
  }

  @Test
  void aServersSpanHasTheRouteAndItsName() {
    Tap tap = Tap.server();
    for (String path : List.of("/users/1", "/users/2?x=y", "/users/2", "*", "/users/3;s=1/cart")) {
      tap.request("GET " + path + " HTTP/1.1\r\n\r\n").response(OK);
    }
    assertThat(tap.spans()).extracting(s -> s.get("http.route"))
        .containsExactly("/users/{id}", "/users/{id}", "/users/{id}", null, "/users/{id}/cart");
    assertThat(tap.spans()).extracting(s -> s.get("name"))
        .containsExactly("GET /users/{id}", "GET /users/{id}", "GET /users/{id}", "GET", "GET /users/{id}/cart");
  }

  @Test
  void pipelinedRequestsHaveTheirOwn() {
    String requests = "GET /a HTTP/1.1\r\n\r\nPOST /b HTTP/1.1\r\n\r\nGET /c HTTP/1.1\r\n\r\n";
    Tap tap = Tap.server().request(requests).response(OK + OK + OK);
    assertThat(tap.spans()).extracting(s -> s.get("name")).containsExactly("GET /a", "POST /b", "GET /c");
  }

  @Test
  void theHundredAndFirstRouteIsOtherAndCounted() {
    Tap tap = Tap.server();
    for (int i = 0; i < 120; i++) {
      String word = "r" + (char) ('a' + i / 26) + (char) ('a' + i % 26);
      tap.request("GET /" + word + "/1 HTTP/1.1\r\n\r\n").response(OK);
    }
    tap.connect().request("GET /raa/1 HTTP/1.1\r\n\r\n").response(OK);
    assertThat(tap.spans()).extracting(s -> s.get("http.route")).element(99).isEqualTo("/rdv/{id}");
    assertThat(tap.spans().subList(100, 120)).extracting(s -> s.get("name")).containsOnly("GET other");
    assertThat(tap.spans().get(120).get("http.route")).isEqualTo("/raa/{id}");
    assertThat(tap.count("values_folded", "http.route")).isEqualTo(20);
  }

  @Test
  void whatIsNotFoundHasNoRouteSoThatScannersDoNotUseUpTheHundred() {
    Tap tap = Tap.server();
    for (int i = 0; i < 200; i++) {
      String word = "s" + (char) ('a' + i / 26) + (char) ('a' + i % 26);
      tap.request("GET /" + word + ".php HTTP/1.1\r\n\r\n").response(NOT_FOUND);
    }
    tap.request("GET /users/1 HTTP/1.1\r\n\r\n").response(OK);
    assertThat(tap.spans().get(0)).containsEntry("name", "GET").doesNotContainKey("http.route");
    assertThat(tap.spans().get(200)).containsEntry("http.route", "/users/{id}");
    assertThat(tap.count("values_folded")).isZero();
  }
}
