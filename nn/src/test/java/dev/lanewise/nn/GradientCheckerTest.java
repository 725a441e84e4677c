package dev.lanewise.nn;

import static dev.lanewise.nn.losses.Losses.crossEntropy;
import static dev.lanewise.nn.losses.Losses.meanSquaredError;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.core.RandomStream;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Backward;
import dev.lanewise.nn.autograd.Operation;
import dev.lanewise.nn.layers.Activation;
import dev.lanewise.nn.layers.BatchNorm2d;
import dev.lanewise.nn.layers.Conv1d;
import dev.lanewise.nn.layers.Conv2d;
import dev.lanewise.nn.layers.ConvTranspose2d;
import dev.lanewise.nn.layers.Dropout;
import dev.lanewise.nn.layers.Flatten;
import dev.lanewise.nn.layers.Linear;
import dev.lanewise.nn.layers.MaxPool2d;
import dev.lanewise.nn.layers.Sequential;
import dev.lanewise.nn.ops.Functional;
import dev.lanewise.nn.testing.TensorTest;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Map;

class GradientCheckerTest extends TensorTest {

    @Test
    void transposedAndOneDimensionalConvolutions() {
        RandomStream random = new RandomStream(5);
        Sequential decoder =
                new Sequential(
                        new ConvTranspose2d(2, 3, 3, random).stride(2).padding(1).outputPadding(1),
                        Activation.tanh(),
                        new Conv2d(3, 2, 3, random),
                        new Flatten(),
                        new Linear(2 * 4 * 4, 3, random));
        Sequential line =
                new Sequential(
                        new Conv1d(2, 3, 3, random).padding(1).stride(2),
                        Activation.tanh(),
                        new Flatten(),
                        new Linear(3 * 5, 3, random));
        Tensor image = random.normal(scope.empty(Shape.of(3, 2, 3, 3)), 0, 1);
        Tensor signal = random.normal(scope.empty(Shape.of(3, 2, 9)), 0, 1);
        Tensor labels = scope.ofInts(0, 2, 1);
        for (GradientChecker.Report report :
                List.of(
                        new GradientChecker().check(decoder, crossEntropy(), image, labels),
                        new GradientChecker().check(line, crossEntropy(), signal, labels))) {
            assertThat(report.isCorrect()).as(report.toString()).isTrue();
        }
    }

    @Test
    void aNetworkOfEveryKindOfLayer() {
        RandomStream random = new RandomStream(5);
        Sequential model =
                new Sequential(
                        new Conv2d(2, 4, 3, random).padding(1),
                        new BatchNorm2d(4),
                        Activation.gelu(),
                        new MaxPool2d(2),
                        new Flatten(),
                        new Dropout(0.3f),
                        new Linear(4 * 3 * 3, 8, random),
                        Activation.tanh(),
                        new Linear(8, 3, random));
        Tensor x = random.normal(scope.empty(Shape.of(5, 2, 6, 6)), 0, 1);
        Tensor labels = scope.ofInts(0, 2, 1, 1, 0);
        GradientChecker.Report report =
                new GradientChecker()
                        .check(
                                model,
                                crossEntropy(),
                                x,
                                labels,
                                () -> Context.training(new RandomStream(9)));
        assertThat(report.isCorrect()).as(report.toString()).isTrue();
        assertThat(report.compared()).hasSizeGreaterThan(150);
        assertThat(report.toString()).contains("agree");
        assertThat(new GradientChecker().check(model, crossEntropy(), x, labels).isCorrect())
                .isTrue();
    }

    @Test
    void aWrongGradientIsFound() {
        Tensor x = scope.of(0.5f, -0.3f, 1.2f);
        GradientChecker.Report report =
                new GradientChecker()
                        .check(in -> new WrongSquare().apply(in.get(0)), Map.of("x", x));
        assertThat(report.isCorrect()).isFalse();
        assertThat(report.worst()).isGreaterThan(0.1);
        assertThat(report.toString()).contains("DIFFER").contains("x[0]: analytic");
        assertThat(x.toArray()).containsExactly(0.5f, -0.3f, 1.2f);
    }

    @Test
    void kinksAreLeftOut() {
        // |x| at 0.0004 has its kink within the step; elsewhere it is smooth.
        Tensor x = scope.of(0.0004f, 1, -1, 2);
        GradientChecker.Report report =
                new GradientChecker().check(in -> Functional.abs(in.get(0)), Map.of("x", x));
        assertThat(report.left()).isEqualTo(1);
        assertThat(report.isCorrect()).as(report.toString()).isTrue();
    }

    @Test
    void regression() {
        Linear layer = new Linear(3, 2, new RandomStream(1));
        Tensor x = new RandomStream(2).normal(scope.empty(Shape.of(4, 3)), 0, 1);
        Tensor target = new RandomStream(3).normal(scope.empty(Shape.of(4, 2)), 0, 1);
        GradientChecker.Report report =
                new GradientChecker().check(layer, meanSquaredError(), x, target);
        assertThat(report.isCorrect()).as(report.toString()).isTrue();
        assertThat(report.compared()).hasSize(6 + 2 + 12);
    }

    /** y = x² with dx = dy · x. */
    private record WrongSquare() implements Operation {
        @Override
        public String name() {
            return "wrong";
        }

        @Override
        public List<Shape> outputShapes(List<Shape> inputs) {
            return List.of(inputs.get(0));
        }

        @Override
        public void forward(Tensor[] inputs, Tensor[] outputs) {
            dev.lanewise.core.Elementwise.square(inputs[0], outputs[0]);
        }

        @Override
        public boolean savesInput(int input) {
            return true;
        }

        @Override
        public void gradient(Backward backward) {
            backward.give(0, Functional.multiply(backward.outputGradient(), backward.input(0)));
        }
    }
}
