package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.kernels.table.KernelArray;
import dev.lanewise.kernels.table.KernelMemory;
import dev.lanewise.kernels.table.KernelMemory.Placement;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Cross-entropy and its gradient against the formulas in double precision. */
@ParameterizedClass(name = "{0}")
@MethodSource("dev.lanewise.kernels.Bundles#all")
class CrossEntropyTest {
    private static final int IGNORED = -100;
    private static final int ROWS = 5;

    private final CrossEntropy kernels;

    CrossEntropyTest(Kernels bundle) {
        kernels = bundle.crossEntropy();
    }

    /** The arrays of one problem, and what runs the kernels on them. */
    private final class Problem {
        final KernelMemory memory;
        final int columns;
        final boolean weighted;
        final float smoothing;
        final KernelArray x;
        final KernelArray classes;
        final KernelArray weights;
        final KernelArray loss;
        final KernelArray max;
        final KernelArray logSum;
        final KernelArray dLoss;
        final KernelArray dx;

        Problem(KernelMemory memory, int columns, boolean weighted, float smoothing, double at) {
            this.memory = memory;
            this.columns = columns;
            this.weighted = weighted;
            this.smoothing = smoothing;
            x = memory.input((long) ROWS * columns, at - 6, at + 6);
            classes = memory.indices(ROWS, columns);
            weights = memory.input(weighted ? columns : 0, 0, 2);
            loss = memory.output(ROWS);
            max = memory.output(ROWS);
            logSum = memory.output(ROWS);
            dLoss = memory.input(ROWS, -2, 2);
            dx = memory.output(x.count());
        }

        void forward() {
            kernels.crossEntropyRows(
                    x.segment(),
                    x.offset(),
                    classes.segment(),
                    classes.offset(),
                    weights.segment(),
                    weights.offset(),
                    weighted,
                    ROWS,
                    columns,
                    smoothing,
                    IGNORED,
                    loss.segment(),
                    loss.offset(),
                    max.segment(),
                    max.offset(),
                    logSum.segment(),
                    logSum.offset());
        }

        void backward(KernelArray out) {
            kernels.crossEntropyRowsGradient(
                    x.segment(),
                    x.offset(),
                    classes.segment(),
                    classes.offset(),
                    weights.segment(),
                    weights.offset(),
                    weighted,
                    max.segment(),
                    max.offset(),
                    logSum.segment(),
                    logSum.offset(),
                    dLoss.segment(),
                    dLoss.offset(),
                    ROWS,
                    columns,
                    smoothing,
                    IGNORED,
                    out.segment(),
                    out.offset());
        }

        double weight(int c) {
            return weighted ? weights.get(c) : 1;
        }

        void check() {
            for (int r = 0; r < ROWS; r++) {
                double sum = 0;
                for (int c = 0; c < columns; c++) {
                    sum += Math.exp((double) x.get((long) r * columns + c) - max.get(r));
                }
                double all = max.get(r) + Math.log(sum);
                int t = classes.getInt(r);
                double expected = 0;
                double factor = 0;
                double[] target = new double[columns];
                for (int c = 0; c < columns && t != IGNORED; c++) {
                    target[c] = smoothing / columns * weight(c);
                    target[c] += c == t ? (1 - smoothing) * weight(c) : 0;
                    expected += target[c] * (all - x.get((long) r * columns + c));
                    factor += target[c];
                }
                assertThat((double) loss.get(r))
                        .as("loss %d of %d classes", r, columns)
                        .isCloseTo(expected, within(2e-5 + 2e-6 * Math.abs(expected)));
                for (int c = 0; c < columns; c++) {
                    double p = Math.exp(x.get((long) r * columns + c) - all);
                    assertThat((double) dx.get((long) r * columns + c))
                            .as("gradient %d, %d of %d classes", r, c, columns)
                            .isCloseTo(dLoss.get(r) * (p * factor - target[c]), within(4e-6));
                }
            }
        }
    }

    @Test
    void lossAndGradient() {
        for (int columns : new int[] {1, 2, 10, 15, 16, 17, 33, 67, 1021}) {
            for (boolean weighted : new boolean[] {false, true}) {
                for (float smoothing : new float[] {0, 0.1f, 1}) {
                    try (KernelMemory memory = new KernelMemory(Placement.EXACT, columns)) {
                        Problem p = new Problem(memory, columns, weighted, smoothing, 0);
                        p.classes.setInt(2, IGNORED);
                        p.forward();
                        p.backward(p.dx);
                        p.check();
                        memory.checkCanaries("cross-entropy");
                    }
                }
            }
        }
    }

    @Test
    void largeLogitsLoseNothing() {
        try (KernelMemory memory = new KernelMemory(Placement.EXACT, 3)) {
            Problem p = new Problem(memory, 37, false, 0.2f, 10_000);
            p.forward();
            p.backward(p.dx);
            p.check();
        }
    }

    @Test
    void theGradientMayReplaceTheLogits() {
        try (KernelMemory memory = new KernelMemory(Placement.EXACT, 5)) {
            Problem p = new Problem(memory, 67, true, 0.1f, 0);
            p.forward();
            p.backward(p.dx);
            p.backward(p.x);
            for (long i = 0; i < p.x.count(); i++) {
                assertThat(p.x.get(i)).isEqualTo(p.dx.get(i));
            }
        }
    }

    @Test
    void specialLogits() {
        try (KernelMemory memory = new KernelMemory(Placement.EXACT, 5)) {
            int n = 19;
            Problem p = new Problem(memory, n, false, 0, 0);
            for (int c = 0; c < n; c++) {
                p.x.set(c, Float.NEGATIVE_INFINITY);
            }
            p.x.set(n + 3, Float.NaN);
            p.x.set(2 * n + 4, Float.POSITIVE_INFINITY);
            p.x.set(3 * n + 5, Float.NEGATIVE_INFINITY);
            p.classes.setInt(3, 5);
            p.x.set(4 * n + 5, Float.NEGATIVE_INFINITY);
            p.classes.setInt(4, 6);
            p.forward();
            for (int r = 0; r < 3; r++) {
                assertThat(p.loss.get(r)).as("row %d", r).isNaN();
            }
            assertThat(p.loss.get(3)).isEqualTo(Float.POSITIVE_INFINITY);
            assertThat(p.loss.get(4)).isFinite();
            p.backward(p.dx);
            assertThat(p.dx.get(4 * n + 5)).isZero();
        }
    }

    @Test
    void aClassOutsideIsNamed() {
        try (KernelMemory memory = new KernelMemory(Placement.EXACT, 5)) {
            Problem p = new Problem(memory, 10, false, 0, 0);
            for (int wrong : new int[] {-1, 10}) {
                p.classes.setInt(3, wrong);
                assertThatThrownBy(p::forward)
                        .isInstanceOf(IndexOutOfBoundsException.class)
                        .hasMessageContaining("class " + wrong + " at position 3 is not one of 10");
                assertThatThrownBy(() -> p.backward(p.dx))
                        .isInstanceOf(IndexOutOfBoundsException.class)
                        .hasMessageContaining("class " + wrong + " at position 3");
            }
        }
    }
}
