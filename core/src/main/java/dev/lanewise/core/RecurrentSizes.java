package dev.lanewise.core;

/** The sizes of a recurrent layer's call: checks of operands, and places in [T, N, columns]. */
record RecurrentSizes(long steps, long batch, long features, int gates, long hidden) {

    static RecurrentSizes check(
            String name, Tensor x, Tensor weightIh, Tensor h0, int gates, Recurrences.Steps steps) {
        if (x.rank() != 3 || h0.rank() != 2 || x.size(1) != h0.size(0)) {
            throw new ShapeException(
                    "%s: x must be [T, N, D] and h0 [N, H]: %s and %s"
                            .formatted(name, x.shape(), h0.shape()));
        }
        RecurrentSizes size =
                new RecurrentSizes(x.size(0), x.size(1), x.size(2), gates, h0.size(1));
        size.expect(name, "weightIh", weightIh, Shape.of(gates * size.hidden, size.features));
        size.expect(name, "output", steps.output(), size.states());
        size.expect(name, "cells", steps.cells(), size.states());
        size.expect(name, "gates", steps.gates(), size.gateStates());
        for (Tensor operand : new Tensor[] {x, weightIh, h0}) {
            String what = operand == x ? "x" : operand == h0 ? "h0" : "weightIh";
            checkApart(name, what, operand, steps);
        }
        return size;
    }

    /** The operand may be null. */
    static void checkApart(String name, String operand, Tensor t, Recurrences.Steps steps) {
        if (t != null) {
            checkApart(name, "steps.output", steps.output(), operand, t);
            checkApart(name, "steps.cells", steps.cells(), operand, t);
            checkApart(name, "steps.gates", steps.gates(), operand, t);
        }
    }

    private static void checkApart(String name, String out, Tensor a, String other, Tensor b) {
        if (Operands.overlap(a, b)) {
            throw new ArgumentException(
                    "%s: %s shares memory with %s; pass an output of its own"
                            .formatted(name, out, other));
        }
    }

    /** Checks that no gradient shares memory with another one or with what they are made from. */
    static void checkApart(
            String name,
            Recurrences.Gradients into,
            Recurrences.Steps steps,
            String[] operands,
            Tensor... tensors) {
        String[] names = {"dX", "dWeightIh", "dWeightHh", "dBiasIh", "dBiasHh", "dH0", "dC0"};
        Tensor[] gradients = {
            into.dX(),
            into.dWeightIh(),
            into.dWeightHh(),
            into.dBiasIh(),
            into.dBiasHh(),
            into.dH0(),
            into.dC0()
        };
        for (int i = 0; i < gradients.length; i++) {
            if (gradients[i] == null) {
                continue;
            }
            checkApart(name, names[i], gradients[i], steps);
            for (int j = 0; j < tensors.length; j++) {
                checkApart(name, names[i], gradients[i], operands[j], tensors[j]);
            }
            for (int j = 0; j < i; j++) {
                if (gradients[j] != null) {
                    checkApart(name, names[i], gradients[i], names[j], gradients[j]);
                }
            }
        }
    }

    private void expect(String name, String operand, Tensor t, Shape shape) {
        if (!t.shape().equals(shape)) {
            throw new ShapeException(
                    "%s: %s must be %s, got %s, for %d steps, batch %d, %d features, %d hidden units"
                            .formatted(
                                    name, operand, shape, t.shape(), steps, batch, features,
                                    hidden));
        }
    }

    void checkState(String name, String operand, Tensor t) {
        expect(name, operand, t, state());
    }

    void checkSteps(String name, String operand, Tensor t) {
        expect(name, operand, t, states());
    }

    void checkWeight(String name, Tensor t) {
        expect(name, "weightHh", t, Shape.of(gates * hidden, hidden));
    }

    /** Each may be null. */
    void checkBiases(String name, Tensor biasIh, Tensor biasHh, Recurrences.Steps steps) {
        checkApart(name, "biasIh", biasIh, steps);
        checkApart(name, "biasHh", biasHh, steps);
        if (biasIh != null) {
            expect(name, "biasIh", biasIh, Shape.of(gates * hidden));
        }
        if (biasHh != null) {
            expect(name, "biasHh", biasHh, Shape.of(gates * hidden));
        }
    }

    void checkPacked(String name, Tensor t, long elements) {
        if (t.rank() != 1 || t.size(0) != elements) {
            throw new ShapeException(
                    "%s: packedHh must be what Recurrences.pack makes of [%d, %d], got %s"
                            .formatted(name, gates * hidden, hidden, t.shape()));
        }
    }

    /** [N, H]. */
    Shape state() {
        return Shape.of(batch, hidden);
    }

    /** [T, N, H]. */
    Shape states() {
        return Shape.of(steps, batch, hidden);
    }

    /** [T, N, G·H]. */
    Shape gateStates() {
        return Shape.of(steps, batch, gates * hidden);
    }

    /** T · N. */
    long rows() {
        return steps * batch;
    }

    /** The offset of a row of the step before which so many are over. */
    long place(Tensor t, long done, long row, boolean reverse) {
        long step = reverse ? steps - 1 - done : done;
        return t.offset() + (step * batch + row) * t.size(-1);
    }

    /** The offset of a row of the state before that step: of the first one, or of the last step. */
    long before(Tensor first, Tensor states, long done, long row, boolean reverse) {
        return done == 0 ? first.offset() + row * hidden : place(states, done - 1, row, reverse);
    }

    /** Elements from one step to the one after it. */
    long timeStride(Tensor t, boolean reverse) {
        long stride = batch * t.size(-1);
        return reverse ? -stride : stride;
    }
}
