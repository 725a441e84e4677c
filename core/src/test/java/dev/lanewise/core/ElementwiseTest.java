package dev.lanewise.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.core.testing.NoLeaks;
import dev.lanewise.core.testing.Property;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;

@ExtendWith(NoLeaks.class)
class ElementwiseTest {
    private static final double EXACT = 1e-7;

    private interface BinaryInto {
        Tensor run(Tensor a, Tensor b, Tensor out);
    }

    private interface BinaryNew {
        Tensor run(Tensor a, Tensor b);
    }

    record Binary(
            String name,
            BinaryNew fresh,
            BinaryInto into,
            DoubleBinaryOperator expected,
            double rtol) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Binary> binaries() {
        return List.of(
                new Binary("add", Tensor::add, Elementwise::add, (a, b) -> a + b, EXACT),
                new Binary(
                        "subtract",
                        Tensor::subtract,
                        Elementwise::subtract,
                        (a, b) -> a - b,
                        EXACT),
                new Binary(
                        "multiply",
                        Tensor::multiply,
                        Elementwise::multiply,
                        (a, b) -> a * b,
                        EXACT),
                new Binary("divide", Tensor::divide, Elementwise::divide, (a, b) -> a / b, EXACT),
                new Binary("maximum", Tensor::maximum, Elementwise::maximum, Math::max, 0),
                new Binary("minimum", Tensor::minimum, Elementwise::minimum, Math::min, 0),
                new Binary(
                        "pow",
                        (a, b) -> a.abs().pow(b),
                        (a, b, out) -> Transcendentals.pow(a.abs(), b, out),
                        (a, b) -> Math.pow(Math.abs(a), b),
                        1e-6),
                new Binary("equal", Tensor::equal, Comparisons::equal, (a, b) -> is(a == b), 0),
                new Binary(
                        "notEqual",
                        Tensor::notEqual,
                        Comparisons::notEqual,
                        (a, b) -> is(a != b),
                        0),
                new Binary("less", Tensor::less, Comparisons::less, (a, b) -> is(a < b), 0),
                new Binary(
                        "lessOrEqual",
                        Tensor::lessOrEqual,
                        Comparisons::lessOrEqual,
                        (a, b) -> is(a <= b),
                        0),
                new Binary(
                        "greater", Tensor::greater, Comparisons::greater, (a, b) -> is(a > b), 0),
                new Binary(
                        "greaterOrEqual",
                        Tensor::greaterOrEqual,
                        Comparisons::greaterOrEqual,
                        (a, b) -> is(a >= b),
                        0));
    }

    private static double is(boolean condition) {
        return condition ? 1 : 0;
    }

    @ParameterizedTest
    @MethodSource("binaries")
    void broadcastsOverAnyLayout(Binary op) {
        Property.check(
                150,
                draw -> {
                    try (Scope _ = Scope.open()) {
                        Shape shape = Nd.shape(draw, 4, 9);
                        boolean left = draw.flip();
                        Shape narrow = Nd.narrower(draw, shape);
                        Tensor a = Nd.wholes(draw, left ? narrow : shape, 4);
                        Tensor b = Nd.wholes(draw, left ? shape : narrow, 4);
                        Nd expected = Nd.zip(Nd.of(a), Nd.of(b), op.expected);
                        expected.check(op.fresh.run(a, b), op.rtol, 0);
                        Tensor out = Nd.layOut(draw, expected.shape(), ElementType.FLOAT32);
                        assertThat(op.into.run(a, b, out)).isSameAs(out);
                        expected.check(out, op.rtol, 0);
                    }
                });
    }

