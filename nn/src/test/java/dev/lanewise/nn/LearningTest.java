package dev.lanewise.nn;

import static dev.lanewise.nn.losses.Losses.binaryCrossEntropyWithLogits;
import static dev.lanewise.nn.losses.Losses.crossEntropy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.core.RandomStream;
import dev.lanewise.core.Scope;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.core.Workers;
import dev.lanewise.nn.autograd.Tape;
import dev.lanewise.nn.autograd.Variable;
import dev.lanewise.nn.layers.Activation;
import dev.lanewise.nn.layers.BatchNorm2d;
import dev.lanewise.nn.layers.Conv2d;
import dev.lanewise.nn.layers.Dropout;
import dev.lanewise.nn.layers.Flatten;
import dev.lanewise.nn.layers.Linear;
import dev.lanewise.nn.layers.MaxPool2d;
import dev.lanewise.nn.layers.Sequential;
import dev.lanewise.nn.ops.Padding;
import dev.lanewise.nn.optim.Adam;
import dev.lanewise.nn.optim.Optimizer;
import dev.lanewise.nn.optim.Sgd;
import dev.lanewise.nn.testing.TensorTest;

import org.junit.jupiter.api.Test;

/**
 * Whole networks learn, and do so with the same bits from the same seed on any number of threads.
 */
class LearningTest extends TensorTest {

    @Test
    void aMultilayerPerceptronLearnsXor() {
        RandomStream random = new RandomStream(1);
        Sequential model =
                new Sequential(
                        new Linear(2, 8, random), Activation.tanh(), new Linear(8, 1, random));
        Optimizer optimizer = Sgd.of(0.5f).momentum(0.9f).over(model);
        Tensor x = scope.of(new float[] {0, 0, 0, 1, 1, 0, 1, 1}, Shape.of(4, 2));
        Tensor t = scope.of(new float[] {0, 1, 1, 0}, Shape.of(4, 1));
        float loss = 1;
        for (int i = 0; i < 500; i++) {
            try (Scope _ = Scope.open();
                    Tape tape = Tape.start()) {
                Variable l = binaryCrossEntropyWithLogits().of(model.forward(Variable.of(x)), t);
                tape.gradients(l, optimizer.gradients());
                optimizer.step();
                loss = l.item();
            }
        }
        assertThat(loss).isLessThan(0.01f);
        float[] y = model.forward(Variable.of(x)).value().toArray();
        assertThat(y[0]).isNegative();
        assertThat(y[1]).isPositive();
        assertThat(y[2]).isPositive();
        assertThat(y[3]).isNegative();
    }

    private float[] losses(int steps, int threads) {
        float[] losses = new float[steps];
        try (Workers.Setting _ = Workers.using(threads);
                Scope outer = Scope.open()) {
            RandomStream random = new RandomStream(7);
            Sequential model =
                    new Sequential(
                            new Conv2d(1, 8, 3, random).padding(Padding.SAME),
                            new BatchNorm2d(8),
                            Activation.relu(),
                            new MaxPool2d(2),
                            new Conv2d(8, 16, 3, random).padding(Padding.SAME),
                            Activation.relu(),
                            new MaxPool2d(2),
                            new Flatten(),
                            new Dropout(0.2f),
                            new Linear(16 * 4 * 4, 10, random));
            Optimizer optimizer = Adam.of(3e-3f).over(model);
            Tensor x = random.uniform(outer.empty(Shape.of(40, 1, 16, 16)), 0, 1);
            int[] labels = new int[40];
            for (int i = 0; i < 40; i++) {
                labels[i] = i % 10;
            }
            Tensor t = outer.ofInts(labels);
            Context context = Context.training(random);
            for (int i = 0; i < steps; i++) {
                try (Scope _ = Scope.open();
                        Tape tape = Tape.start()) {
                    Variable loss = crossEntropy().of(model.forward(Variable.of(x), context), t);
                    tape.gradients(loss, optimizer.gradients());
                    optimizer.clipNorm(5);
                    optimizer.step();
                    losses[i] = loss.item();
                }
            }
        }
        return losses;
    }

    @Test
    void aSmallCnnOverfitsRandomImages() {
        float[] losses = losses(120, 2);
        assertThat(losses[0]).isBetween(1.8f, 3.5f);
        assertThat(losses[119]).isLessThan(0.1f);
    }

    @Test
    void theSameSeedGivesTheSameBitsOnAnyNumberOfThreads() {
        float[] one = losses(15, 1);
        assertThat(losses(15, 1)).containsExactly(one);
        assertThat(losses(15, 2)).containsExactly(one);
    }
}
