package io.mop.api.net;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/** Certificates and private keys of PEM text (RFC 7468). What is not a block of a wanted kind is skipped. */
final class Pem {
  private static final String BEGIN = "-----BEGIN ";
  private static final String END = "-----END ";
  private static final String DASHES = "-----";
  /** AlgorithmIdentifier of rsaEncryption with NULL parameters. */
  private static final byte[] RSA = {0x30, 0x0d, 0x06, 0x09, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d,
      0x01, 0x01, 0x01, 0x05, 0x00};
  /** Object identifier of ecPublicKey. */
  private static final byte[] EC = {0x06, 0x07, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 0x02, 0x01};
  private static final byte[] VERSION_0 = {0x02, 0x01, 0x00};
  private static final int SEQUENCE = 0x30;
  private static final int OCTETS = 0x04;
  private static final int PARAMETERS = 0xa0;

  private Pem() {}

  /** Not what was asked for; the message completes "expected …". */
  static final class Unusable extends Exception {
    private static final long serialVersionUID = 1;

    Unusable(String expected) {
      super(expected, null, false, false);
    }
  }

  private record Block(String kind, byte[] der) {}

  /** The certificates, in the order of the text; at least one. */
  static List<X509Certificate> certificates(String text) throws Unusable {
    List<X509Certificate> found = new ArrayList<>();
    for (Block b : blocks(text)) {
      if (!b.kind().equals("CERTIFICATE") && !b.kind().equals("X509 CERTIFICATE")) continue;
      try {
        var factory = CertificateFactory.getInstance("X.509");
        found.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(b.der())));
      } catch (GeneralSecurityException e) {
        throw new Unusable("certificates in PEM; certificate " + (found.size() + 1) + " cannot be read");
      }
    }
    if (found.isEmpty()) throw new Unusable("at least one certificate in PEM ('-----BEGIN CERTIFICATE-----')");
    return found;
  }

  /** The first private key. No message repeats anything of the text. */
  static PrivateKey privateKey(String text) throws Unusable {
    for (Block b : blocks(text)) {
      switch (b.kind()) {
        case "PRIVATE KEY":
          return pkcs8(b.der());
        case "RSA PRIVATE KEY":
          if (text.contains("Proc-Type: 4,ENCRYPTED")) throw encrypted();
          return pkcs8(der(SEQUENCE, VERSION_0, RSA, der(OCTETS, b.der())));
        case "EC PRIVATE KEY":
          if (text.contains("Proc-Type: 4,ENCRYPTED")) throw encrypted();
          return pkcs8(der(SEQUENCE, VERSION_0, der(SEQUENCE, EC, curve(b.der())), der(OCTETS, b.der())));
        case "ENCRYPTED PRIVATE KEY":
          throw encrypted();
        default:
      }
    }
    throw new Unusable("a private key in PEM ('-----BEGIN PRIVATE KEY-----')");
  }

  private static Unusable encrypted() {
    return new Unusable("a private key that is not encrypted; protect the file by its permissions");
  }

  private static PrivateKey pkcs8(byte[] der) throws Unusable {
    for (String algorithm : List.of("RSA", "EC", "EdDSA", "RSASSA-PSS")) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
      } catch (InvalidKeySpecException e) {
        // another kind of key
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException(e);
      }
    }
    throw new Unusable("a private key of RSA, EC or Ed25519 in PKCS#8, PKCS#1 or SEC1");
  }

  /** The curve's object identifier, which SEC1 (RFC 5915) keeps in the optional field [0]. */
  private static byte[] curve(byte[] sec1) throws Unusable {
    try {
      int at = content(sec1, 0);
      while (at < sec1.length) {
        int content = content(sec1, at);
        int end = content + length(sec1, at);
        if ((sec1[at] & 0xff) == PARAMETERS) return Arrays.copyOfRange(sec1, content, end);
        at = end;
      }
    } catch (ArrayIndexOutOfBoundsException | IllegalArgumentException e) {
      // told below
    }
    throw new Unusable("an EC private key that names its curve");
  }

  /** Where the value of the DER element at {@code at} starts. */
  private static int content(byte[] der, int at) {
    int first = der[at + 1] & 0xff;
    return at + 2 + (first < 0x80 ? 0 : first & 0x7f);
  }

  private static int length(byte[] der, int at) {
    int first = der[at + 1] & 0xff;
    if (first < 0x80) return first;
    int length = 0;
    for (int i = 0; i < (first & 0x7f); i++) length = length << 8 | der[at + 2 + i] & 0xff;
    if (length < 0 || length > der.length) throw new ArrayIndexOutOfBoundsException();
    return length;
  }

  private static byte[] der(int tag, byte[]... parts) {
    var out = new ByteArrayOutputStream();
    int length = 0;
    for (byte[] p : parts) length += p.length;
    out.write(tag);
    // DER wants the shortest form; keys have less than 64 KiB.
    if (length >= 0x100) out.writeBytes(new byte[] {(byte) 0x82, (byte) (length >> 8)});
    else if (length >= 0x80) out.write(0x81);
    out.write(length);
    for (byte[] p : parts) out.write(p, 0, p.length);
    return out.toByteArray();
  }

  private static List<Block> blocks(String text) throws Unusable {
    List<Block> blocks = new ArrayList<>();
    for (int at = text.indexOf(BEGIN); at >= 0; at = text.indexOf(BEGIN, at)) {
      int kindEnd = text.indexOf(DASHES, at + BEGIN.length());
      if (kindEnd < 0) throw new Unusable("PEM; a '-----BEGIN' has no end");
      String kind = text.substring(at + BEGIN.length(), kindEnd);
      int end = text.indexOf(END + kind + DASHES, kindEnd);
      if (end < 0) throw new Unusable("PEM; a '-----BEGIN' has no '-----END'");
      // RFC 1421 headers, as of encrypted keys, are no Base64; the caller tells.
      String body = text.substring(kindEnd + DASHES.length(), end).replaceAll("(?m)^[A-Za-z-]+:.*$", "");
      try {
        blocks.add(new Block(kind, Base64.getMimeDecoder().decode(body.getBytes(StandardCharsets.US_ASCII))));
      } catch (IllegalArgumentException e) {
        throw new Unusable("PEM; a block is not Base64");
      }
      at = end;
    }
    return blocks;
  }
}
