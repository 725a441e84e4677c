package dev.lanewise.nn.ops;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.core.Scope;
import dev.lanewise.core.Shape;
import dev.lanewise.core.ShapeException;
import dev.lanewise.nn.autograd.Operation;
import dev.lanewise.nn.autograd.Variable;
import dev.lanewise.nn.testing.TensorTest;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Stream;

/** Every elementwise operation against its formula in double, to second order. */
class ElementwiseOperationsTest extends TensorTest {

    private static Arguments elementwise(
            String name, Operation operation, DoubleUnaryOperator f, double low, double high) {
        return Arguments.of(name, operation, f, low, high);
    }

    static Stream<Arguments> unary() {
        return Stream.of(
                elementwise("Relu()", new Relu(), x -> Math.max(x, 0), -3.9, 3.9),
                elementwise(
                        "LeakyRelu(0.1f)",
                        new LeakyRelu(0.1f),
                        x -> x > 0 ? x : 0.1f * x,
                        -3.9,
                        3.9),
                elementwise(
                        "Elu(0.7f)",
                        new Elu(0.7f),
                        x -> x > 0 ? x : 0.7f * Math.expm1(x),
                        -3.9,
                        3.9),
                elementwise(
                        "Selu()",
                        new Selu(),
                        x -> 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x)),
                        -3.9,
                        3.9),
                elementwise("Gelu()", new Gelu(), x -> x * phi(x), -3.9, 3.9),
                elementwise(
                        "GeluTanh()",
                        new GeluTanh(),
                        x ->
                                x
                                        / 2
                                        * (1
                                                + Math.tanh(
                                                        Math.sqrt(2 / Math.PI)
                                                                * (x + 0.044715 * x * x * x))),
                        -3.9,
                        3.9),
                elementwise("Silu()", new Silu(), x -> x / (1 + Math.exp(-x)), -3.9, 3.9),
                elementwise("Softplus()", new Softplus(), x -> Math.log1p(Math.exp(x)), -3.9, 3.9),
                elementwise("Sigmoid()", new Sigmoid(), x -> 1 / (1 + Math.exp(-x)), -3.9, 3.9),
                elementwise("Tanh()", new Tanh(), Math::tanh, -3.9, 3.9),
                elementwise("HardTanh()", new HardTanh(), x -> Math.clamp(x, -1.0, 1.0), -3.9, 3.9),
                elementwise(
                        "HardSigmoid()",
                        new HardSigmoid(),
                        x -> Math.clamp(x / 6 + 0.5, 0.0, 1.0),
                        -3.9,
                        3.9),
                elementwise(
                        "HardSwish()",
                        new HardSwish(),
                        x -> x * Math.clamp(x / 6 + 0.5, 0.0, 1.0),
                        -3.9,
                        3.9),
                elementwise("Exp()", new Exp(), Math::exp, -3.9, 3.9),
                elementwise("Expm1()", new Expm1(), Math::expm1, -3.9, 3.9),
                elementwise("Square()", new Square(), x -> x * x, -3.9, 3.9),
                elementwise("Abs()", new Abs(), Math::abs, -3.9, 3.9),
                elementwise("Sin()", new Sin(), Math::sin, -3.9, 3.9),
                elementwise("Cos()", new Cos(), Math::cos, -3.9, 3.9),
                elementwise("Negate()", new Negate(), x -> -x, -3.9, 3.9),
                elementwise("AddScalar(1.5f)", new AddScalar(1.5f), x -> x + 1.5f, -3.9, 3.9),
                elementwise(
                        "MultiplyScalar(-2.5f)",
                        new MultiplyScalar(-2.5f),
                        x -> -2.5f * x,
                        -3.9,
                        3.9),
                elementwise(
                        "Clamp(-1, 1)", new Clamp(-1, 1), x -> Math.clamp(x, -1.0, 1.0), -3.9, 3.9),
                elementwise("Log()", new Log(), Math::log, 0.3, 3),
                elementwise("Sqrt()", new Sqrt(), Math::sqrt, 0.3, 3),
                elementwise("Rsqrt()", new Rsqrt(), x -> 1 / Math.sqrt(x), 0.3, 3),
                elementwise("Reciprocal()", new Reciprocal(), x -> 1 / x, 0.3, 3),
                elementwise("PowScalar(2.5f)", new PowScalar(2.5f), x -> Math.pow(x, 2.5), 0.3, 3));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("unary")
    void unaryMatchesItsFormula(
            String name, Operation operation, DoubleUnaryOperator f, double low, double high) {
        OperationCheck.of(operation, in -> OperationCheck.map(in[0], f))
                .input(Shape.of(2, 3, 7), low, high)
                .tolerances(4e-6, 4e-5, 4e-4)
                .run();
    }

    /** Φ by the series of erf, which converges for all x here. */
    private static double phi(double x) {
        double z = x / Math.sqrt(2);
        double term = z;
        double sum = z;
        for (int n = 1; n < 200; n++) {
            term *= -z * z / n;
            sum += term / (2 * n + 1);
        }
        return 0.5 + sum / Math.sqrt(Math.PI);
    }

    static Stream<Arguments> binary() {
        return Stream.of(
                Arguments.of(new Add(), (DoubleBinaryOperator) (a, b) -> a + b),
                Arguments.of(new Subtract(), (DoubleBinaryOperator) (a, b) -> a - b),
                Arguments.of(new Multiply(), (DoubleBinaryOperator) (a, b) -> a * b),
                Arguments.of(new Divide(), (DoubleBinaryOperator) (a, b) -> a / b),
                Arguments.of(new Maximum(), (DoubleBinaryOperator) Math::max),
                Arguments.of(new Minimum(), (DoubleBinaryOperator) Math::min));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("binary")
    void binaryMatchesItsFormula(Operation operation, DoubleBinaryOperator f) {
        OperationCheck.of(operation, in -> zip(in, f, i -> i, i -> i))
                .input(Shape.of(3, 5), 0.3, 2)
                .input(Shape.of(3, 5), 0.3, 2)
                .tolerances(4e-6, 4e-5, 1e-3)
                .run();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("binary")
    void operandsBroadcastAndGradientsAreSummedBack(Operation operation, DoubleBinaryOperator f) {
        // [3, 5] with [5]
        OperationCheck.of(operation, in -> zip(in, f, i -> i, i -> i % 5))
                .input(Shape.of(3, 5), 0.3, 2)
                .input(Shape.of(5), 0.3, 2)
                .tolerances(4e-6, 4e-5, 2e-3)
                .run();
        // [3, 1] with [1, 5]
        OperationCheck.of(operation, in -> outer(in, f))
                .input(Shape.of(3, 1), 0.3, 2)
                .input(Shape.of(1, 5), 0.3, 2)
                .tolerances(4e-6, 4e-5, 2e-3)
                .run();
        // a scalar with [2, 4]
        OperationCheck.of(
                        operation,
                        in ->
                                zip(
                                        new double[][] {in[1], in[0]},
                                        (b, a) -> f.applyAsDouble(a, b),
                                        i -> i,
                                        i -> 0))
                .input(Shape.SCALAR, 0.3, 2)
                .input(Shape.of(2, 4), 0.3, 2)
                .tolerances(4e-6, 4e-5, 2e-3)
                .run();
    }

    private interface Index {
        int at(int i);
    }

    private static double[] zip(double[][] in, DoubleBinaryOperator f, Index a, Index b) {
        double[] y = new double[in[0].length];
        for (int i = 0; i < y.length; i++) {
            y[i] = f.applyAsDouble(in[0][a.at(i)], in[1][b.at(i)]);
        }
        return y;
    }

    private static double[] outer(double[][] in, DoubleBinaryOperator f) {
        double[] y = new double[in[0].length * in[1].length];
        for (int i = 0; i < y.length; i++) {
            y[i] = f.applyAsDouble(in[0][i / in[1].length], in[1][i % in[1].length]);
        }
        return y;
    }

    @Test
    void shapesThatDoNotBroadcastAreNamed() {
        Variable a = Variable.of(Scope.current().zeros(Shape.of(3, 5)));
        Variable b = Variable.of(Scope.current().zeros(Shape.of(4)));
        assertThatThrownBy(() -> Functional.add(a, b))
                .isInstanceOf(ShapeException.class)
                .hasMessage("add: shapes don't broadcast: [3, 5] and [4]");
    }
}
