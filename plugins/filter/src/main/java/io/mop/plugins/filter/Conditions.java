package io.mop.plugins.filter;

import io.mop.api.data.Edits;
import io.mop.api.data.Items;
import io.mop.api.data.Reason;
import io.mop.api.pipeline.Transform;
import io.mop.api.plugin.Context;
import java.util.ArrayList;
import java.util.List;

/** Drops each item that meets one of the conditions of its signal. */
final class Conditions implements Transform {
  private static final Reason REASON = new Reason("filter");

  private final Condition[] spans;
  private final Condition[] points;
  private final Condition[] logs;

  Conditions(Filter.Config config, Context context) {
    spans = compile(config.traces().span(), Scope.SPAN, context).toArray(Condition[]::new);
    List<Condition> ofPoints = compile(config.metrics().metric(), Scope.METRIC, context);
    ofPoints.addAll(compile(config.metrics().datapoint(), Scope.DATAPOINT, context));
    points = ofPoints.toArray(Condition[]::new);
    logs = compile(config.logs().logRecord(), Scope.LOG, context).toArray(Condition[]::new);
  }

  private static List<Condition> compile(List<String> sources, Scope scope, Context context) {
    List<Condition> conditions = new ArrayList<>();
    for (String source : sources) {
      Parser parser = new Parser(source, scope);
      conditions.add(parser.parse());
      parser.declare(context.fields());
    }
    return conditions;
  }

  @Override
  public void apply(Items items, Edits edits) {
    Condition[] conditions =
        switch (items.signal()) {
          case TRACES -> spans;
          case METRICS -> points;
          case LOGS -> logs;
        };
    if (conditions.length == 0) return;
    while (items.next()) {
      for (Condition condition : conditions) {
        if (condition.test(items)) {
          edits.drop(REASON);
          break;
        }
      }
    }
  }
}
