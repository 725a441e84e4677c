package dev.lanewise.core;

import static dev.lanewise.core.ElementwiseLoops.with;
import static dev.lanewise.core.Operands.KERNELS;

import dev.lanewise.core.ChainRun.Step;
import dev.lanewise.core.ElementwiseLoops.Binary;
import dev.lanewise.core.ElementwiseLoops.BinaryKernel;
import dev.lanewise.core.ElementwiseLoops.ScalarKernel;
import dev.lanewise.core.ElementwiseLoops.UnaryKernel;

import java.util.Arrays;

/**
 * Elementwise operations one after another in one pass over memory: a sequence of steps on a
 * running value v, put together once and applied to any number of tensors.
 *
 * <pre>{@code
 * static final ElementwiseChain GATE =
 *         ElementwiseChain.identity().multiply(0.5f).add(1).sigmoid().multiplyByOperand();
 *
 * Tensor y = GATE.apply(x, z); // sigmoid(x · 0.5 + 1) · z
 * GATE.applyInto(x, z, y);
 * }</pre>
 *
 * <p>v begins as x; each step has the formula, and the bits, of the operation of its name in {@link
 * Elementwise}, {@link Transcendentals} and {@link Activations}. All steps are done on a block that
 * stays in the cache, then on the next one; so a chain reads x and its operands once from memory
 * and writes the result once, however many steps it has. It pays where tensors are larger than the
 * caches; where they are not, single operations are as fast.
 *
 * <p>Steps with an <em>operand</em> take it when the chain is applied, in their order. An operand
 * broadcasts to the shape of x, which is that of the result. A row [C] over x: [..., C], a scalar,
 * or anything else that lies over x end to end again and again, is used as it is; of an operand
 * that broadcasts otherwise, as [N, 1] over [N, C], and of a tensor that isn't contiguous, a copy
 * is made in pooled memory.
 *
 * <p>Tensors are float32. {@code out} may be x or an operand itself, but shares no memory with them
 * otherwise. Chains are immutable and hold no tensors: several threads may apply one at a time.
 * They work on the caller's {@link Workers} threads, to the same bits whatever their number. {@code
 * applyInto} makes no Java objects on one thread for contiguous tensors that are used as they are.
 *
 * <p>Each form of {@code apply} throws a {@link ShapeException} if an operand does not broadcast to
 * x or out has another shape, an {@link ArgumentException} if the number of operands is not {@link
 * #operands}, a tensor is not float32 or out overlaps another one, and a {@link ScopeException} if
 * the scope of a tensor is closed.
 */
public final class ElementwiseChain {
    private static final Step[] COPY = {new Step.Function("copy", KERNELS.data()::copy)};
    private static final ElementwiseChain IDENTITY = new ElementwiseChain(new Step[0], 0);

    private final Step[] steps;
    private final int operands;

    private ElementwiseChain(Step[] steps, int operands) {
        this.steps = steps;
        this.operands = operands;
    }

    /** The chain without steps, to which they are added: y = x. */
    public static ElementwiseChain identity() {
        return IDENTITY;
    }

    /** How many operands {@code apply} takes beside x. */
    public int operands() {
        return operands;
    }

    /** The steps in order: {@code ElementwiseChain [multiply(2.0), sigmoid, addOperand]}. */
    @Override
    public String toString() {
        return "ElementwiseChain " + ChainRun.text(steps);
    }

    // ---- applying it ----

    /** A new tensor with the steps done on x, in the current scope. */
    public Tensor apply(Tensor x) {
        return applyInto(x, null);
    }

    /** A new tensor with the steps done on x, with one operand. */
    public Tensor apply(Tensor x, Tensor operand) {
        return applyInto(x, operand, null);
    }

    /** A new tensor with the steps done on x, with two operands in the order of their steps. */
    public Tensor apply(Tensor x, Tensor first, Tensor second) {
        return applyInto(x, first, second, null);
    }

    /** A new tensor with the steps done on x, with operands in the order of their steps. */
    public Tensor apply(Tensor x, Tensor[] operands) {
        return applyInto(x, operands, null);
    }

    /** out = the steps done on x; out may be x. Returns out. */
    public Tensor applyInto(Tensor x, Tensor out) {
        try (ChainRun run = run()) {
            return run.apply(x, out);
        }
    }

    /** out = the steps done on x, with one operand; out may be x or it. Returns out. */
    public Tensor applyInto(Tensor x, Tensor operand, Tensor out) {
        try (ChainRun run = run()) {
            return run.operand(operand).apply(x, out);
        }
    }

