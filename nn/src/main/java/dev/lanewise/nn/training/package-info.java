/**
 * The training loop: epochs of batches, listeners with a progress bar, validation, early stopping
 * and checkpoints from which a killed run resumes bit for bit.
 */
package dev.lanewise.nn.training;
