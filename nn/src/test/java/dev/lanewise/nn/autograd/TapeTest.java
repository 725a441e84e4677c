package dev.lanewise.nn.autograd;

import static dev.lanewise.nn.ops.Functional.add;
import static dev.lanewise.nn.ops.Functional.exp;
import static dev.lanewise.nn.ops.Functional.matmul;
import static dev.lanewise.nn.ops.Functional.multiply;
import static dev.lanewise.nn.ops.Functional.pow;
import static dev.lanewise.nn.ops.Functional.relu;
import static dev.lanewise.nn.ops.Functional.reshape;
import static dev.lanewise.nn.ops.Functional.square;
import static dev.lanewise.nn.ops.Functional.sum;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.core.ArgumentException;
import dev.lanewise.core.Scope;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.testing.TensorTest;

import org.junit.jupiter.api.Test;

import java.util.List;

class TapeTest extends TensorTest {

    @Test
    void withoutTapeNothingIsRecorded() {
        Parameter w = new Parameter(scope.of(1, 2));
        Variable y = multiply(w, w);
        assertThat(y.node()).isEqualTo(Variable.LEAF);
        assertThat(Tape.isRecording(w)).isFalse();
        try (Tape tape = Tape.start()) {
            assertThatThrownBy(() -> tape.gradients(sum(y)))
                    .isInstanceOf(ArgumentException.class)
                    .hasMessageContaining("depends on no trainable parameter");
        }
    }

    @Test
    void constantsAreNotRecorded() {
        Variable x = Variable.of(scope.of(1, 2));
        Parameter w = new Parameter(scope.of(3, 4));
        try (Tape tape = Tape.start()) {
            Variable constant = exp(multiply(x, x));
            assertThat(tape.size()).isZero();
            sum(multiply(constant, w));
            assertThat(tape.size()).isEqualTo(2);
        }
    }

    @Test
    void frozenParametersAreConstants() {
        Parameter w = new Parameter(scope.of(3, 4));
        Parameter v = new Parameter(scope.of(5, 6));
        w.freeze(true);
        try (Tape tape = Tape.start()) {
            Gradients gradients = tape.gradients(sum(multiply(w, v)));
            assertThat(gradients.has(w)).isFalse();
            assertThat(gradients.of(v).toArray()).containsExactly(3, 4);
            assertThatThrownBy(() -> gradients.of(w)).hasMessageContaining("frozen");
            assertThat(gradients.variables()).containsExactly(v);
        }
    }

    @Test
    void aChainOfAHundredThousandOperations() {
        Parameter w = new Parameter(scope.of(2));
        try (Scope _ = Scope.open();
                Tape tape = Tape.start()) {
            Variable y = w;
            for (int i = 0; i < 100_000; i++) {
                y = add(y, 1);
            }
            assertThat(tape.size()).isEqualTo(100_000);
            assertThat(tape.gradients(y).of(w).toArray()).containsExactly(1);
            assertThat(tape.differentiate(y, List.of(w)).getFirst().item()).isEqualTo(1);
        }
    }

    @Test
    void sharedWeightsAccumulate() {
        // y = Σ relu(x·w)·w: dw from both places.
        Parameter w = new Parameter(scope.of(new float[] {1, 2, 3, 4}, Shape.of(2, 2)));
        Variable x = Variable.of(scope.of(new float[] {1, -1, 0.5f, 2}, Shape.of(2, 2)));
        try (Tape tape = Tape.start()) {
            Variable h = matmul(x, w);
            Gradients gradients = tape.gradients(sum(matmul(h, w)));
            // d/dw of 1ᵀ x w w 1 = (xᵀ 1)(w 1)ᵀ + (x w)ᵀ 1 1ᵀ.
            float[] columnsOfX = {1.5f, 1};
            float[] rowsOfW = {3, 7};
            float[] columnsOfH = {1 * -2 + 6.5f, -2 + 9};
            float[] expected = new float[4];
            for (int i = 0; i < 2; i++) {
                for (int j = 0; j < 2; j++) {
                    expected[i * 2 + j] = columnsOfX[i] * rowsOfW[j] + columnsOfH[i];
                }
            }
            assertThat(gradients.of(w).toArray()).containsExactly(expected);
        }
    }

