/** The service {@code orders} of {@code mop demo}: a small HTTP server that reports through an OpenTelemetry SDK. */
package io.mop.demo;
