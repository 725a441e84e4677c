package dev.lanewise.nn.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.core.ElementType;
import dev.lanewise.core.Scope;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Gradients;
import dev.lanewise.nn.autograd.Operation;
import dev.lanewise.nn.autograd.Tape;
import dev.lanewise.nn.autograd.Variable;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;

/**
 * Checks one operation against a double-precision forward that the test writes on its own: the
 * values, the gradients against central differences of that forward, by both ways of going
 * backward, and the gradients of the gradients against second differences.
 */
public final class OperationCheck {

    /**
     * Output 0 of the operation in double precision, from the inputs' elements in row-major order.
     */
    public interface Reference {
        double[] apply(double[][] inputs);
    }

    private final Operation operation;
    private final Reference reference;
    private final List<double[]> values = new ArrayList<>();
    private final List<Shape> shapes = new ArrayList<>();
    private final List<Boolean> differentiable = new ArrayList<>();
    private final List<ElementType> types = new ArrayList<>();
    private final SplittableRandom random = new SplittableRandom(42);
    private double forwardTolerance = 2e-6;
    private double gradientTolerance = 2e-5;
    private double secondTolerance = 2e-4;
    private boolean second = true;

    private OperationCheck(Operation operation, Reference reference) {
        this.operation = operation;
        this.reference = reference;
    }

    public static OperationCheck of(Operation operation, Reference reference) {
        return new OperationCheck(operation, reference);
    }

    /** A unary elementwise operation on values from −2 to 2. */
    public static OperationCheck elementwise(Operation operation, DoubleUnaryOperator f) {
        return of(operation, in -> map(in[0], f)).input(Shape.of(2, 3, 7), -2, 2);
    }

    static double[] map(double[] x, DoubleUnaryOperator f) {
        double[] y = new double[x.length];
        for (int i = 0; i < y.length; i++) {
            y[i] = f.applyAsDouble(x[i]);
        }
        return y;
    }

    /** A float input with values drawn from [low, high), none within 0.02 of a multiple of 1. */
    public OperationCheck input(Shape shape, double low, double high) {
        double[] drawn = new double[Math.toIntExact(shape.elements())];
        for (int i = 0; i < drawn.length; i++) {
            do {
                // Floats, so that both computations see the same numbers; away from kinks.
                drawn[i] = (float) random.nextDouble(low, high);
            } while (Math.abs(drawn[i] - Math.rint(drawn[i])) < 0.02);
        }
        return add(shape, drawn, true, ElementType.FLOAT32);
    }

    /** A float input that counts as a constant. */
    public OperationCheck constant(Shape shape, double... given) {
        return add(shape, given, false, ElementType.FLOAT32);
    }

    /** An int32 input. */
    public OperationCheck ints(Shape shape, double... given) {
        return add(shape, given, false, ElementType.INT32);
    }

    private OperationCheck add(Shape shape, double[] given, boolean watched, ElementType type) {
        shapes.add(shape);
        values.add(given);
        differentiable.add(watched);
        types.add(type);
        return this;
    }

    /** Other bounds on |float − double| / (1 + |double|). */
    public OperationCheck tolerances(double forward, double gradient, double ofSecond) {
        forwardTolerance = forward;
        gradientTolerance = gradient;
        secondTolerance = ofSecond;
        return this;
    }

    public void run() {
        try (Scope _ = Scope.open();
                Tape tape = Tape.start()) {
            List<Variable> watched = new ArrayList<>();
            Variable[] inputs = variables(tape, watched);
            Variable y = operation.applyAll(inputs)[0];
            double[][] x = values.toArray(double[][]::new);
            close("forward", y.value(), reference.apply(x), forwardTolerance);

            double[] weights = weights(y.shape());
            Variable seed = Variable.of(tensor(y.shape(), weights, ElementType.FLOAT32));
            List<Variable> first = tape.differentiate(y, seed, watched);
            int at = 0;
            for (int i = 0; i < x.length; i++) {
                if (differentiable.get(i)) {
                    double[] numeric = gradient(x, i, weights);
                    close(
                            "gradient of input " + i,
                            first.get(at).value(),
                            numeric,
                            gradientTolerance);
                    at++;
                }
            }
            checkTapeGradients(tape, y, seed, watched, first);
            if (second) {
                checkSecond(tape, x, weights, watched, first);
            }
        }
    }

    /** The pass that adds in place and releases must give what the recorded one gives. */
    private void checkTapeGradients(
            Tape tape, Variable y, Variable seed, List<Variable> watched, List<Variable> first) {
        Gradients gradients = tape.gradients(Functional.sum(Functional.multiply(y, seed)));
        for (int i = 0; i < watched.size(); i++) {
            Tensor found =
                    gradients.has(watched.get(i))
                            ? gradients.of(watched.get(i))
                            : Scope.current().zeros(watched.get(i).shape());
            assertThat(found.toArray())
                    .as("%s: the two backward passes, input %d", operation.name(), i)
                    .containsExactly(first.get(i).value().toArray());
        }
    }