    @Test
    void oneValueUsedInManyWays() {
        // The same variable reaches the result directly, through a view and twice in one operation.
        Parameter w = new Parameter(scope.of(1, 2, 3, 4));
        try (Tape tape = Tape.start()) {
            Variable h = multiply(w, 2);
            Variable square = multiply(h, h);
            Variable view = reshape(h, Shape.of(2, 2));
            Variable y = add(add(sum(square), sum(view)), sum(add(h, h)));
            float[] found = tape.gradients(y).of(w).toArray();
            // y = Σ 4w² + 2w + 4w.
            assertThat(found).containsExactly(8 + 6, 16 + 6, 24 + 6, 32 + 6);
            assertThat(tape.differentiate(y, List.of(w)).getFirst().value().toArray())
                    .containsExactly(found);
        }
    }

    @Test
    void theSameGradientForTwoOperandsIsNotAddedToInPlace() {
        // add hands one tensor to both operands; each then gets further contributions.
        Parameter a = new Parameter(scope.of(1, 2));
        Parameter b = new Parameter(scope.of(3, 4));
        try (Tape tape = Tape.start()) {
            Variable x = multiply(a, 1);
            Variable y = multiply(b, 1);
            Variable both = add(x, y);
            Variable result = sum(add(both, multiply(x, 5)));
            Gradients gradients = tape.gradients(add(result, sum(multiply(y, 7))));
            assertThat(gradients.of(a).toArray()).containsExactly(6, 6);
            assertThat(gradients.of(b).toArray()).containsExactly(8, 8);
        }
    }

    @Test
    void aLeafAddedToItselfAndPassedOn() {
        Parameter a = new Parameter(scope.of(1, 2));
        try (Tape tape = Tape.start()) {
            Variable x = multiply(a, 3);
            Variable y = add(a, x);
            Gradients gradients = tape.gradients(sum(multiply(y, y)));
            // y = 4a: d Σ 16a² = 32a.
            assertThat(gradients.of(a).toArray()).containsExactly(32, 64);
        }
    }

    @Test
    void gradientsAddUpUntilCleared() {
        Parameter w = new Parameter(scope.of(1, 2));
        Gradients gradients = new Gradients();
        Tensor place = scope.of(100, 100);
        gradients.place(w, place);
        for (int i = 1; i <= 3; i++) {
            try (Scope _ = Scope.open();
                    Tape tape = Tape.start()) {
                tape.gradients(sum(square(w)), gradients);
            }
            assertThat(place.toArray()).containsExactly(2 * i, 4 * i);
            assertThat(gradients.of(w)).isSameAs(place);
        }
        gradients.clear();
        assertThat(gradients.has(w)).isFalse();
        try (Scope _ = Scope.open();
                Tape tape = Tape.start()) {
            tape.gradients(sum(square(w)), gradients);
        }
        assertThat(place.toArray()).containsExactly(2, 4);
        assertThatThrownBy(() -> gradients.place(w, scope.zeros(Shape.of(3))))
                .hasMessageContaining("[3]");
    }

    @Test
    void gradientsOfGradientsOfAnyOrder() {
        Tensor x0 = scope.of(2);
        try (Tape tape = Tape.start()) {
            Variable x = tape.watch(x0);
            Variable y = pow(x, 5);
            Variable d1 = tape.differentiate(y, List.of(x)).getFirst();
            Variable d2 = tape.differentiate(d1, List.of(x)).getFirst();
            Variable d3 = tape.differentiate(d2, List.of(x)).getFirst();
            assertThat(d1.item()).isEqualTo(80);
            assertThat(d2.item()).isEqualTo(160);
            assertThat(d3.item()).isEqualTo(240);
        }
    }

    @Test
    void aGradientPenaltyReachesTheParameters() {
        // penalty = |∂(Σ relu(x·w))/∂x|² = |w·1|² where x·w > 0.
        Parameter w = new Parameter(scope.of(new float[] {1, 2, 3, 4}, Shape.of(2, 2)));
        try (Tape tape = Tape.start()) {
            Variable x = tape.watch(scope.of(new float[] {1, 1}, Shape.of(1, 2)));
            Variable y = sum(relu(matmul(x, w)));
            Variable dx = tape.differentiate(y, List.of(x)).getFirst();
            assertThat(dx.value().toArray()).containsExactly(3, 7);
            Gradients gradients = tape.gradients(sum(square(dx)));
            assertThat(gradients.of(w).toArray()).containsExactly(6, 6, 14, 14);
        }
    }