    /**
     * out = the steps done on x, with two operands in the order of their steps; out may be x or one
     * of them. Returns out.
     */
    public Tensor applyInto(Tensor x, Tensor first, Tensor second, Tensor out) {
        try (ChainRun run = run()) {
            return run.operand(first).operand(second).apply(x, out);
        }
    }

    /**
     * out = the steps done on x, with operands in the order of their steps; out may be x or one of
     * them. Returns out.
     */
    public Tensor applyInto(Tensor x, Tensor[] operands, Tensor out) {
        try (ChainRun run = run()) {
            for (Tensor operand : operands) {
                run.operand(operand);
            }
            return run.apply(x, out);
        }
    }

    private ChainRun run() {
        return ChainRun.of(steps.length > 0 ? steps : COPY);
    }

    private ElementwiseChain then(Step step, int newOperands) {
        Step[] more = Arrays.copyOf(steps, steps.length + 1);
        more[steps.length] = step;
        return new ElementwiseChain(more, operands + newOperands);
    }

    private ElementwiseChain function(String name, UnaryKernel kernel) {
        return then(new Step.Function(name, kernel), 0);
    }

    private ElementwiseChain withNumber(String name, ScalarKernel kernel, float s) {
        return function(name + "(" + s + ")", with(kernel, s));
    }

    private ElementwiseChain withOperand(String name, BinaryKernel kernel) {
        return then(new Step.Combination(name, kernel), 1);
    }

    /** The operation with the operand on the left. */
    private ElementwiseChain withLeftOperand(String name, Binary operation) {
        BinaryKernel kernel = operation.kernel();
        return withOperand(
                name,
                (v, vOffset, b, bOffset, n, out, outOffset) ->
                        kernel.run(b, bOffset, v, vOffset, n, out, outOffset));
    }

    // ---- steps with a number ----

    /** v + s. */
    public ElementwiseChain add(float s) {
        return withNumber("add", Elementwise.ADD.rightScalar(), s);
    }

    /** v − s. */
    public ElementwiseChain subtract(float s) {
        return withNumber("subtract", Elementwise.SUBTRACT.rightScalar(), s);
    }

    /** s − v. */
    public ElementwiseChain subtractFrom(float s) {
        return withNumber("subtractFrom", Elementwise.SUBTRACT.leftScalar(), s);
    }

    /** v · s. */
    public ElementwiseChain multiply(float s) {
        return withNumber("multiply", Elementwise.MULTIPLY.rightScalar(), s);
    }

    /** v / s. */
    public ElementwiseChain divide(float s) {
        return withNumber("divide", Elementwise.DIVIDE.rightScalar(), s);
    }

    /** s / v. */
    public ElementwiseChain divideInto(float s) {
        return withNumber("divideInto", Elementwise.DIVIDE.leftScalar(), s);
    }

    /** max(v, s). */
    public ElementwiseChain maximum(float s) {
        return withNumber("maximum", Elementwise.MAXIMUM.rightScalar(), s);
    }

    /** min(v, s). */
    public ElementwiseChain minimum(float s) {
        return withNumber("minimum", Elementwise.MINIMUM.rightScalar(), s);
    }

    /**
     * min(max(v, low), high); NaN stays NaN.
     *
     * @throws ArgumentException if low is above high, or either is NaN
     */
    public ElementwiseChain clamp(float low, float high) {
        return function("clamp(" + low + ", " + high + ")", Elementwise.clamping(low, high));
    }

    /** vˢ. */
    public ElementwiseChain pow(float s) {
        return withNumber("pow", Transcendentals.POW.rightScalar(), s);
    }

    /** v if v &gt; 0, else slope · v. */
    public ElementwiseChain leakyRelu(float slope) {
        return withNumber("leakyRelu", Activations.LEAKY_RELU, slope);
    }

    /** v if v &gt; 0, else alpha · (eᵛ − 1). */
    public ElementwiseChain elu(float alpha) {
        return withNumber("elu", Activations.ELU, alpha);
    }

    // ---- steps with an operand b, given when the chain is applied ----

    /** v + b. */
    public ElementwiseChain addOperand() {
        return withOperand("addOperand", Elementwise.ADD.kernel());
    }

    /** v − b. */
    public ElementwiseChain subtractOperand() {
        return withOperand("subtractOperand", Elementwise.SUBTRACT.kernel());
    }

    /** b − v. */
    public ElementwiseChain subtractFromOperand() {
        return withLeftOperand("subtractFromOperand", Elementwise.SUBTRACT);
    }

    /** v · b. */
    public ElementwiseChain multiplyByOperand() {
        return withOperand("multiplyByOperand", Elementwise.MULTIPLY.kernel());
    }

    /** v / b. */
    public ElementwiseChain divideByOperand() {
        return withOperand("divideByOperand", Elementwise.DIVIDE.kernel());
    }

