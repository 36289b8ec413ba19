package io.mop.config.internal;

import io.mop.config.RecordBinder;
import io.mop.control.ConfigError;
import io.mop.control.Defaults;
import java.util.List;
import org.osgi.service.component.annotations.Component;

/** Binds nothing: every key at its default. */
@Component
public final class RecordDefaults implements Defaults {
  @Override
  public <C extends Record> C of(Class<C> type) throws ConfigError {
    try {
      return RecordBinder.defaults(type);
    } catch (IllegalArgumentException e) {
      throw new ConfigError(List.of(e.getMessage()));
    }
  }
}
