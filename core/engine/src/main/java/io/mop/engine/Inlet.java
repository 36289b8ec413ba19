package io.mop.engine;

import io.mop.api.pipeline.Receiver;

/** A receiver's place and its door. */
record Inlet(Slot<Receiver> slot, Entry entry) {}
