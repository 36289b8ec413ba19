package io.mop.capture;

/** What the connections of one capture share; all of it belongs to the ring thread. */
record Shared(
    Limits limits,
    Counters counters,
    Processes processes,
    Buffers buffers,
    AllPending pending,
    Cardinality cardinality,
    Spans spans) {}
