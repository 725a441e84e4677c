package dev.lanewise.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.core.testing.NoLeaks;
import dev.lanewise.core.testing.Property;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

@ExtendWith(NoLeaks.class)
class ElementwiseChainTest {
    private static final float[] SPECIAL = {
        Float.NaN,
        Float.POSITIVE_INFINITY,
        Float.NEGATIVE_INFINITY,
        0f,
        -0f,
        Float.MIN_VALUE,
        -Float.MIN_VALUE,
        Float.MAX_VALUE,
        1e-30f,
        -90f,
        90f
    };

    private static final ElementwiseChain GATE =
            ElementwiseChain.identity().multiply(0.5f).add(1).sigmoid().multiplyByOperand();

    private final RandomStream random = new RandomStream(8);

    /** A step, and the ordinary operation on v and, where it takes one, an operand. */
    record Row(
            String name,
            UnaryOperator<ElementwiseChain> step,
            boolean takesOperand,
            BinaryOperator<Tensor> operation) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Row row(
            String name, UnaryOperator<ElementwiseChain> step, UnaryOperator<Tensor> operation) {
        return new Row(name, step, false, (v, none) -> operation.apply(v));
    }

    private static Row operandRow(
            String name, UnaryOperator<ElementwiseChain> step, BinaryOperator<Tensor> operation) {
        return new Row(name, step, true, operation);
    }

    static List<Row> rows() {
        return Stream.of(numberRows(), operandRows(), functionRows(), activationRows())
                .flatMap(List::stream)
                .toList();
    }

    private static List<Row> numberRows() {
        return List.of(
                row("add", c -> c.add(1.3f), v -> Elementwise.add(v, 1.3f)),
                row("subtract", c -> c.subtract(0.7f), v -> Elementwise.subtract(v, 0.7f)),
                row("subtractFrom", c -> c.subtractFrom(2), v -> Elementwise.subtract(2, v)),
                row("multiply", c -> c.multiply(-1.7f), v -> Elementwise.multiply(v, -1.7f)),
                row("divide", c -> c.divide(3), v -> Elementwise.divide(v, 3)),
                row("divideInto", c -> c.divideInto(3), v -> Elementwise.divide(3, v)),
                row("maximum", c -> c.maximum(0.2f), v -> Elementwise.maximum(v, 0.2f)),
                row("minimum", c -> c.minimum(0.2f), v -> Elementwise.minimum(v, 0.2f)),
                row("clamp", c -> c.clamp(-1, 0.5f), v -> Elementwise.clamp(v, -1, 0.5f)),
                row("pow", c -> c.pow(3), v -> Transcendentals.pow(v, 3)),
                row("leakyRelu", c -> c.leakyRelu(0.1f), v -> Activations.leakyRelu(v, 0.1f)),
                row("elu", c -> c.elu(1.1f), v -> Activations.elu(v, 1.1f)));
    }

    private static List<Row> operandRows() {
        return List.of(
                operandRow("addOperand", ElementwiseChain::addOperand, Elementwise::add),
                operandRow(
                        "subtractOperand",
                        ElementwiseChain::subtractOperand,
                        Elementwise::subtract),
                operandRow(
                        "subtractFromOperand",
                        ElementwiseChain::subtractFromOperand,
                        (v, b) -> Elementwise.subtract(b, v)),
                operandRow(
                        "multiplyByOperand",
                        ElementwiseChain::multiplyByOperand,
                        Elementwise::multiply),
                operandRow(
                        "divideByOperand", ElementwiseChain::divideByOperand, Elementwise::divide),
                operandRow(
                        "divideIntoOperand",
                        ElementwiseChain::divideIntoOperand,
                        (v, b) -> Elementwise.divide(b, v)),
                operandRow(
                        "maximumWithOperand",
                        ElementwiseChain::maximumWithOperand,
                        Elementwise::maximum),
                operandRow(
                        "minimumWithOperand",
                        ElementwiseChain::minimumWithOperand,
                        Elementwise::minimum),
                operandRow("powOperand", ElementwiseChain::powOperand, Transcendentals::pow));
    }

    private static List<Row> functionRows() {
        return List.of(
                row("negate", ElementwiseChain::negate, Elementwise::negate),
                row("abs", ElementwiseChain::abs, Elementwise::abs),
                row("sign", ElementwiseChain::sign, Elementwise::sign),
                row("square", ElementwiseChain::square, Elementwise::square),
                row("reciprocal", ElementwiseChain::reciprocal, Elementwise::reciprocal),
                row("exp", ElementwiseChain::exp, Transcendentals::exp),
                row("expm1", ElementwiseChain::expm1, Transcendentals::expm1),
                row("log", ElementwiseChain::log, Transcendentals::log),
                row("log1p", ElementwiseChain::log1p, Transcendentals::log1p),
                row("tanh", ElementwiseChain::tanh, Transcendentals::tanh),
                row("sigmoid", ElementwiseChain::sigmoid, Transcendentals::sigmoid),
                row("erf", ElementwiseChain::erf, Transcendentals::erf),
                row("erfc", ElementwiseChain::erfc, Transcendentals::erfc),
                row("sin", ElementwiseChain::sin, Transcendentals::sin),
                row("cos", ElementwiseChain::cos, Transcendentals::cos),
                row("sqrt", ElementwiseChain::sqrt, Transcendentals::sqrt),
                row("rsqrt", ElementwiseChain::rsqrt, Transcendentals::rsqrt));
    }

