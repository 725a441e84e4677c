/**
 * Automatic differentiation: variables, operations, the tape, and captured traces.
 *
 * <p>An {@link dev.lanewise.nn.autograd.Operation} is an immutable value: attributes, a shape rule,
 * a forward computation into given tensors and a vector-Jacobian product. Applied to {@link
 * dev.lanewise.nn.autograd.Variable}s it runs at once. Under a {@link
 * dev.lanewise.nn.autograd.Tape} the applications that lead to a parameter are recorded, and
 * gradients come out of one backward loop over the record; under a {@link
 * dev.lanewise.nn.autograd.Trace} all applications are recorded, to be replayed on other data.
 */
package dev.lanewise.nn.autograd;