    @ParameterizedTest
    @MethodSource("binaries")
    void worksInPlaceAndOnOverlappingViews(Binary op) {
        Property.check(
                80,
                draw -> {
                    try (Scope _ = Scope.open()) {
                        Shape shape = Shape.of(draw.size(0, 40), draw.size(1, 40));
                        Tensor a = Nd.random(draw, shape, 3);
                        Tensor b = Nd.random(draw, Nd.narrower(draw, shape), 3);
                        Nd expected = Nd.zip(Nd.of(a), Nd.of(b), op.expected);
                        op.into.run(a, b, a);
                        expected.check(a, 1e-6, 0);

                        // One row lower in the same matrix: rows are read before they are written.
                        Tensor c = Nd.random(draw, Shape.of(shape.size(0) + 1, shape.size(1)), 3);
                        Tensor upper = c.slice(0, 0, shape.size(0));
                        Tensor lower = c.slice(0, 1, shape.size(0) + 1);
                        Nd shifted = Nd.zip(Nd.of(upper), Nd.of(b), op.expected);
                        op.into.run(upper, b, lower);
                        shifted.check(lower, 1e-6, 0);

                        // A row of the output as the broadcast operand.
                        Tensor row = a.slice(0, 0, Math.min(1, shape.size(0)));
                        if (shape.size(0) > 0) {
                            Nd byRow = Nd.zip(Nd.of(a), Nd.of(row), op.expected);
                            op.into.run(a, row, a);
                            byRow.check(a, 1e-5, 0);
                        }
                    }
                });
    }

    record Unary(
            String name,
            UnaryOperator<Tensor> fresh,
            BinaryOperator<Tensor> into,
            DoubleUnaryOperator expected,
            double rtol) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Unary unary(
            String name,
            UnaryOperator<Tensor> fresh,
            BinaryOperator<Tensor> into,
            DoubleUnaryOperator expected,
            double rtol) {
        return new Unary(name, fresh, into, expected, rtol);
    }