    /** b / v. */
    public ElementwiseChain divideIntoOperand() {
        return withLeftOperand("divideIntoOperand", Elementwise.DIVIDE);
    }

    /** max(v, b). */
    public ElementwiseChain maximumWithOperand() {
        return withOperand("maximumWithOperand", Elementwise.MAXIMUM.kernel());
    }

    /** min(v, b). */
    public ElementwiseChain minimumWithOperand() {
        return withOperand("minimumWithOperand", Elementwise.MINIMUM.kernel());
    }

    /** vᵇ. */
    public ElementwiseChain powOperand() {
        return withOperand("powOperand", Transcendentals.POW.kernel());
    }

    // ---- functions ----

    /** −v. */
    public ElementwiseChain negate() {
        return function("negate", Elementwise.NEGATE);
    }

    /** |v|. */
    public ElementwiseChain abs() {
        return function("abs", Elementwise.ABS);
    }

    /** −1, 1, or v itself where it is ±0 or NaN. */
    public ElementwiseChain sign() {
        return function("sign", Elementwise.SIGN);
    }

    /** v². */
    public ElementwiseChain square() {
        return function("square", Elementwise.SQUARE);
    }

    /** 1 / v. */
    public ElementwiseChain reciprocal() {
        return function("reciprocal", Elementwise.RECIPROCAL);
    }

    /** eᵛ. */
    public ElementwiseChain exp() {
        return function("exp", Transcendentals.EXP);
    }

    /** eᵛ − 1, accurate near 0. */
    public ElementwiseChain expm1() {
        return function("expm1", Transcendentals.EXPM1);
    }

    /** ln v; NaN for v &lt; 0. */
    public ElementwiseChain log() {
        return function("log", Transcendentals.LOG);
    }

    /** ln(1 + v), accurate near 0. */
    public ElementwiseChain log1p() {
        return function("log1p", Transcendentals.LOG1P);
    }

    /** tanh v. */
    public ElementwiseChain tanh() {
        return function("tanh", Transcendentals.TANH);
    }

    /** 1 / (1 + e⁻ᵛ). */
    public ElementwiseChain sigmoid() {
        return function("sigmoid", Transcendentals.SIGMOID);
    }

    /** erf v = 2/√π ∫₀ᵛ e^(−t²) dt. */
    public ElementwiseChain erf() {
        return function("erf", Transcendentals.ERF);
    }

    /** 1 − erf v, accurate where erf v is near 1. */
    public ElementwiseChain erfc() {
        return function("erfc", Transcendentals.ERFC);
    }

    /** sin v, v in radians. */
    public ElementwiseChain sin() {
        return function("sin", Transcendentals.SIN);
    }

    /** cos v, v in radians. */
    public ElementwiseChain cos() {
        return function("cos", Transcendentals.COS);
    }

    /** √v; NaN for v &lt; 0. */
    public ElementwiseChain sqrt() {
        return function("sqrt", Transcendentals.SQRT);
    }

    /** 1 / √v. */
    public ElementwiseChain rsqrt() {
        return function("rsqrt", Transcendentals.RSQRT);
    }

    /** max(v, 0). */
    public ElementwiseChain relu() {
        return function("relu", Activations.RELU);
    }

    /** λ · (v if v &gt; 0, else α · (eᵛ − 1)). */
    public ElementwiseChain selu() {
        return function("selu", Activations.SELU);
    }

    /** v · Φ(v), the erf form. */
    public ElementwiseChain gelu() {
        return function("gelu", Activations.GELU);
    }

    /** v/2 · (1 + tanh(√(2/π) · (v + 0.044715·v³))). */
    public ElementwiseChain geluTanh() {
        return function("geluTanh", Activations.GELU_TANH);
    }

    /** v · sigmoid(v). */
    public ElementwiseChain silu() {
        return function("silu", Activations.SILU);
    }

    /** ln(1 + eᵛ). */
    public ElementwiseChain softplus() {
        return function("softplus", Activations.SOFTPLUS);
    }

    /** min(max(v, −1), 1). */
    public ElementwiseChain hardTanh() {
        return function("hardTanh", Activations.HARD_TANH);
    }

    /** min(max(v/6 + 1/2, 0), 1). */
    public ElementwiseChain hardSigmoid() {
        return function("hardSigmoid", Activations.HARD_SIGMOID);
    }

    /** v · hardSigmoid(v). */
    public ElementwiseChain hardSwish() {
        return function("hardSwish", Activations.HARD_SWISH);
    }

    /** 1 if v ≥ 0, else 0. */
    public ElementwiseChain heaviside() {
        return function("heaviside", Activations.HEAVISIDE);
    }
}