    private void checkSecond(
            Tape tape,
            double[][] x,
            double[] weights,
            List<Variable> watched,
            List<Variable> first) {
        Variable sum = null;
        double[][] directions = new double[x.length][];
        int at = 0;
        for (int i = 0; i < x.length; i++) {
            directions[i] = new double[x[i].length];
            if (!differentiable.get(i)) {
                continue;
            }
            directions[i] = weights(shapes.get(i));
            Variable direction =
                    Variable.of(tensor(shapes.get(i), directions[i], ElementType.FLOAT32));
            Variable term = Functional.sum(Functional.multiply(first.get(at++), direction));
            sum = sum == null ? term : Functional.add(sum, term);
        }
        if (!Tape.isRecording(sum)) {
            // The gradient is a constant: so must be the numeric one.
            for (int i = 0; i < x.length; i++) {
                if (differentiable.get(i)) {
                    for (double d : secondDerivative(x, directions, i, weights)) {
                        assertThat(d)
                                .as("second derivative of a linear map")
                                .isCloseTo(0, within(1e-5));
                    }
                }
            }
            return;
        }
        List<Variable> seconds = tape.differentiate(sum, watched);
        at = 0;
        for (int i = 0; i < x.length; i++) {
            if (differentiable.get(i)) {
                double[] numeric = secondDerivative(x, directions, i, weights);
                close(
                        "second derivative of input " + i,
                        seconds.get(at++).value(),
                        numeric,
                        secondTolerance);
            }
        }
    }

    private Variable[] variables(Tape tape, List<Variable> watched) {
        Variable[] inputs = new Variable[values.size()];
        for (int i = 0; i < inputs.length; i++) {
            Tensor tensor = tensor(shapes.get(i), values.get(i), types.get(i));
            if (differentiable.get(i)) {
                inputs[i] = tape.watch(tensor);
                watched.add(inputs[i]);
            } else {
                inputs[i] = Variable.of(tensor);
            }
        }
        return inputs;
    }

    private static Tensor tensor(Shape shape, double[] from, ElementType type) {
        float[] floats = new float[from.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) from[i];
        }
        Tensor tensor = Scope.current().of(floats, shape);
        return type == ElementType.INT32 ? tensor.toInt() : tensor;
    }

    private double[] weights(Shape shape) {
        double[] drawn = new double[Math.toIntExact(shape.elements())];
        for (int i = 0; i < drawn.length; i++) {
            drawn[i] = (float) random.nextDouble(-1, 1);
        }
        return drawn;
    }

    // ---- numeric derivatives of L = <weights, reference> in double ----

    private double loss(double[][] x, double[] weights) {
        double[] y = reference.apply(x);
        double sum = 0;
        for (int i = 0; i < y.length; i++) {
            sum += weights[i] * y[i];
        }
        return sum;
    }

    private double[] gradient(double[][] x, int input, double[] weights) {
        double h = 1e-5;
        double[] gradient = new double[x[input].length];
        for (int j = 0; j < gradient.length; j++) {
            double before = x[input][j];
            x[input][j] = before + h;
            double up = loss(x, weights);
            x[input][j] = before - h;
            double down = loss(x, weights);
            x[input][j] = before;
            gradient[j] = (up - down) / (2 * h);
        }
        return gradient;
    }

    private double directional(double[][] x, double[][] directions, double[] weights) {
        double k = 1e-4;
        return (loss(moved(x, directions, k), weights) - loss(moved(x, directions, -k), weights))
                / (2 * k);
    }

    private static double[][] moved(double[][] x, double[][] directions, double k) {
        double[][] moved = new double[x.length][];
        for (int i = 0; i < x.length; i++) {
            moved[i] = x[i].clone();
            for (int j = 0; j < moved[i].length; j++) {
                moved[i][j] += k * directions[i][j];
            }
        }
        return moved;
    }

    private double[] secondDerivative(
            double[][] x, double[][] directions, int input, double[] weights) {
        double h = 1e-4;
        double[] result = new double[x[input].length];
        for (int j = 0; j < result.length; j++) {
            double before = x[input][j];
            x[input][j] = before + h;
            double up = directional(x, directions, weights);
            x[input][j] = before - h;
            double down = directional(x, directions, weights);
            x[input][j] = before;
            result[j] = (up - down) / (2 * h);
        }
        return result;
    }

    private void close(String what, Tensor found, double[] expected, double tolerance) {
        float[] actual = found.toArray();
        assertThat(actual).as("%s: %s, length", operation.name(), what).hasSize(expected.length);
        for (int i = 0; i < actual.length; i++) {
            assertThat((double) actual[i])
                    .as("%s: %s, element %d", operation, what, i)
                    .isCloseTo(expected[i], within(tolerance * (1 + Math.abs(expected[i]))));
        }
    }
}
