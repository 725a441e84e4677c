package dev.lanewise.nn.classic;

import dev.lanewise.core.Activations;
import dev.lanewise.core.ArgumentException;
import dev.lanewise.core.Elementwise;
import dev.lanewise.core.MatMul;
import dev.lanewise.core.Scope;
import dev.lanewise.core.Shape;
import dev.lanewise.core.ShapeException;
import dev.lanewise.core.Tensor;

/**
 * A threshold unit, ŷ = H(w · x + b) with the Heaviside step H(z) = 1 for z ≥ 0, else 0, that
 * learns by the perceptron rule w ← w + lr · (y − ŷ) · x, b ← b + lr · (y − ŷ) (Rosenblatt 1958,
 * doi:10.1037/h0042519).
 *
 * <p>The rule stops making mistakes after finitely many steps if a hyperplane separates the classes
 * (Novikoff 1962), and never does otherwise: XOR is the smallest example. For the layered model
 * that learns XOR see {@link dev.lanewise.nn.layers.Linear}.
 */
public final class Perceptron {
    private final Tensor weight;
    private final Tensor bias;

    /**
     * A unit for inputs of so many features, all weights 0, in the current scope.
     *
     * @throws ArgumentException if there are none
     */
    public Perceptron(long features) {
        if (features < 1) {
            throw new ArgumentException("Perceptron: at least 1 feature, not " + features);
        }
        weight = Scope.current().zeros(Shape.of(features, 1));
        bias = Scope.current().zeros(Shape.of(1));
    }

    /** w: [D, 1]. */
    public Tensor weight() {
        return weight;
    }

    /** b: [1]. */
    public Tensor bias() {
        return bias;
    }

    /**
     * The answers, 0 or 1: x: [N, D] to [N], in the current scope.
     *
     * @throws ShapeException if x has another number of features
     */
    public Tensor predict(Tensor x) {
        checkFeatures("Perceptron.predict", x);
        Scope results = Scope.current();
        try (Scope _ = Scope.open()) {
            Tensor z = Elementwise.add(MatMul.matmul(x, weight), bias);
            return results.keep(Activations.heaviside(z)).view(Shape.of(x.size(0)));
        }
    }

    /**
     * Goes once through the samples in order and corrects the weights after each mistake.
     *
     * @param x [N, D]
     * @param y [N], 0 or 1
     * @param learningRate lr
     * @return the number of mistakes; 0 means that the unit has learned these samples
     * @throws ShapeException if the shapes do not fit
     */
    public int learn(Tensor x, Tensor y, float learningRate) {
        checkFeatures("Perceptron.learn", x);
        if (!y.shape().equals(Shape.of(x.size(0)))) {
            throw new ShapeException(
                    "Perceptron.learn: targets %s for inputs %s; expected [%d]"
                            .formatted(y.shape(), x.shape(), x.size(0)));
        }
        int mistakes = 0;
        for (long i = 0; i < x.size(0); i++) {
            try (Scope _ = Scope.open()) {
                Tensor sample = x.slice(0, i, i + 1); // [1, D]
                float error = y.at(i) - predict(sample).at(0);
                if (error != 0) {
                    mistakes++;
                    Tensor change = Elementwise.multiply(sample, learningRate * error);
                    Elementwise.add(weight, change.transpose(), weight);
                    Elementwise.add(bias, learningRate * error, bias);
                }
            }
        }
        return mistakes;
    }

    private void checkFeatures(String operation, Tensor x) {
        if (x.rank() != 2 || x.size(1) != weight.size(0)) {
            throw new ShapeException(
                    "%s: inputs must be [N, %d], not %s"
                            .formatted(operation, weight.size(0), x.shape()));
        }
    }
}
