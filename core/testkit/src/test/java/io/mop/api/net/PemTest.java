package io.mop.api.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mop.testkit.TestCertificates;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PemTest {
  private static final TestCertificates CA = new TestCertificates("ca");

  @Test
  void chainsAndTextAroundThem() throws Exception {
    String text = "Bag Attributes\n  name: x\n" + CA.issue("leaf", "EC").certPem() + "between\n" + CA.pem();
    assertThat(Pem.certificates(text)).extracting(c -> c.getSubjectX500Principal().getName())
        .containsExactly("CN=leaf", "CN=ca");
    assertThat(Pem.certificates(text.replace("\n", "\r\n"))).hasSize(2);
  }

  @Test
  void theParametersThatOpenSslWritesBeforeAKeyAreSkipped() throws Exception {
    var issued = CA.issue("leaf", "EC");
    String text = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
        + issued.traditionalKeyPem();
    assertThat(((ECPrivateKey) Pem.privateKey(text)).getS()).isEqualTo(((ECPrivateKey) issued.key()).getS());
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"ENCRYPTED PRIVATE KEY", "RSA PRIVATE KEY"})
  void encryptedKeysAreRefusedByName(String kind) {
    String headers = kind.startsWith("RSA") ? "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n" : "";
    assertThatThrownBy(() -> Pem.privateKey("-----BEGIN " + kind + "-----\n" + headers + "AAAA\n-----END " + kind
        + "-----\n")).isInstanceOf(Pem.Unusable.class).hasMessageContaining("not encrypted");
  }

  @ParameterizedTest(name = "{0}, traditional form: {1}")
  @CsvSource({"RSA,false", "RSA,true", "EC,false", "EC,true", "Ed25519,false"})
  void damagedTextIsAKeyOrUnusableAndNothingElse(String algorithm, boolean traditional) {
    var issued = CA.issue("leaf", algorithm);
    String key = traditional ? issued.traditionalKeyPem() : issued.keyPem();
    Random random = new Random(42);
    int unusable = 0;
    for (int i = 0; i < 300; i++) {
      try {
        var chain = Pem.certificates(damaged(issued.certPem(), random));
        PrivateKey read = Pem.privateKey(damaged(key, random));
        Identity.of(chain, read);
      } catch (Pem.Unusable e) {
        assertThat(e.getMessage()).doesNotContain("\n").doesNotContain(key.substring(40, 60));
        unusable++;
      }
    }
    assertThat(unusable).isPositive();
  }

  /** Every second time as it is, else cut off, or with some letters changed. */
  private static String damaged(String pem, Random random) {
    if (random.nextBoolean()) return pem;
    if (random.nextInt(4) == 0) return pem.substring(0, random.nextInt(pem.length()));
    StringBuilder text = new StringBuilder(pem);
    for (int n = 1 + random.nextInt(4); n > 0; n--) {
      text.setCharAt(random.nextInt(text.length()), (char) ('+' + random.nextInt(80)));
    }
    return text.toString();
  }
}