    private static List<Row> activationRows() {
        return List.of(
                row("relu", ElementwiseChain::relu, Activations::relu),
                row("selu", ElementwiseChain::selu, Activations::selu),
                row("gelu", ElementwiseChain::gelu, Activations::gelu),
                row("geluTanh", ElementwiseChain::geluTanh, Activations::geluTanh),
                row("silu", ElementwiseChain::silu, Activations::silu),
                row("softplus", ElementwiseChain::softplus, Activations::softplus),
                row("hardTanh", ElementwiseChain::hardTanh, Activations::hardTanh),
                row("hardSigmoid", ElementwiseChain::hardSigmoid, Activations::hardSigmoid),
                row("hardSwish", ElementwiseChain::hardSwish, Activations::hardSwish),
                row("heaviside", ElementwiseChain::heaviside, Activations::heaviside));
    }

    @Test
    void everyStepHasARow() {
        assertThat(rows().stream().map(Row::name))
                .containsExactlyInAnyOrderElementsOf(
                        Arrays.stream(ElementwiseChain.class.getMethods())
                                .filter(m -> m.getReturnType() == ElementwiseChain.class)
                                .filter(m -> !Modifier.isStatic(m.getModifiers()))
                                .map(Method::getName)
                                .toList());
    }

    /** The same bits; a NaN is a NaN, whatever its payload. */
    private static void checkBits(Tensor actual, Tensor expected) {
        assertThat(actual.shape()).isEqualTo(expected.shape());
        int[] a = bits(actual);
        int[] e = bits(expected);
        int at = Arrays.mismatch(a, e);
        if (at >= 0) {
            throw new AssertionError(
                    "element %d of %s is %s, expected %s"
                            .formatted(
                                    at,
                                    actual.shape(),
                                    Float.intBitsToFloat(a[at]),
                                    Float.intBitsToFloat(e[at])));
        }
    }

