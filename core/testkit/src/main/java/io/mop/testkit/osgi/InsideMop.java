package io.mop.testkit.osgi;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The test methods of the class run inside Felix, in a bundle of their own, beside all bundles of a feature of the
 * distribution that the system property {@code mop.distribution} names. Felix is started once a class, with a fresh
 * state directory as framework property {@code mop.state}.
 *
 * <p>The class and its {@code @Test} methods are public and take no parameters. Fields with {@code
 * javax.inject.Inject} get a service, waited for up to 10 s, or the {@code BundleContext}. Classes of the test's own
 * module, {@code org.junit.jupiter.api} and {@code org.assertj.core.api} are there too. No other kind of method
 * (parameterized, before, after, nested) is allowed, as it would run outside.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(InsideMopExtension.class)
public @interface InsideMop {
  /** Name of a file in the distribution's {@code features/}. */
  String feature() default "all-in-one";

  /** More framework properties, {@code key=value}. */
  String[] properties() default {};
}