    static List<Unary> unaries() {
        double ulps = 4e-7;
        return List.of(
                unary("negate", Tensor::negate, Elementwise::negate, x -> -x, 0),
                unary("abs", Tensor::abs, Elementwise::abs, Math::abs, 0),
                unary("sign", Tensor::sign, Elementwise::sign, Math::signum, 0),
                unary("square", Tensor::square, Elementwise::square, x -> x * x, EXACT),
                unary("reciprocal", Tensor::reciprocal, Elementwise::reciprocal, x -> 1 / x, EXACT),
                unary(
                        "clamp",
                        x -> x.clamp(-0.5f, 1),
                        (x, out) -> Elementwise.clamp(x, -0.5f, 1, out),
                        x -> Math.min(Math.max(x, -0.5), 1),
                        0),
                unary(
                        "add s",
                        x -> x.add(2.5f),
                        (x, out) -> Elementwise.add(x, 2.5f, out),
                        x -> x + 2.5,
                        EXACT),
                unary(
                        "subtract s",
                        x -> x.subtract(2.5f),
                        (x, out) -> Elementwise.subtract(x, 2.5f, out),
                        x -> x - 2.5,
                        EXACT),
                unary(
                        "s subtract",
                        x -> Elementwise.subtract(2.5f, x),
                        (x, out) -> Elementwise.subtract(2.5f, x, out),
                        x -> 2.5 - x,
                        EXACT),
                unary(
                        "multiply s",
                        x -> x.multiply(2.5f),
                        (x, out) -> Elementwise.multiply(x, 2.5f, out),
                        x -> x * 2.5,
                        EXACT),
                unary(
                        "divide s",
                        x -> x.divide(2.5f),
                        (x, out) -> Elementwise.divide(x, 2.5f, out),
                        x -> x / 2.5,
                        EXACT),
                unary(
                        "s divide",
                        x -> Elementwise.divide(2.5f, x),
                        (x, out) -> Elementwise.divide(2.5f, x, out),
                        x -> 2.5 / x,
                        EXACT),
                unary(
                        "maximum s",
                        x -> x.maximum(0.5f),
                        (x, out) -> Elementwise.maximum(x, 0.5f, out),
                        x -> Math.max(x, 0.5),
                        0),
                unary(
                        "minimum s",
                        x -> x.minimum(0.5f),
                        (x, out) -> Elementwise.minimum(x, 0.5f, out),
                        x -> Math.min(x, 0.5),
                        0),
                unary("exp", Tensor::exp, Transcendentals::exp, Math::exp, ulps),
                unary("expm1", Transcendentals::expm1, Transcendentals::expm1, Math::expm1, ulps),
                unary(
                        "log",
                        x -> x.abs().log(),
                        (x, out) -> Transcendentals.log(x.abs(), out),
                        x -> Math.log(Math.abs(x)),
                        ulps),
                unary(
                        "log1p",
                        x -> Transcendentals.log1p(x.abs()),
                        (x, out) -> Transcendentals.log1p(x.abs(), out),
                        x -> Math.log1p(Math.abs(x)),
                        ulps),
                unary("tanh", Tensor::tanh, Transcendentals::tanh, Math::tanh, ulps),
                unary(
                        "sigmoid",
                        Tensor::sigmoid,
                        Transcendentals::sigmoid,
                        x -> 1 / (1 + Math.exp(-x)),
                        ulps),
                unary("sin", Tensor::sin, Transcendentals::sin, Math::sin, ulps),
                unary("cos", Tensor::cos, Transcendentals::cos, Math::cos, ulps),
                unary(
                        "sqrt",
                        x -> x.abs().sqrt(),
                        (x, out) -> Transcendentals.sqrt(x.abs(), out),
                        x -> Math.sqrt(Math.abs(x)),
                        EXACT),
                unary(
                        "rsqrt",
                        x -> x.abs().rsqrt(),
                        (x, out) -> Transcendentals.rsqrt(x.abs(), out),
                        x -> 1 / Math.sqrt(Math.abs(x)),
                        ulps),
                unary(
                        "square by pow",
                        x -> x.abs().pow(1.5f),
                        (x, out) -> Transcendentals.pow(x.abs(), 1.5f, out),
                        x -> Math.pow(Math.abs(x), 1.5),
                        ulps),
                unary(
                        "equal s",
                        x -> x.equal(1),
                        (x, out) -> Comparisons.equal(x, 1, out),
                        x -> is(x == 1),
                        0),
                unary(
                        "less s",
                        x -> x.less(1),
                        (x, out) -> Comparisons.less(x, 1, out),
                        x -> is(x < 1),
                        0),
                unary(
                        "lessOrEqual s",
                        x -> x.lessOrEqual(1),
                        (x, out) -> Comparisons.lessOrEqual(x, 1, out),
                        x -> is(x <= 1),
                        0),
                unary(
                        "greater s",
                        x -> x.greater(1),
                        (x, out) -> Comparisons.greater(x, 1, out),
                        x -> is(x > 1),
                        0),
                unary(
                        "greaterOrEqual s",
                        x -> x.greaterOrEqual(1),
                        (x, out) -> Comparisons.greaterOrEqual(x, 1, out),
                        x -> is(x >= 1),
                        0),
                unary(
                        "isNaN",
                        Comparisons::isNaN,
                        Comparisons::isNaN,
                        x -> is(Double.isNaN(x)),
                        0));
    }

    @ParameterizedTest
    @MethodSource("unaries")
    void mapsAnyLayout(Unary op) {
        Property.check(
                120,
                draw -> {
                    try (Scope _ = Scope.open()) {
                        Shape shape = Nd.shape(draw, 3, 40);
                        Tensor x =
                                draw.flip() ? Nd.random(draw, shape, 4) : Nd.wholes(draw, shape, 2);
                        Nd expected = Nd.of(x).map(op.expected);
                        expected.check(op.fresh.apply(x), op.rtol, 1e-7);
                        Tensor out = Nd.layOut(draw, shape, ElementType.FLOAT32);
                        assertThat(op.into.apply(x, out)).isSameAs(out);
                        expected.check(out, op.rtol, 1e-7);
                        op.into.apply(x, x);
                        expected.check(x, op.rtol, 1e-7);
                    }
                });
    }

