/**
 * Modules, layers and their states: the parts that models are made of.
 *
 * <p>A {@link dev.lanewise.nn.Module} names parameters, a {@link dev.lanewise.nn.Layer} also has a
 * forward function; {@link dev.lanewise.nn.Context} says whether it trains and where random numbers
 * come from. Layers are in {@code layers}, what they compute with in {@code ops} and {@code
 * autograd}, losses, optimizers and initializers in the packages of that name.
 */
package dev.lanewise.nn;
