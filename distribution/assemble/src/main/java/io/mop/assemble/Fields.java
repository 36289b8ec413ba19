package io.mop.assemble;

import java.util.LinkedHashMap;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.representer.StandardRepresenter;

/** Fields of a Kubernetes object, in the order that they are written. */
final class Fields {
  private Fields() {}

  /** @param pairs name, value, name, value … */
  static Map<String, Object> of(Object... pairs) {
    Map<String, Object> fields = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      fields.put((String) pairs[i], pairs[i + 1]);
    }
    return fields;
  }

  /** One document a value. A text that a YAML 1.1 reader could take for something else, e.g. {@code on}, is quoted. */
  static String yaml(Iterable<?> documents) {
    DumpSettings settings =
        DumpSettings.builder()
            .setExplicitStart(true)
            .setDefaultFlowStyle(FlowStyle.BLOCK)
            .setMultiLineFlow(false)
            .setIndicatorIndent(2)
            .setIndentWithIndicator(true)
            .setWidth(4096)
            .setDereferenceAliases(true)
            .build();
    return new Dump(settings, new Texts(settings)).dumpAllToString(documents.iterator());
  }

  private static final class Texts extends StandardRepresenter {
    Texts(DumpSettings settings) {
      super(settings);
    }

    @Override
    protected Node representScalar(Tag tag, String value, ScalarStyle style) {
      boolean plain = tag != Tag.STR || value.matches("[A-Za-z/][\\w./-]*")
          && !value.matches("(?i)y|n|yes|no|on|off|true|false|null");
      if (value.contains("\n")) {
        return super.representScalar(tag, value, ScalarStyle.LITERAL);
      }
      return super.representScalar(tag, value, plain ? style : ScalarStyle.DOUBLE_QUOTED);
    }
  }
}
