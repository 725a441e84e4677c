/**
 * Optimizers: an {@link dev.lanewise.nn.optim.UpdateRule} is a formula with its settings, an {@link
 * dev.lanewise.nn.optim.Optimizer} applies it to the parameters of one model.
 */
package dev.lanewise.nn.optim;
