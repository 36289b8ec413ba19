package io.mop.engine;

import io.mop.api.pipeline.Receiver;

/** A receiver's place, its door, and what makes it pause. */
record Inlet(Slot<Receiver> slot, Entry entry, Pressure pressure) {}
