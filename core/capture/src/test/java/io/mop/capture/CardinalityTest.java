package io.mop.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.api.data.Text;
import org.junit.jupiter.api.Test;

class CardinalityTest {
  private final Counters counters = new Counters();
  private final Cardinality cardinality = new Cardinality(counters);

  private String bounded(String service, String attribute, String value) {
    return cardinality.bounded(service, attribute, Text.of(value)).toString();
  }

  private void fill(String service, String attribute) {
    for (int i = 0; i < Cardinality.VALUES; i++) assertThat(bounded(service, attribute, "/" + i)).isEqualTo("/" + i);
  }

  @Test
  void theHundredAndFirstValueIsOtherAndCounted() {
    fill("shop", "http.route");
    assertThat(bounded("shop", "http.route", "/100")).isEqualTo("other");
    assertThat(bounded("shop", "http.route", "/101")).isEqualTo("other");
    assertThat(bounded("shop", "http.route", "/7")).as("known ones stay").isEqualTo("/7");
    assertThat(counters.get(Counters.VALUES_FOLDED, "http.route")).isEqualTo(2);
  }

  @Test
  void servicesAndAttributesAreBoundedOnTheirOwn() {
    fill("shop", "http.route");
    fill("shop", "db.collection.name");
    fill("cart", "http.route");
    assertThat(counters.get(Counters.VALUES_FOLDED)).isZero();
  }

  @Test
  void aLongValueIsOther() {
    assertThat(bounded("shop", "http.route", "x".repeat(256))).hasSize(256);
    assertThat(bounded("shop", "http.route", "x".repeat(257))).isEqualTo("other");
  }

  @Test
  void theServiceNotAskedForLongestIsForgotten() {
    fill("shop", "http.route");
    fill("cart", "http.route");
    for (int i = 2; i < Cardinality.SERVICES; i++) bounded("service " + i, "http.route", "/");
    assertThat(bounded("shop", "http.route", "/new")).isEqualTo("other");
    bounded("one more", "http.route", "/");
    assertThat(bounded("shop", "http.route", "/new")).as("asked for a moment ago").isEqualTo("other");
    assertThat(bounded("cart", "http.route", "/new")).as("forgotten").isEqualTo("/new");
  }
}
