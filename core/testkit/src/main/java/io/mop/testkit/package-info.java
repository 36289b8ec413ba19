/**
 * Tests of plugins: a context to make a part with ({@link io.mop.testkit.TestContext}), real OTLP bytes to run it on
 * ({@link io.mop.testkit.TransformHarness}, {@link io.mop.testkit.TestBatch}) and a server to export to ({@link
 * io.mop.testkit.OtlpSink}).
 */
package io.mop.testkit;
