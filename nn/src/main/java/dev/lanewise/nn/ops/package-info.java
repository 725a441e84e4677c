/**
 * The differentiable operations, one file each: formula, shape rule, forward and vector-Jacobian
 * product in adjacent methods; and {@link dev.lanewise.nn.ops.Functional}, their short forms.
 *
 * <p>Every operation's product is written with operations of this package, so gradients can be
 * differentiated again.
 */
package dev.lanewise.nn.ops;