    @ParameterizedTest
    @MethodSource("unaries")
    void passesNaNAndInfinityOnAsTheFormulaDoes(Unary op) {
        try (Scope scope = Scope.open()) {
            Tensor x =
                    scope.of(
                            Float.NaN,
                            Float.POSITIVE_INFINITY,
                            Float.NEGATIVE_INFINITY,
                            -0f,
                            0f,
                            1f);
            Nd.of(x).map(op.expected).check(op.fresh.apply(x), 4e-7, 1e-7);
        }
    }

    @Test
    void threeOperandsBroadcast() {
        Property.check(
                150,
                draw -> {
                    try (Scope _ = Scope.open()) {
                        Shape shape = Nd.shape(draw, 3, 9);
                        Tensor a = Nd.wholes(draw, Nd.narrower(draw, shape), 3);
                        Tensor b = Nd.wholes(draw, shape, 3);
                        Tensor c = Nd.wholes(draw, Nd.narrower(draw, shape), 3);
                        Nd product = Nd.zip(Nd.of(a), Nd.of(b), (x, y) -> x * y);
                        Nd expected = Nd.zip(product, Nd.of(c), Double::sum);
                        expected.check(Elementwise.multiplyAdd(a, b, c));
                        Tensor out = Nd.layOut(draw, shape, ElementType.FLOAT32);
                        expected.check(Elementwise.multiplyAdd(a, b, c, out));

                        Tensor condition = a.greater(0);
                        Nd mask = Nd.of(condition);
                        Nd left = Nd.zip(mask, Nd.of(b), (m, x) -> m != 0 ? x : Double.NaN);
                        Nd chosen = Nd.zip(left, Nd.of(c), (x, y) -> Double.isNaN(x) ? y : x);
                        chosen.check(condition.where(b, c));
                        expected.check(Elementwise.multiplyAdd(a, b, c, b));
                    }
                });
    }

    @Test
    void axpbyAccumulatesInAnyLayout() {
        Property.check(
                120,
                draw -> {
                    try (Scope _ = Scope.open()) {
                        Shape shape = Nd.shape(draw, 3, 20);
                        Tensor x = Nd.wholes(draw, Nd.narrower(draw, shape), 3);
                        Tensor y = Nd.wholes(draw, shape, 3);
                        float beta = draw.oneOf(1f, 0f, 0.5f);
                        Nd expected = Nd.zip(Nd.of(x), Nd.of(y), (a, b) -> 2 * a + beta * b);
                        expected.check(Elementwise.axpby(x, 2, beta, y));
                    }
                });
    }

    @Test
    void betaZeroDoesNotReadTheOutput() {
        try (Scope scope = Scope.open()) {
            Tensor y = scope.full(Shape.of(5), Float.NaN);
            assertThat(Elementwise.axpby(scope.ones(Shape.of(5)), 3, 0, y).toArray())
                    .containsOnly(3f);
        }
    }

