package io.mop.assemble;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import io.kubernetes.client.openapi.JSON;
import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.List;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Checks objects against the Kubernetes API's own types: unknown fields, missing ones, wrong types. */
final class KubernetesApi {
  private KubernetesApi() {}

  /** An object that the API would refuse. */
  static final class Invalid extends Exception {
    private static final long serialVersionUID = 1;

    Invalid(Throwable cause) {
      super(cause.getMessage(), cause);
    }
  }

  static List<JsonElement> read(String yaml) {
    List<JsonElement> objects = new ArrayList<>();
    for (Object document : new Load(LoadSettings.builder().build()).loadAllFromString(yaml)) {
      objects.add(new Gson().toJsonTree(document));
    }
    return objects;
  }

  static void validate(JsonElement object) throws ReflectiveOperationException, Invalid {
    Class<?> type = Class.forName("io.kubernetes.client.openapi.models.V1" + at(object, "kind"));
    try {
      type.getMethod("validateJsonElement", JsonElement.class).invoke(null, object);
      JSON.getGson().fromJson(object, type);
    } catch (InvocationTargetException e) {
      throw new Invalid(e.getCause());
    } catch (RuntimeException e) {
      throw new Invalid(e);
    }
  }

  /** @return a text as it is, else JSON; @param path names and indexes with dots */
  static String at(JsonElement object, String path) {
    JsonElement at = object;
    for (String step : path.split("\\.")) {
      at = at.isJsonArray() ? at.getAsJsonArray().get(Integer.parseInt(step)) : at.getAsJsonObject().get(step);
      if (at == null) {
        throw new AssertionError("no " + step + " of " + path + " in " + object);
      }
    }
    return at.isJsonPrimitive() ? at.getAsString() : at.toString();
  }
}
