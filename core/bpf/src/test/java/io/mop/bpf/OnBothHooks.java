package io.mop.bpf;

import io.mop.testkit.NeedsBpf;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The tests of a class run with each front end; its {@code @Parameter} says which. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@NeedsBpf
@ParameterizedClass(name = "{0}")
@EnumSource(value = EbpfPlugin.Hook.class, names = {"SOCK", "SYS_EXIT"})
@interface OnBothHooks {}
