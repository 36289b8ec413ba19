/** Samples of what flows: copies single items out of batches, reads and masks them. Nothing unmasked leaves it. */
package io.mop.engine.tap;