    private static int[] bits(Tensor t) {
        float[] values = t.toArray();
        int[] bits = new int[values.length];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = Float.floatToIntBits(values[i]);
        }
        return bits;
    }

    /** Normal numbers with special ones among them. */
    private Tensor values(Shape shape) {
        Tensor t = Scope.current().randn(shape, random);
        float[] values = t.toArray();
        for (int i = 3; i < values.length; i += 7) {
            values[i] = SPECIAL[i % SPECIAL.length];
        }
        return t.copyFrom(values);
    }

    @ParameterizedTest
    @MethodSource("rows")
    void aStepHasTheBitsOfItsOperation(Row row) {
        try (Scope _ = Scope.open()) {
            Tensor x = values(Shape.of(2 * ChainRun.BLOCK + 33));
            Tensor[] operands = row.takesOperand ? new Tensor[] {values(x.shape())} : new Tensor[0];
            Tensor b = row.takesOperand ? operands[0] : null;
            ElementwiseChain alone = row.step.apply(ElementwiseChain.identity());
            assertThat(alone.operands()).isEqualTo(operands.length);
            checkBits(alone.apply(x, operands), row.operation.apply(x, b));

            ElementwiseChain between = row.step.apply(ElementwiseChain.identity().negate()).abs();
            Tensor expected = row.operation.apply(x.negate(), b).abs();
            checkBits(between.apply(x, operands), expected);
        }
    }

    /** Chains of any steps, operands of any shape that broadcasts, tensors of any layout. */
    @Test
    void anyChainHasTheBitsOfItsOperations() {
        List<Row> rows = rows();
        Property.check(
                400,
                draw -> {
                    try (Scope _ = Scope.open()) {
                        Shape shape = Nd.shape(draw, 3, 60);
                        Tensor x = Nd.random(draw, shape, 3);
                        ElementwiseChain chain = ElementwiseChain.identity();
                        List<Tensor> operands = new ArrayList<>();
                        Tensor expected = x.copy();
                        for (int left = draw.between(0, 6); left > 0; left--) {
                            Row row = rows.get(draw.between(0, rows.size() - 1));
                            Tensor b = null;
                            if (row.takesOperand) {
                                Shape narrow = draw.flip() ? Nd.narrower(draw, shape) : shape;
                                b = Nd.random(draw, narrow, 3);
                                operands.add(b);
                            }
                            chain = row.step.apply(chain);
                            expected = row.operation.apply(expected, b);
                        }
                        Tensor[] given = operands.toArray(new Tensor[0]);
                        checkBits(chain.apply(x, given), expected);
                        Tensor out = Nd.layOut(draw, shape, ElementType.FLOAT32);
                        assertThat(chain.applyInto(x, given, out)).isSameAs(out);
                        checkBits(out, expected);
                        chain.applyInto(x, given, x);
                        checkBits(x, expected);
                    }
                });
    }

    @ParameterizedTest
    @ValueSource(
            ints = {0, 1, 15, 16, 17, 2047, 2048, 2049, 4095, 4096, 4097, 65_535, 65_537, 100_000})
    void sizesAndThreadsChangeNoBit(int n) {
        ElementwiseChain chain =
                ElementwiseChain.identity()
                        .multiply(0.7f)
                        .addOperand()
                        .gelu()
                        .divideByOperand()
                        .tanh();
        try (Scope scope = Scope.open()) {
            Tensor x = values(Shape.of(n));
            Tensor b = values(Shape.of(n));
            Tensor c = values(Shape.of(n));
            Tensor expected = x.multiply(0.7f).add(b).gelu().divide(c).tanh();
            for (int threads = 1; threads <= 2; threads++) {
                try (var _ = Workers.using(threads)) {
                    checkBits(chain.apply(x, b, c), expected);
                    checkBits(chain.apply(x, new Tensor[] {b, c}), expected);
                    Tensor wide = scope.zeros(Shape.of(n, 2));
                    checkBits(chain.applyInto(x, b, c, wide.select(1, 1)), expected);
                    checkBits(wide.select(1, 0), scope.zeros(Shape.of(n)));
                    for (int place = 0; place < 3; place++) {
                        Tensor[] all = {x.copy(), b.copy(), c.copy()};
                        chain.applyInto(all[0], all[1], all[2], all[place]);
                        checkBits(all[place], expected);
                    }
                }
            }
        }
    }

    /** Rows shorter than a block, as long, longer; scalars; operands that must be expanded. */
    @Test
    void operandsBroadcast() {
        ElementwiseChain chain =
                ElementwiseChain.identity().subtractFromOperand().exp().multiplyByOperand();
        long[][] rows = {
            {7000, 10}, {9, 2048}, {9, 4095}, {9, 4096}, {9, 4097}, {40, 1}, {1, 30}, {3, 50_000}
        };
        try (Scope _ = Scope.open()) {
            for (long[] size : rows) {
                Tensor x = values(Shape.of(size[0], 1, size[1]));
                for (Shape shape :
                        List.of(
                                Shape.of(size[1]),
                                Shape.of(1, size[1]),
                                Shape.of(),
                                Shape.of(1, 1, 1),
                                Shape.of(size[0], 1, 1),
                                x.shape())) {
                    Tensor b = values(shape);
                    Tensor c = values(Shape.of(size[1]));
                    Tensor expected = b.subtract(x).exp().multiply(c);
                    checkBits(chain.apply(x, b, c), expected);
                    try (var _ = Workers.using(2)) {
                        checkBits(chain.apply(x, b, c), expected);
                    }
                }
            }
        }
    }

    @Test
    void withoutStepsItCopies() {
        try (Scope _ = Scope.open()) {
            Tensor x = values(Shape.of(3, 1000));
            Tensor y = ElementwiseChain.identity().apply(x);
            assertThat(y.sharesMemoryWith(x)).isFalse();
            checkBits(y, x);
            checkBits(ElementwiseChain.identity().applyInto(x, x), y);
            checkBits(ElementwiseChain.identity().apply(x.transpose()), x.transpose());
        }
    }

    @Test
    void aLongerChainLeavesTheShorterOneAsItWas() {
        ElementwiseChain doubled = ElementwiseChain.identity().multiply(2);
        ElementwiseChain longer = doubled.addOperand();
        assertThat(doubled).hasToString("ElementwiseChain [multiply(2.0)]");
        assertThat(longer.clamp(-1, 1))
                .hasToString("ElementwiseChain [multiply(2.0), addOperand, clamp(-1.0, 1.0)]");
        try (Scope scope = Scope.open()) {
            Tensor x = scope.of(1, 2);
            assertThat(doubled.apply(x).toArray()).containsExactly(2, 4);
            assertThat(longer.apply(x, x).toArray()).containsExactly(3, 6);
        }
    }

    @Test
    void threadsShareAChain() {
        List<CompletableFuture<Void>> runs = new ArrayList<>();
        for (int thread = 0; thread < 3; thread++) {
            float value = thread;
            runs.add(
                    CompletableFuture.runAsync(
                            () -> {
                                try (Scope scope = Scope.open();
                                        var _ = Workers.using(2)) {
                                    Tensor x = scope.full(Shape.of(70, 1000), value);
                                    Tensor row = scope.full(Shape.of(1000), value + 1);
                                    Tensor expected = x.multiply(0.5f).add(1).sigmoid();
                                    Elementwise.multiply(expected, row, expected);
                                    Tensor out = scope.empty(x.shape());
                                    for (int i = 0; i < 30; i++) {
                                        out.fill(Float.NaN);
                                        checkBits(GATE.applyInto(x, row, out), expected);
                                    }
                                }
                            }));
        }
        runs.forEach(CompletableFuture::join);
    }

    @Test
    void badInputIsRefusedAndLeavesTheChainFitForUse() {
        String name = "ElementwiseChain.apply: ";
        try (Scope scope = Scope.open()) {
            Tensor x = scope.ones(Shape.of(4, 3));
            Tensor row = scope.ones(Shape.of(3));
            assertThatThrownBy(() -> GATE.apply(x))
                    .isInstanceOf(ArgumentException.class)
                    .hasMessage(
                            name
                                    + "the steps [multiply(0.5), add(1.0), sigmoid,"
                                    + " multiplyByOperand] take operands: 1, got 0");
            assertThatThrownBy(() -> GATE.apply(x, row, row))
                    .isInstanceOf(ArgumentException.class)
                    .hasMessageEndingWith("take operands: 1, got 2");
            for (Shape shape : List.of(Shape.of(4), Shape.of(1, 4, 3), Shape.of(2, 3))) {
                assertThatThrownBy(() -> GATE.apply(x, scope.ones(shape)))
                        .isInstanceOf(ShapeException.class)
                        .hasMessage(
                                name
                                        + "operand 1, "
                                        + shape
                                        + ", does not broadcast to x, [4, 3], whose shape the"
                                        + " result has; reshape the operand, or expand x");
            }
            assertThatThrownBy(() -> GATE.applyInto(x, row, scope.ones(Shape.of(3, 4))))
                    .isInstanceOf(ShapeException.class)
                    .hasMessage(name + "out must be [4, 3], got [3, 4]");
            assertThatThrownBy(() -> GATE.apply(x.toInt(), row))
                    .isInstanceOf(ArgumentException.class)
                    .hasMessageStartingWith(name + "x must be float32");
            assertThatThrownBy(() -> GATE.apply(x, row.toInt()))
                    .isInstanceOf(ArgumentException.class)
                    .hasMessageStartingWith(name + "operand 1 must be float32");
            assertThatThrownBy(() -> GATE.applyInto(x, row, x.toInt()))
                    .isInstanceOf(ArgumentException.class)
                    .hasMessageStartingWith(name + "out must be");
            assertThatThrownBy(() -> GATE.applyInto(x, row, row.expand(x.shape())))
                    .isInstanceOf(ArgumentException.class)
                    .hasMessageContaining("its elements repeat");
            assertThatThrownBy(() -> ElementwiseChain.identity().clamp(1, -1))
                    .isInstanceOf(ArgumentException.class)
                    .hasMessage("clamp: low must not be above high, got 1.0 and -1.0");
            checkBits(GATE.apply(x, row), x.multiply(0.5f).add(1).sigmoid());
        }
    }

    @Test
    void anOutputThatOverlapsIsRefused() {
        String name = "ElementwiseChain.apply: out shares memory with ";
        try (Scope scope = Scope.open()) {
            Tensor five = scope.ones(Shape.of(5, 3));
            Tensor upper = five.slice(0, 0, 4);
            Tensor lower = five.slice(0, 1, 5);
            Tensor row = scope.ones(Shape.of(3));
            assertThatThrownBy(() -> GATE.applyInto(upper, row, lower))
                    .isInstanceOf(ArgumentException.class)
                    .hasMessageStartingWith(name + "x;");
            // The first two inputs are the output, the third one overlaps it.
            assertThatThrownBy(
                            () ->
                                    GATE.addOperand()
                                            .applyInto(upper, upper, five.select(0, 3), upper))
                    .isInstanceOf(ArgumentException.class)
                    .hasMessageStartingWith(name + "operand 2;");
            assertThat(five.toArray()).containsOnly(1);
        }
    }

    @Test
    void closedScopesAreTold() {
        try (Scope scope = Scope.open()) {
            Tensor x = scope.ones(Shape.of(3));
            Tensor gone;
            try (Scope inner = Scope.open()) {
                gone = inner.ones(Shape.of(3));
            }
            assertThatThrownBy(() -> GATE.applyInto(x, gone, x))
                    .isInstanceOf(ScopeException.class)
                    .hasMessageStartingWith("ElementwiseChain.apply: ");
            assertThat(x.toArray()).containsOnly(1);
        }
    }
}