    @Test
    void int32IsComparedAndSelectedExactly() {
        try (Scope scope = Scope.open()) {
            Tensor a = scope.ofInts(16777216, 16777217, -1, Integer.MIN_VALUE);
            assertThat(a.equal(16777217).toArray()).containsExactly(0, 1, 0, 0);
            assertThat(a.less(16777217).toArray()).containsExactly(1, 0, 1, 1);
            assertThat(a.lessOrEqual(-1).toArray()).containsExactly(0, 0, 1, 1);
            assertThat(a.greater(16777216).toArray()).containsExactly(0, 1, 0, 0);
            assertThat(a.greaterOrEqual(-1).toArray()).containsExactly(1, 1, 1, 0);
            assertThat(scope.of(2, 3, 4).greater(3).toArray()).containsExactly(0, 0, 1);
            // Bits that are signaling NaN and -0 as floats.
            Tensor odd = scope.ofInts(0x7f800001, 0x80000000, 0xff812345, 7);
            Tensor chosen = scope.of(1, 0, 1, 0).where(odd, a);
            assertThat(chosen.type()).isEqualTo(ElementType.INT32);
            assertThat(chosen.toIntArray())
                    .containsExactly(0x7f800001, 16777217, 0xff812345, Integer.MIN_VALUE);
            Tensor column = scope.of(new float[] {0, 1}, Shape.of(2, 1));
            assertThat(column.where(scope.ofInts(5), a).toIntArray())
                    .containsExactly(16777216, 16777217, -1, Integer.MIN_VALUE, 5, 5, 5, 5);
            assertThat(scope.ofInts(16777217).intItem()).isEqualTo(16777217);
            assertThat(scope.ofInts(new int[] {16777217}, Shape.SCALAR).intItem())
                    .isEqualTo(16777217);
            assertThatThrownBy(() -> column.where(a, column))
                    .hasMessageStartingWith("where: a and b must be of one type");
            assertThatThrownBy(() -> a.where(a, a))
                    .hasMessageStartingWith("where: the condition must be float32");
        }
    }

    @Test
    void int32HasItsOwnArithmetic() {
        try (Scope scope = Scope.open()) {
            // Not representable as floats.
            Tensor a = scope.ofInts(Integer.MAX_VALUE, 16777217, -5);
            Tensor b = scope.ofInts(1, 16777217, 7);
            assertThat(a.add(b).toIntArray()).containsExactly(Integer.MIN_VALUE, 33554434, 2);
            assertThat(a.subtract(b).toIntArray()).containsExactly(2147483646, 0, -12);
            assertThat(a.multiply(b).toIntArray())
                    .containsExactly(Integer.MAX_VALUE, 16777217 * 16777217, -35);
            assertThat(a.maximum(b).toIntArray()).containsExactly(Integer.MAX_VALUE, 16777217, 7);
            assertThat(a.minimum(b).toIntArray()).containsExactly(1, 16777217, -5);
            assertThat(a.equal(b).toArray()).containsExactly(0, 1, 0);
            assertThat(a.greater(scope.ofInts(16777216)).toArray()).containsExactly(1, 1, 0);
        }
    }

    @Test
    void errorsNameTheOperationAndTheShapes() {
        try (Scope scope = Scope.open()) {
            Tensor a = scope.ones(Shape.of(2, 3));
            Tensor b = scope.ones(Shape.of(2, 4));
            Tensor ints = scope.zeros(Shape.of(2, 3), ElementType.INT32);
            assertThatThrownBy(() -> a.add(b))
                    .isInstanceOf(ShapeException.class)
                    .hasMessage(
                            "add: sizes differ, 3 and 4, at axis -1: [2, 3] and [2, 4] don't"
                                    + " broadcast");
            assertThatThrownBy(() -> a.add(ints))
                    .isInstanceOf(ArgumentException.class)
                    .hasMessage("add: b must be float32, got int32 [2, 3]; convert with toFloat()");
            assertThatThrownBy(() -> ints.divide(ints))
                    .hasMessage(
                            "divide: a must be float32, got int32 [2, 3]; convert with toFloat()");
            assertThatThrownBy(() -> Elementwise.add(a, a, b))
                    .isInstanceOf(ShapeException.class)
                    .hasMessage("add: out must be [2, 3], got [2, 4]");
            assertThatThrownBy(() -> Elementwise.add(a, a, ints))
                    .isInstanceOf(ArgumentException.class)
                    .hasMessage("add: out must be float32, got int32");
            Tensor expanded = scope.ones(Shape.of(1, 3)).expand(Shape.of(2, 3));
            assertThatThrownBy(() -> Elementwise.add(a, a, expanded))
                    .isInstanceOf(ArgumentException.class)
                    .hasMessageContaining("out is an expanded view");
            assertThatThrownBy(() -> a.clamp(2, 1))
                    .hasMessage("clamp: low must not be above high, got 2.0 and 1.0");
        }
    }
}