    @Test
    void gradientsOfIntermediateResults() {
        Parameter w = new Parameter(scope.of(3));
        try (Tape tape = Tape.start()) {
            Variable h = multiply(w, 2);
            Variable y = multiply(h, h);
            List<Variable> gradients = tape.differentiate(y, List.of(h, w));
            assertThat(gradients.get(0).item()).isEqualTo(12);
            assertThat(gradients.get(1).item()).isEqualTo(24);
            Variable later = exp(w);
            assertThat(tape.differentiate(y, List.of(later)).getFirst().item()).isZero();
        }
    }

    @Test
    void intermediateGradientsAreReleasedOnTheWay() {
        Parameter w = new Parameter(scope.ones(Shape.of(1 << 16)));
        try (Scope step = Scope.open();
                Tape tape = Tape.start()) {
            Variable y = w;
            for (int i = 0; i < 50; i++) {
                y = multiply(y, 1.01f);
            }
            Variable loss = sum(y);
            long before = Scope.liveBytes();
            tape.gradients(loss);
            long tensorBytes = 4L << 16;
            // The result itself and at most a few live at the end; 50 would be 13 MB.
            assertThat(Scope.liveBytes() - before).isLessThan(3 * tensorBytes);
            assertThat(step.isClosed()).isFalse();
        }
    }

    @Test
    void nothingIsLeftInTheScopeButTheGradients() {
        Parameter w = new Parameter(scope.ones(Shape.of(64, 64)));
        Gradients gradients = new Gradients();
        gradients.place(w, scope.zeros(Shape.of(64, 64)));
        long before = Scope.liveBytes();
        try (Scope _ = Scope.open();
                Tape tape = Tape.start()) {
            tape.gradients(sum(matmul(w, relu(matmul(w, w)))), gradients);
        }
        assertThat(Scope.liveBytes()).isEqualTo(before);
    }

    @Test
    void misuseIsExplained() {
        Parameter w = new Parameter(scope.of(1, 2));
        Tape outer = Tape.start();
        Variable y = multiply(w, w);
        assertThatThrownBy(() -> outer.gradients(y))
                .hasMessageContaining("[2]")
                .hasMessageContaining("sum or mean");
        assertThatThrownBy(() -> outer.differentiate(y, List.of(Variable.of(scope.of(1)))))
                .hasMessageContaining("watch it first");
        try (Tape inner = Tape.start()) {
            assertThat(inner.size()).isZero();
            // To the inner tape y would be a constant, and its gradient too small.
            assertThatThrownBy(() -> multiply(y, w))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("multiply: an operand of shape [2]")
                    .hasMessageContaining("detach()");
            assertThat(inner.gradients(sum(multiply(y.detach(), w))).of(w).toArray())
                    .containsExactly(1, 4);
            assertThatThrownBy(outer::close)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("innermost");
        }
        outer.close();
        outer.close();
        assertThatThrownBy(() -> outer.gradients(sum(y)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
        try (Tape tape = Tape.start()) {
            assertThatThrownBy(() -> tape.watch(scope.ofInts(1))).hasMessageContaining("int32");
            Tape.withoutRecording(() -> multiply(w, w));
            assertThat(tape.size()).isZero();
        }
    }

    @Test
    void anExceptionInsideBackwardLeavesTheTapeUsable() {
        Parameter w = new Parameter(scope.of(1, 2));
        try (Tape tape = Tape.start()) {
            Variable bad = new Failing().apply(w);
            assertThatThrownBy(() -> tape.gradients(sum(bad))).hasMessageContaining("undeclared");
            assertThat(Scope.current()).isSameAs(scope);
            assertThat(tape.gradients(sum(square(w))).of(w).toArray()).containsExactly(2, 4);
        }
    }

    /** Reads an input in its gradient that it does not declare. */
    private record Failing() implements Operation {
        @Override
        public String name() {
            return "undeclared";
        }

        @Override
        public List<Shape> outputShapes(List<Shape> inputs) {
            return List.of(inputs.get(0));
        }

        @Override
        public void forward(Tensor[] inputs, Tensor[] outputs) {
            outputs[0].copyFrom(inputs[0]);
        }

        @Override
        public void gradient(Backward backward) {
            backward.give(0, backward.input(0));
        }
    }
}
